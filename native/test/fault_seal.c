/* Every system call of sealing failed in turn: an error with its cause, and no descriptor stays. */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include "main.h"
#include "support.h"

typedef enum call { NONE, MEMFD, FSTAT, SENDFILE, CUT, SEAL, REOPEN } call;
static call failing;
static int failures;

static bool fails(call which) {
  if (failing != which)
    return false;
  failures++;
  errno = EIO;
  return true;
}

int __real_memfd_create(const char *name, unsigned flags);
int __wrap_memfd_create(const char *name, unsigned flags) {
  return fails(MEMFD) ? -1 : __real_memfd_create(name, flags);
}

int __real_fstat(int fd, struct stat *out);
int __wrap_fstat(int fd, struct stat *out) {
  return fails(FSTAT) ? -1 : __real_fstat(fd, out);
}

ssize_t __real_sendfile(int to, int from, off_t *at, size_t size);
ssize_t __wrap_sendfile(int to, int from, off_t *at, size_t size) {
  if (fails(SENDFILE))
    return -1;
  if (failing == CUT) { /* the end, half way: an interruption, half of the bytes, then nothing */
    failures++;
    if (failures == 1) {
      errno = EINTR;
      return -1;
    }
    return failures == 2 ? __real_sendfile(to, from, at, size / 2) : 0;
  }
  return __real_sendfile(to, from, at, size);
}

int __real_fcntl(int fd, int command, ...);
int __wrap_fcntl(int fd, int command, ...) {
  va_list list;
  va_start(list, command);
  const int argument = va_arg(list, int);
  va_end(list);
  return command == F_ADD_SEALS && fails(SEAL) ? -1 : __real_fcntl(fd, command, argument);
}

int __real_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...) {
  if (strncmp(path, "/proc/self/fd/", 14) == 0 && fails(REOPEN))
    return -1;
  return __real_open(path, flags, 0600);
}

START_TEST(each_call_that_fails_is_an_error_and_leaves_no_descriptor) {
  static const struct {
    call which;
    ztc_status status;
    const char *word;
  } cases[] = {{MEMFD, ZTC_IO, "create sealed memory"},
               {FSTAT, ZTC_IO, "examine"},
               {SENDFILE, ZTC_IO, "copy"},
               {CUT, ZTC_TRUNCATED, "bytes are missing"},
               {SEAL, ZTC_IO, "seal"},
               {REOPEN, ZTC_IO, "read-only"}};
  publish_sample(test_path("sample.ztc"));
  const int before = open_descriptors();
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    failing = cases[i].which;
    failures = 0;
    int fd = 7;
    ztc_error error = {.status = ZTC_OK};
    const ztc_status status = ztc_region_seal(test_path("sample.ztc"), &fd, &error);
    failing = NONE;
    ck_assert_int_gt(failures, 0);
    ck_assert_int_eq(status, cases[i].status);
    ck_assert_int_eq(error.status, status);
    ck_assert_int_eq(fd, -1);
    ck_assert_msg(strstr(error.message, cases[i].word) != NULL, "'%s' lacks '%s'", error.message,
                  cases[i].word);
    ck_assert_int_eq(open_descriptors(), before);
  }
}
END_TEST

static void fill(TCase *tests) {
  tcase_add_test(tests, each_call_that_fails_is_an_error_and_leaves_no_descriptor);
}
ZTC_TEST_MAIN("sealing without the kernel's help", fill)
