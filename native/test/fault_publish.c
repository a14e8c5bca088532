/*
 * Publishing when system calls fail, do half of what was asked, or are the last thing the process
 * does: afterwards the path holds the old region or the new one, whole, and nothing stays behind.
 * The calls of the library go through the __wrap_ functions below, which count them.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "main.h"
#include "support.h"

enum call {
  CALL_OPEN,
  CALL_OPENAT,
  CALL_READ,
  CALL_WRITE,
  CALL_PWRITE,
  CALL_FSYNC,
  CALL_RENAME,
  CALL_FSTAT,
  CALL_FSTATAT,
  CALL_FLOCK,
  CALL_UNLINK,
  CALL_CLOSE,
  CALL_CHMOD,
  CALL_CHOWN,
  CALL_MMAP,
  CALL_MUNMAP,
  CALL_FDOPENDIR,
  CALL_RANDOM,
  CALL_WRITE_BACK
};
static const char *const call_names[] = {
    "open",  "openat",  "pread",     "write",     "pwrite",         "fsync",  "rename",
    "fstat", "fstatat", "flock",     "unlink",    "close",          "fchmod", "fchown",
    "mmap",  "munmap",  "fdopendir", "getrandom", "sync_file_range"};

enum { MOST_CALLS = 4096 };
enum mode { COUNT, FAIL, SHORT, NOTHING, KILL };

static struct {
  bool armed;
  enum mode mode;
  int victim; /* number of the call that suffers */
  int error;
  int count;
  bool half;              /* every transfer does half of what is asked */
  bool no_nameless;       /* the file system cannot make files without a name */
  bool opened_for_others; /* a file with a name was one that others could open */
  uint8_t calls[MOST_CALLS];
  int descriptors[MOST_CALLS];
} faults;

/* Counts a call. True: it must fail, with errno set. */
static bool strike(enum call call, int fd) {
  if (!faults.armed)
    return false;
  const int number = faults.count++;
  if (number < MOST_CALLS) {
    faults.calls[number] = (uint8_t)call;
    faults.descriptors[number] = fd;
  }
  if (number != faults.victim)
    return false;
  if (faults.mode == KILL) {
    raise(SIGKILL);
  }
  errno = faults.error;
  return faults.mode == FAIL;
}

/* What a transfer of `size` bytes does. */
static size_t portion(size_t size) {
  if (!faults.armed || size == 0)
    return size;
  if (faults.half)
    return (size + 1) / 2;
  if (faults.count - 1 != faults.victim)
    return size;
  if (faults.mode == SHORT)
    return (size + 1) / 2;
  return faults.mode == NOTHING ? 0 : size;
}

#define WRAP(result, name, parameters)                                                             \
  result __real_##name parameters;                                                                 \
  result __wrap_##name parameters;                                                                 \
  result __wrap_##name parameters

int __real_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...);
int __real_openat(int fd, const char *path, int flags, ...);
int __wrap_openat(int fd, const char *path, int flags, ...);

static mode_t mode_of(int flags, va_list arguments) {
  const bool given = (flags & O_CREAT) != 0 || (flags & O_TMPFILE) == O_TMPFILE;
  return given ? (mode_t)va_arg(arguments, unsigned) : 0;
}

int __wrap_open(const char *path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = mode_of(flags, arguments);
  va_end(arguments);
  return strike(CALL_OPEN, -1) ? -1 : __real_open(path, flags, mode);
}

int __wrap_openat(int fd, const char *path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = mode_of(flags, arguments);
  va_end(arguments);
  if (strike(CALL_OPENAT, fd))
    return -1;
  if (faults.no_nameless && (flags & O_TMPFILE) == O_TMPFILE) {
    errno = EOPNOTSUPP;
    return -1;
  }
  faults.opened_for_others |= (flags & O_CREAT) != 0 && (mode & 077) != 0;
  return __real_openat(fd, path, flags, mode);
}

WRAP(ssize_t, pread, (int fd, void *data, size_t size, off_t at)) {
  return strike(CALL_READ, fd) ? -1 : __real_pread(fd, data, portion(size), at);
}
/* Where whole blocks go. */
enum { BLOCK = 2 << 20 };
static struct {
  int fd; /* the file that has got one, -1 before */
  int blocks;
  bool astray; /* one of its writes began elsewhere than where a block does */
} blocks = {.fd = -1};

static void note_block(int fd, size_t size) {
  const off_t at = lseek(fd, 0, SEEK_CUR);
  if (size >= BLOCK)
    blocks.fd = fd;
  if (fd != blocks.fd)
    return;
  blocks.blocks += (int)(size / BLOCK);
  blocks.astray |= at % BLOCK != 0;
}

WRAP(ssize_t, write, (int fd, const void *data, size_t size)) {
  note_block(fd, size);
  return strike(CALL_WRITE, fd) ? -1 : __real_write(fd, data, portion(size));
}
WRAP(ssize_t, pwrite, (int fd, const void *data, size_t size, off_t at)) {
  return strike(CALL_PWRITE, fd) ? -1 : __real_pwrite(fd, data, portion(size), at);
}
/* The disk is not what is tested. */
WRAP(int, fsync, (int fd)) {
  return strike(CALL_FSYNC, fd) ? -1 : 0;
}
WRAP(int, renameat, (int from, const char *name, int to, const char *other)) {
  return strike(CALL_RENAME, from) ? -1 : __real_renameat(from, name, to, other);
}
WRAP(int, fstat, (int fd, struct stat *status)) {
  return strike(CALL_FSTAT, fd) ? -1 : __real_fstat(fd, status);
}
WRAP(int, fstatat, (int fd, const char *name, struct stat *status, int flags)) {
  return strike(CALL_FSTATAT, fd) ? -1 : __real_fstatat(fd, name, status, flags);
}
WRAP(int, flock, (int fd, int operation)) {
  return strike(CALL_FLOCK, fd) ? -1 : __real_flock(fd, operation);
}
WRAP(int, unlinkat, (int fd, const char *name, int flags)) {
  return strike(CALL_UNLINK, fd) ? -1 : __real_unlinkat(fd, name, flags);
}
WRAP(int, close, (int fd)) {
  const bool failed = strike(CALL_CLOSE, fd); /* closes all the same, as Linux does */
  const int result = __real_close(fd);
  return failed ? -1 : result;
}
WRAP(int, fchmod, (int fd, mode_t mode)) {
  return strike(CALL_CHMOD, fd) ? -1 : __real_fchmod(fd, mode);
}
WRAP(int, fchown, (int fd, uid_t owner, gid_t group)) {
  return strike(CALL_CHOWN, fd) ? -1 : __real_fchown(fd, owner, group);
}
/* What somebody else makes of the file as soon as it is mapped. */
static const char *cut_path;
static off_t cut_size;
WRAP(void *, mmap, (void *at, size_t size, int protection, int flags, int fd, off_t offset)) {
  if (strike(CALL_MMAP, fd))
    return MAP_FAILED;
  void *mapped = __real_mmap(at, size, protection, flags, fd, offset);
  if (cut_path != NULL && fd >= 0)
    ck_assert_int_eq(truncate(cut_path, cut_size), 0);
  return mapped;
}
WRAP(int, munmap, (void *at, size_t size)) {
  strike(CALL_MUNMAP, -1); /* cannot fail for what was mapped */
  return __real_munmap(at, size);
}
WRAP(DIR *, fdopendir, (int fd)) {
  return strike(CALL_FDOPENDIR, fd) ? NULL : __real_fdopendir(fd);
}
WRAP(ssize_t, getrandom, (void *data, size_t size, unsigned flags)) {
  return strike(CALL_RANDOM, -1) ? -1 : __real_getrandom(data, size, flags);
}
/* What it starts is not tested, but where. */
static off64_t write_back_end;
WRAP(int, sync_file_range, (int fd, off64_t from, off64_t size, unsigned flags)) {
  ck_assert_int_eq(from, write_back_end);
  ck_assert_int_eq(flags, SYNC_FILE_RANGE_WRITE);
  write_back_end = from + size;
  return strike(CALL_WRITE_BACK, fd) ? -1 : 0;
}

/* ------------------------------------------------------------------------------- publishing -- */

enum { OLD_RECORDS = 3, NEW_RECORDS = 2500, MOST_RECORDS = 40000 };

/* Enough records for several writes to each file, a shared node and keys with their side files. */
static ztc_status publish(const char *path, int records, ztc_error *error) {
  ck_assert_int_le(records, MOST_RECORDS);
  ztc_writer *w;
  uint32_t id;
  ztc_status status = ztc_writer_create(path, 0, &w, error);
  if (status != ZTC_OK)
    return status;
  status = ztc_writer_reserve_shared(w, &id);
  if (status == ZTC_OK)
    status = ztc_writer_begin_shared(w, id);
  if (status == ZTC_OK)
    status = ztc_writer_string(w, "a shared string", 15, ZTC_ASCII);
  if (status == ZTC_OK)
    status = ztc_writer_end_shared(w);
  for (int i = 0; i < records && status == ZTC_OK; i++) {
    char text[2048]; /* as long as the longest key of MOST_RECORDS */
    memset(text, 'a' + i % 26, sizeof text);
    status = ztc_writer_begin_list(w);
    if (status == ZTC_OK)
      status = ztc_writer_int(w, ZTC_TYPE_I32, i);
    if (status == ZTC_OK)
      status = ztc_writer_string(w, text, 200, ZTC_ASCII);
    if (status == ZTC_OK)
      status = ztc_writer_shared(w, id);
    if (status == ZTC_OK)
      status = ztc_writer_end(w);
    const ztc_key key = {.type = ZTC_KEY_BYTES, .data = text, .size = 100 + (uint64_t)i / 26};
    if (status == ZTC_OK)
      status = ztc_writer_record_key(w, &key);
    if (status == ZTC_OK)
      status = ztc_writer_end_record(w, NULL);
  }
  if (status != ZTC_OK) {
    ztc_writer_error(w, error);
    ztc_writer_abort(w);
    return status;
  }
  return ztc_writer_publish(w, error);
}

static char target[256];
static image old_image, new_image;

static void prepare(void) {
  ztc_error error;
  snprintf(target, sizeof target, "%s/target.ztc", test_directory());
  ck_assert_ztc(publish(target, NEW_RECORDS, &error));
  new_image = image_read(target);
  ck_assert_ztc(publish(target, OLD_RECORDS, &error));
  old_image = image_read(target);
}

static void finish(void) {
  image_free(&old_image);
  image_free(&new_image);
}

static bool target_is(const image *expected) {
  image found = image_read(target);
  const bool same =
      found.size == expected->size && memcmp(found.bytes, expected->bytes, found.size) == 0;
  image_free(&found);
  return same;
}

static int names_in(const char *directory) {
  DIR *d = opendir(directory);
  int count = 0;
  for (struct dirent *e; (e = readdir(d)) != NULL;)
    count += e->d_name[0] != '.' || e->d_name[1] > '.';
  closedir(d);
  return count;
}

static void arm(enum mode mode, int victim, int error_number) {
  faults.mode = mode;
  faults.victim = victim;
  faults.error = error_number;
  faults.count = 0;
  faults.armed = true;
}

/* A publish of the new region under this fault. */
static ztc_status suffer(enum mode mode, int victim, int error_number, ztc_error *error) {
  arm(mode, victim, error_number);
  const ztc_status status = publish(target, NEW_RECORDS, error);
  faults.armed = false;
  return status;
}

/* The old region again, by other means than those that are tested. Root gives it away, so that it
   takes calls to keep its owner. */
static void put_old(void) {
  image_write(&old_image, target);
  if (geteuid() == 0)
    ck_assert_int_eq(chown(target, 1234, 2345), 0);
}

static int count_calls(void) {
  ztc_error error;
  put_old();
  ck_assert_ztc(suffer(COUNT, -1, 0, &error));
  ck_assert(target_is(&new_image));
  ck_assert_ztc(publish(target, OLD_RECORDS, &error));
  return faults.count;
}

static void check_after(int victim, ztc_status status, const ztc_error *error, int descriptors) {
  const enum call call = faults.calls[victim];
  const char *name = call_names[call];
  if (status == ZTC_OK) {
    ck_assert_msg(target_is(&new_image), "%s, call %d: success without the region", name, victim);
  } else {
    ck_assert_msg(target_is(&old_image) || (call == CALL_FSYNC && target_is(&new_image)),
                  "%s, call %d: the old region is not as it was", name, victim);
    ck_assert_int_eq(error->status, status);
    /* ESTALE: the temporary file could not be compared with its name. */
    ck_assert_msg(error->system_errno == faults.error || error->system_errno == ESTALE ||
                      faults.mode != FAIL,
                  "%s, call %d: errno %d is not told, but %d: %s", name, victim, faults.error,
                  error->system_errno, error->message);
  }
  ck_assert_msg(names_in("/proc/self/fd") == descriptors, "%s, call %d: a descriptor leaks", name,
                victim);
  const int names = names_in(test_directory());
  ck_assert_msg(names == 1 || call == CALL_UNLINK, "%s, call %d: %d names are left", name, victim,
                names);
}

static void fail_each_call(int error_number) {
  prepare();
  const int calls = count_calls();
  const int descriptors = names_in("/proc/self/fd");
  ztc_error error;
  ck_assert_int_lt(calls, MOST_CALLS);
  int failed = 0;
  for (int victim = 0; victim < calls; victim++) {
    put_old();
    const ztc_status status = suffer(FAIL, victim, error_number, &error);
    failed += status != ZTC_OK;
    check_after(victim, status, &error, descriptors);
    if (faults.calls[victim] == CALL_UNLINK) { /* what stayed is swept */
      ck_assert_ztc(publish(target, OLD_RECORDS, &error));
      ck_assert_int_eq(names_in(test_directory()), 1);
    }
  }
  printf("%s: %d calls, %d publishes failed\n", strerror(error_number), calls, failed);
  ck_assert_int_gt(failed, 0);
  finish();
}

START_TEST(each_call_that_fails_leaves_the_old_region_or_the_new_one) {
  static const int errors[] = {EIO, ENOSPC, EMFILE, EACCES};
  fail_each_call(errors[_i]);
}
END_TEST

START_TEST(an_interrupted_transfer_is_no_error) {
  prepare();
  const int calls = count_calls();
  ztc_error error;
  for (int victim = 0; victim < calls; victim++) {
    put_old();
    const ztc_status status = suffer(FAIL, victim, EINTR, &error);
    const enum call call = faults.calls[victim];
    if (call == CALL_READ || call == CALL_WRITE || call == CALL_PWRITE) {
      ck_assert_msg(status == ZTC_OK, "%s: %s", call_names[call], error.message);
    }
    ck_assert(status == ZTC_OK ? target_is(&new_image)
                               : target_is(&old_image) || call == CALL_FSYNC);
  }
  finish();
}
END_TEST

START_TEST(a_transfer_may_do_half_of_what_is_asked) {
  prepare();
  ztc_error error;
  faults.half = true;
  const ztc_status status = suffer(COUNT, -1, 0, &error);
  faults.half = false;
  ck_assert_msg(status == ZTC_OK, "%s", error.message);
  ck_assert(target_is(&new_image));
  const int calls = count_calls();
  const int descriptors = names_in("/proc/self/fd");
  for (int victim = 0; victim < calls; victim++) {
    for (enum mode mode = SHORT; mode <= NOTHING; mode++) {
      const enum call call = faults.calls[victim];
      if (call != CALL_READ && call != CALL_WRITE && call != CALL_PWRITE)
        continue;
      put_old();
      const ztc_status half = suffer(mode, victim, 0, &error);
      ck_assert_msg(half == (mode == SHORT ? ZTC_OK : ZTC_IO), "%s", error.message);
      check_after(victim, half, &error, descriptors);
    }
  }
  finish();
}
END_TEST

START_TEST(a_publisher_killed_at_any_call_leaves_the_old_region_or_the_new_one) {
  prepare();
  const int calls = count_calls();
  int old = 0, new = 0, left = 0;
  ztc_error error;
  for (int victim = 0; victim < calls; victim++) {
    put_old();
    fflush(stdout);
    const pid_t child = fork();
    if (child == 0) {
      suffer(KILL, victim, 0, &error);
      _exit(0);
    }
    int status;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    const bool is_old = target_is(&old_image);
    ck_assert_msg(is_old || target_is(&new_image), "call %d: neither region", victim);
    old += is_old;
    new += !is_old;
    left += names_in(test_directory()) > 1;
    ck_assert_ztc(publish(target, OLD_RECORDS, &error));
    ck_assert_msg(names_in(test_directory()) == 1, "call %d: a temporary file was not swept",
                  victim);
  }
  printf(
      "killed at %d calls: %d times the old region, %d times the new one, %d times a file left\n",
      calls, old, new, left);
  ck_assert_int_gt(old, 0);
  ck_assert_int_gt(new, 0);
  ck_assert_int_gt(left, 0);
  finish();
}
END_TEST

/* Calls that were interrupted may be told, but nothing else may come of it. */
START_TEST(an_interrupted_call_leaves_the_old_region_or_the_new_one) {
  fail_each_call(EINTR);
}
END_TEST

/* Number of the first such call from `from` on. */
static int find(enum call call, int from) {
  while (from < faults.count && faults.calls[from] != call)
    from++;
  return from;
}

START_TEST(a_region_is_written_by_whole_blocks_of_huge_pages) {
  prepare();
  ztc_error error;
  blocks.fd = -1;
  blocks.blocks = 0;
  blocks.astray = false;
  ck_assert_ztc(publish(target, MOST_RECORDS, &error));
  ck_assert_int_ge(blocks.blocks, 4);
  ck_assert(!blocks.astray);
}
END_TEST

START_TEST(the_order_is_write_flush_check_rename_flush) {
  prepare();
  ztc_error error;
  ck_assert_ztc(suffer(COUNT, -1, 0, &error));
  const int rename = find(CALL_RENAME, 0);
  ck_assert_int_lt(rename, faults.count);
  ck_assert_int_eq(find(CALL_RENAME, rename + 1), faults.count);
  const int flush = find(CALL_FSYNC, 0), check = find(CALL_MMAP, 0);
  ck_assert_int_lt(flush, check);
  ck_assert_int_lt(check, rename);
  const int file = faults.descriptors[flush];
  for (int i = flush; i < faults.count; i++) {
    ck_assert(faults.calls[i] != CALL_WRITE && faults.calls[i] != CALL_PWRITE);
  }
  const int last = find(CALL_FSYNC, rename);
  ck_assert_int_lt(last, faults.count);
  ck_assert_int_ne(faults.descriptors[last], file);
  ck_assert_int_eq(faults.descriptors[last], faults.descriptors[rename]); /* the directory */
  finish();
}
END_TEST

/* NO_MEMORY would say that publishing may be tried again, and it is done. */
START_TEST(a_directory_that_cannot_be_flushed_is_no_lack_of_memory) {
  prepare();
  ztc_error error;
  put_old();
  ck_assert_ztc(suffer(COUNT, -1, 0, &error));
  const int flush = find(CALL_FSYNC, find(CALL_RENAME, 0));
  const int descriptors = names_in("/proc/self/fd");
  put_old();
  const ztc_status status = suffer(FAIL, flush, ENOMEM, &error);
  ck_assert_status(status, ZTC_IO);
  ck_assert(target_is(&new_image));
  ck_assert_ptr_nonnull(strstr(error.message, "is published, but"));
  check_after(flush, status, &error, descriptors);
  finish();
}
END_TEST

/* Each call in turn; the second attempt has no fault of its own, and may not go on from the first
   one's half. */
START_TEST(what_failed_for_good_is_told_alike_when_it_is_tried_again) {
  prepare();
  const int calls = count_calls();
  int kept = 0;
  for (int victim = 0; victim < calls; victim++) {
    ztc_writer *w;
    ztc_error first = {.message = ""}, again = {.message = ""};
    put_old();
    ck_assert_ztc(ztc_writer_create(target, 0, &w, &first));
    ck_assert_ztc(ztc_writer_string(w, "new", 3, ZTC_ASCII));
    const ztc_key key = {.type = ZTC_KEY_BYTES, .data = "key", .size = 3};
    ck_assert_ztc(ztc_writer_record_key(w, &key));
    ck_assert_ztc(ztc_writer_end_record(w, NULL));
    arm(FAIL, victim, ENOMEM);
    const ztc_status status = ztc_writer_try_publish(w, &first);
    const bool is_complete = find(CALL_FSYNC, 0) < victim;
    const enum call call = faults.calls[victim];
    const bool is_over = victim >= faults.count;
    faults.armed = false;
    if (status == ZTC_OK && is_over)
      break;
    if (status == ZTC_OK)
      continue;
    if (is_complete) { /* what is left may succeed */
      ztc_writer_abort(w);
      continue;
    }
    ck_assert_msg(ztc_writer_try_publish(w, &again) == status, "%s, call %d: %s", call_names[call],
                  victim, again.message);
    ck_assert_str_eq(again.message, first.message);
    ck_assert_int_eq(again.system_errno, ENOMEM);
    ck_assert(target_is(&old_image));
    ztc_writer_abort(w);
    kept++;
  }
  ck_assert_int_gt(kept, 3);
  finish();
}
END_TEST

/* Zeros where the file was are no region, no schema and no records; none of that is the reason. */
START_TEST(a_file_that_shrinks_while_it_is_opened_is_lost_and_nothing_else) {
  ck_assert_ztc(ztc_sigbus_install());
  prepare();
  static const uint32_t flags[] = {0, ZTC_OPEN_VERIFY_HEADER, ZTC_OPEN_VERIFY_ALL, ZTC_OPEN_PRELOAD,
                                   ZTC_OPEN_VERIFY_ALL | ZTC_OPEN_PRELOAD};
  const off_t sizes[] = {0, 4096, (off_t)(new_image.size / 2)};
  for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
    for (size_t f = 0; f < sizeof flags / sizeof *flags; f++) {
      image_write(&new_image, target);
      ztc_region *region;
      ztc_error error;
      cut_path = target;
      cut_size = sizes[s];
      const ztc_status status = ztc_region_open(target, flags[f], &region, &error);
      cut_path = NULL;
      ck_assert_status(status, ZTC_LOST);
      ck_assert_int_eq(error.status, ZTC_LOST);
      ck_assert_ptr_null(region);
    }
  }
  finish();
}
END_TEST

/* Else somebody holds a descriptor that outlives the mode of the published file. */
START_TEST(nobody_else_can_open_what_is_not_written_yet) {
  prepare();
  ztc_error error;
  umask(0);
  ck_assert_ztc(suffer(COUNT, -1, 0, &error));
  ck_assert(!faults.opened_for_others);
  const int mode = find(CALL_CHMOD, 0);
  ck_assert_int_eq(find(CALL_CHMOD, mode + 1), faults.count);
  for (int i = mode; i < faults.count; i++)
    ck_assert(faults.calls[i] != CALL_WRITE && faults.calls[i] != CALL_PWRITE);
  ck_assert_int_lt(mode, find(CALL_FSYNC, 0));
  finish();
}
END_TEST

START_TEST(a_new_region_has_the_mode_of_new_files) {
  static const mode_t masks[] = {0, 022, 027, 077};
  prepare();
  for (int round = 0; round < 2; round++) {
    faults.no_nameless = round > 0;
    for (size_t m = 0; m < sizeof masks / sizeof *masks; m++) {
      ztc_error error;
      struct stat status;
      umask(masks[m]);
      ck_assert_int_eq(unlink(target), 0);
      ck_assert_ztc(suffer(COUNT, -1, 0, &error));
      ck_assert(!faults.opened_for_others);
      ck_assert_int_eq(stat(target, &status), 0);
      ck_assert_int_eq(status.st_mode & 07777, 0664 & ~masks[m]);
    }
  }
  faults.no_nameless = false;
  finish();
}
END_TEST

/* 22 MiB, so that the disk is asked twice before the end: records that share a write, and such as
   are one of their own. */
static ztc_status publish_large(ztc_error *error) {
  enum { SMALL = 100 << 10, LARGE = 1 << 20 };
  static const uint8_t bytes[LARGE];
  ztc_writer *w;
  write_back_end = 0;
  ck_assert_ztc(ztc_writer_create(target, 0, &w, error));
  for (int i = 0; i < 112; i++) {
    ck_assert_ztc(ztc_writer_bytes(w, bytes, i < 100 ? SMALL : LARGE));
    ck_assert_ztc(ztc_writer_end_record(w, NULL));
  }
  const ztc_status status = ztc_writer_publish(w, error);
  faults.armed = false;
  return status;
}

START_TEST(writing_to_disk_begins_early_and_need_not_succeed) {
  prepare();
  ztc_error error;
  ck_assert_ztc(publish_large(&error));
  image large = image_read(target);
  put_old();
  arm(COUNT, -1, 0);
  ck_assert_ztc(publish_large(&error));
  ck_assert(target_is(&large));
  const int calls = faults.count, flush = find(CALL_FSYNC, 0);
  ck_assert_int_lt(calls, MOST_CALLS);
  int begun = 0;
  for (int call = find(CALL_WRITE_BACK, 0); call < calls; call = find(CALL_WRITE_BACK, call + 1)) {
    ck_assert_int_lt(call, flush);
    ck_assert_int_eq(faults.descriptors[call], faults.descriptors[flush]); /* of no side file */
    begun++;
  }
  ck_assert_int_eq(begun, 2);
  ck_assert_int_le(write_back_end, large.size);
  const int descriptors = names_in("/proc/self/fd"), victim = find(CALL_WRITE_BACK, 0);
  put_old();
  arm(FAIL, victim, ENOSYS);
  ck_assert_ztc(publish_large(&error));
  ck_assert_int_eq(faults.calls[victim], CALL_WRITE_BACK);
  ck_assert(target_is(&large));
  ck_assert_int_eq(names_in("/proc/self/fd"), descriptors);
  image_free(&large);
  finish();
}
END_TEST

static void fill(TCase *tests) {
  tcase_add_test(tests, a_directory_that_cannot_be_flushed_is_no_lack_of_memory);
  tcase_add_test(tests, what_failed_for_good_is_told_alike_when_it_is_tried_again);
  tcase_add_test(tests, a_file_that_shrinks_while_it_is_opened_is_lost_and_nothing_else);
  tcase_add_test(tests, nobody_else_can_open_what_is_not_written_yet);
  tcase_add_test(tests, a_new_region_has_the_mode_of_new_files);
  tcase_add_loop_test(tests, each_call_that_fails_leaves_the_old_region_or_the_new_one, 0, 4);
  tcase_add_test(tests, an_interrupted_transfer_is_no_error);
  tcase_add_test(tests, an_interrupted_call_leaves_the_old_region_or_the_new_one);
  tcase_add_test(tests, a_transfer_may_do_half_of_what_is_asked);
  tcase_add_test(tests, a_publisher_killed_at_any_call_leaves_the_old_region_or_the_new_one);
  tcase_add_test(tests, writing_to_disk_begins_early_and_need_not_succeed);
  tcase_add_test(tests, a_region_is_written_by_whole_blocks_of_huge_pages);
  tcase_add_test(tests, the_order_is_write_flush_check_rename_flush);
}

ZTC_TEST_MAIN("fault_publish", fill)
