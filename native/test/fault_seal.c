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

typedef enum call { NONE, MEMFD, FSTAT, READ, CUT_HEAD, SENDFILE, CUT, SEAL, REOPEN } call;
static call failing;
static int failures;

static int memories;

static bool fails(call which) {
  if (failing != which)
    return false;
  failures++;
  errno = EIO;
  return true;
}

int __real_memfd_create(const char *name, unsigned flags);
int __wrap_memfd_create(const char *name, unsigned flags) {
  memories++;
  return fails(MEMFD) ? -1 : __real_memfd_create(name, flags);
}

int __real_fstat(int fd, struct stat *out);
int __wrap_fstat(int fd, struct stat *out) {
  return fails(FSTAT) ? -1 : __real_fstat(fd, out);
}

ssize_t __real_pread(int fd, void *to, size_t size, off_t at);
ssize_t __wrap_pread(int fd, void *to, size_t size, off_t at) {
  if (fails(READ))
    return -1;
  if (failing != CUT_HEAD)
    return __real_pread(fd, to, size, at);
  failures++; /* an interruption, half of the bytes, then the end */
  if (failures == 1) {
    errno = EINTR;
    return -1;
  }
  return failures == 2 ? __real_pread(fd, to, size / 2, at) : 0;
}

ssize_t __real_sendfile(int to, int from, off_t *at, size_t size);
ssize_t __wrap_sendfile(int to, int from, off_t *at, size_t size) {
  if (fails(SENDFILE))
    return -1;
  if (failing == CUT) { /* likewise */
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
               {READ, ZTC_IO, "cannot read"},
               {CUT_HEAD, ZTC_TRUNCATED, "bytes are missing"},
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

/* A file of holes takes no disk, but its copy would take memory. */
START_TEST(what_is_no_region_takes_no_memory) {
  const char *path = test_path("holes");
  const int file = open(path, O_CREAT | O_WRONLY, 0600);
  ck_assert_int_eq(ftruncate(file, (off_t)1 << 20), 0);
  close(file);
  memories = 0;
  int fd;
  ztc_region *region;
  ck_assert_status(ztc_region_seal(path, &fd, NULL), ZTC_NOT_A_REGION);
  ck_assert_status(ztc_region_open(path, ZTC_OPEN_SEALED, &region, NULL), ZTC_NOT_A_REGION);
  ck_assert_int_eq(memories, 0);
}
END_TEST

static void fill(TCase *tests) {
  tcase_add_test(tests, what_is_no_region_takes_no_memory);
  tcase_add_test(tests, each_call_that_fails_is_an_error_and_leaves_no_descriptor);
}
ZTC_TEST_MAIN("sealing without the kernel's help", fill)
