/* The JVM's files where an ordinary user can read them, and that user. */
#ifndef HARNESS_JAVA_FILES_H
#define HARNESS_JAVA_FILES_H

#include <check.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "java.h"

enum { NOBODY = 65534 };

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

static inline void become_ordinary(void) {
  if (geteuid() != 0)
    return;
  ck_assert_int_eq(setgroups(0, NULL), 0);
  ck_assert_int_eq(setresgid(NOBODY, NOBODY, NOBODY), 0);
  ck_assert_int_eq(setresuid(NOBODY, NOBODY, NOBODY), 0);
  /* A change of user hides /proc/self from the process itself; a program started by that user
   * does not have this. */
  ck_assert_int_eq(prctl(PR_SET_DUMPABLE, 1), 0);
}

#endif
