/* An ordinary user, and programs where that user can run them. */
#ifndef HARNESS_USER_H
#define HARNESS_USER_H

#include <check.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/types.h>
#include <unistd.h>

enum { NOBODY = 65534 };

/* The folder for scratch files may be one that only root can use. */
static inline void leave_folder_of_others(void) {
  const char *scratch = getenv("TMPDIR");
  if (scratch != NULL && access(scratch, R_OK | W_OK | X_OK) != 0)
    unsetenv("TMPDIR");
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
  leave_folder_of_others();
}

/* An ordinary user may not be able to enter the build's folder: makes another one, after a template
 * for mkdtemp, with this program in it as `pool` and the library that it loads. */
static inline void copy_self(char *folder) {
  char self[512];
  char command[2048];
  ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
  ck_assert_int_gt((int)n, 0);
  self[n] = '\0';
  ck_assert_ptr_nonnull(mkdtemp(folder));
  snprintf(command, sizeof command,
           "cp '%s' %s/pool && cp -L '%s' %s/libztc.so.0 && chmod -R a+rX %s", self, folder,
           PD_LIBRARY, folder, folder);
  ck_assert_int_eq(system(command), 0);
}

static inline void remove_copies(const char *folder) {
  char command[128];
  snprintf(command, sizeof command, "rm -rf %s", folder);
  ck_assert_int_eq(system(command), 0);
}

#endif
