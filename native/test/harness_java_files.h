/* The JVM's files where an ordinary user can read them. */
#ifndef HARNESS_JAVA_FILES_H
#define HARNESS_JAVA_FILES_H

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "java.h"

static char java_folder[] = "/var/tmp/harness-java-XXXXXX";
static struct pd_java java;

static inline void copy_java_files(void) {
  char command[2048];
  char files[64];
  struct pd_error error = {""};
  ck_assert_ptr_nonnull(mkdtemp(java_folder));
  snprintf(command, sizeof command, "cp -RL '%s/.' %s && chmod -R a+rX %s", PD_JAVA_FOLDER,
           java_folder, java_folder);
  ck_assert_int_eq(system(command), 0);
  snprintf(files, sizeof files, "%s", java_folder);
  ck_assert_msg(pd_java_find(&java, NULL, files, &error), "%s", error.text);
}

static inline void remove_java_files(void) {
  char command[128];
  snprintf(command, sizeof command, "rm -rf %s", java_folder);
  ck_assert_int_eq(system(command), 0);
}

#endif
