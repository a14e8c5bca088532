/* Publishing: the old file or the new one, whole, and nothing else in the directory. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "main.h"
#include "registry.h"
#include "require.h"
#include "support.h"

static const char OLD[] = "the old file";

static const char *target(void) {
  static char path[256];
  strcpy(path, test_path("target.ztc"));
  return path;
}

static void put_old(const char *path) {
  FILE *f = fopen(path, "wb");
  ck_assert_uint_eq(fwrite(OLD, 1, sizeof OLD, f), sizeof OLD);
  fclose(f);
}

static bool is_old(const char *path) {
  char bytes[64] = "";
  FILE *f = fopen(path, "rb");
  const size_t size = f == NULL ? 0 : fread(bytes, 1, sizeof bytes, f);
  if (f != NULL)
    fclose(f);
  return size == sizeof OLD && memcmp(bytes, OLD, sizeof OLD) == 0;
}

/* Names in a directory; the last one other than target.ztc is left in `other` (may be NULL). */
static int entries(const char *directory, char other[256]) {
  DIR *d = opendir(directory);
  ck_assert_ptr_ne(d, NULL);
  int count = 0;
  for (struct dirent *e; (e = readdir(d)) != NULL;) {
    if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
      continue;
    count++;
    if (other != NULL && strcmp(e->d_name, "target.ztc") != 0)
      strcpy(other, e->d_name);
  }
  closedir(d);
  return count;
}

static ztc_status add_records(ztc_writer *w, int count) {
  ztc_status status = ZTC_OK;
  for (int i = 0; i < count && status == ZTC_OK; i++) {
    ztc_writer_begin_map(w);
    ztc_writer_key(w, "id", 2, ZTC_ASCII);
    ztc_writer_int(w, ZTC_TYPE_I32, i);
    ztc_writer_key(w, "text", 4, ZTC_ASCII);
    ztc_writer_string(w, "a text that is long enough to fill a file", 41, ZTC_ASCII);
    ztc_writer_end(w);
    status = ztc_writer_end_record(w, NULL);
  }
  return status;
}

/* Shared nodes, records, and all: what was the first thing that failed? */
static ztc_status publish_all(const char *path, ztc_error *error) {
  ztc_writer *w;
  ztc_status status = ztc_writer_create(path, 0, &w, error);
  if (status != ZTC_OK)
    return status;
  uint32_t id;
  ztc_writer_reserve_shared(w, &id);
  ztc_writer_begin_shared(w, id);
  ztc_writer_null(w);
  ztc_writer_end_shared(w);
  add_records(w, 5000);
  return ztc_writer_publish(w, error);
}

START_TEST(a_limit_of_file_sizes_leaves_the_old_file_and_no_temp) {
  const char *path = target();
  ztc_error error;
  ck_assert_ztc(publish_all(path, &error));
  struct stat whole;
  ck_assert_int_eq(stat(path, &whole), 0);
  signal(SIGXFSZ, SIG_IGN);
  const int descriptors = open_descriptors();
  for (off_t limit = 0; limit <= whole.st_size; limit += limit < 4096 ? 320 : 40000) {
    put_old(path);
    const struct rlimit l = {(rlim_t)limit, RLIM_INFINITY};
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &l), 0);
    const ztc_status status = publish_all(path, &error);
    const struct rlimit none = {RLIM_INFINITY, RLIM_INFINITY};
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &none), 0);
    ck_assert_status(status, ZTC_IO);
    ck_assert_int_eq(error.system_errno, EFBIG);
    ck_assert(is_old(path));
    ck_assert_int_eq(entries(test_directory(), NULL), 1);
    ck_assert_int_eq(open_descriptors(), descriptors);
  }
}
END_TEST

START_TEST(after_a_failed_write_every_call_fails_alike) {
  const char *path = target();
  put_old(path);
  signal(SIGXFSZ, SIG_IGN);
  const struct rlimit l = {100000, RLIM_INFINITY};
  ztc_writer *w;
  ck_assert_ztc(ztc_writer_create(path, 0, &w, NULL));
  ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &l), 0);
  ck_assert_status(add_records(w, 100000), ZTC_IO);
  ck_assert_status(ztc_writer_null(w), ZTC_IO);
  ck_assert_status(ztc_writer_discard_record(w), ZTC_IO);
  ck_assert_status(ztc_writer_feed(w, "\x00\x3f", 2, NULL), ZTC_IO);
  ztc_error error;
  ztc_writer_error(w, &error);
  ck_assert_int_eq(error.status, ZTC_IO);
  ck_assert_int_eq(error.system_errno, EFBIG);
  ck_assert_status(ztc_writer_publish(w, &error), ZTC_IO);
  ck_assert(is_old(path));
  ck_assert_int_eq(entries(test_directory(), NULL), 1);
}
END_TEST

/* Root may write anywhere, so somebody else does it. */
START_TEST(a_directory_without_permission_is_an_access_error) {
  const char *path = target();
  put_old(path);
  ck_assert_int_eq(chmod(test_directory(), 0555), 0);
  if (geteuid() == 0)
    ck_assert_int_eq(seteuid(65534), 0);
  ztc_writer *w;
  ztc_error error;
  ck_assert_status(ztc_writer_create(path, 0, &w, &error), ZTC_ACCESS);
  ck_assert_ptr_eq(w, NULL);
  ck_assert_ptr_ne(strstr(error.message, path), NULL);
  if (getuid() == 0)
    ck_assert_int_eq(seteuid(0), 0);
  ck_assert_int_eq(chmod(test_directory(), 0755), 0);
  ck_assert(is_old(path));
  ck_assert_int_eq(entries(test_directory(), NULL), 1);
}
END_TEST

START_TEST(a_target_that_is_no_file_is_refused) {
  const char *path = target();
  ztc_writer *w;
  ztc_error error;
  ck_assert_int_eq(mkdir(path, 0755), 0);
  ck_assert_status(ztc_writer_create(path, 0, &w, &error), ZTC_IO);
  ck_assert_int_eq(error.system_errno, EISDIR);
  ck_assert_int_eq(rmdir(path), 0);
  ck_assert_int_eq(mkfifo(path, 0644), 0);
  ck_assert_status(ztc_writer_create(path, 0, &w, &error), ZTC_IO);
  ck_assert_int_eq(unlink(path), 0);
  ck_assert_int_eq(symlink("/dev/null", path), 0); /* as /dev/stdout is a link */
  ck_assert_status(ztc_writer_create(path, 0, &w, &error), ZTC_IO);
  ck_assert_int_eq(unlink(path), 0);
  ck_assert_int_eq(entries(test_directory(), NULL), 0);
  ck_assert_status(ztc_writer_create(test_path("none/target.ztc"), 0, &w, &error), ZTC_NOT_FOUND);
  ck_assert_status(ztc_writer_create(test_directory(), 0, &w, &error), ZTC_IO);
  ck_assert_status(ztc_writer_create(test_path(""), 0, &w, &error), ZTC_INVALID_ARGUMENT);
  ck_assert_status(ztc_writer_create("..", 0, &w, &error), ZTC_INVALID_ARGUMENT);
  ck_assert_status(ztc_writer_create(NULL, 0, &w, &error), ZTC_INVALID_ARGUMENT);
  ck_assert_status(ztc_writer_create(path, 1, &w, &error), ZTC_INVALID_ARGUMENT);
}
END_TEST

START_TEST(a_target_that_becomes_a_directory_fails_the_rename) {
  const char *path = target();
  ztc_writer *w;
  ztc_error error;
  ck_assert_ztc(ztc_writer_create(path, 0, &w, &error));
  ck_assert_ztc(add_records(w, 10));
  ck_assert_int_eq(mkdir(path, 0755), 0);
  ck_assert_status(ztc_writer_publish(w, &error), ZTC_IO);
  ck_assert_int_eq(entries(test_directory(), NULL), 1);
  ck_assert_int_eq(rmdir(path), 0);
}
END_TEST

/* Something wrote into the temporary file: the check before the rename sees it. */
START_TEST(a_damaged_temp_is_not_published) {
  const char *path = target();
  char name[256] = "";
  put_old(path);
  ztc_writer *w;
  ztc_error error;
  ck_assert_ztc(ztc_writer_create(path, 0, &w, &error));
  ck_assert_ztc(add_records(w, 100000));
  ck_assert_int_eq(entries(test_directory(), name), 2);
  const int fd = open(test_path(name), O_WRONLY);
  ck_assert_int_eq(pwrite(fd, "!", 1, 10000), 1);
  close(fd);
  ck_assert_status(ztc_writer_publish(w, &error), ZTC_CHECKSUM);
  ck_assert(is_old(path));
  ck_assert_int_eq(entries(test_directory(), NULL), 1);
}
END_TEST

/* What is checked is what was written, and not another file that got its name; a FIFO is not waited
   for. */
START_TEST(a_temp_that_somebody_replaced_is_not_published) {
  const char *path = target();
  put_old(path);
  for (int fifo = 0; fifo < 2; fifo++) {
    char name[256] = "", temp[512], other[512];
    ztc_writer *w;
    ztc_error error;
    ck_assert_ztc(ztc_writer_create(path, 0, &w, &error));
    ck_assert_ztc(add_records(w, 10));
    ck_assert_int_eq(entries(test_directory(), name), 2);
    strcpy(temp, test_path(name));
    strcpy(other, test_path("other.ztc"));
    if (fifo)
      ck_assert_int_eq(mkfifo(other, 0600), 0);
    else
      publish_sample(other);
    ck_assert_int_eq(rename(other, temp), 0);
    ck_assert_status(ztc_writer_publish(w, &error), ZTC_IO);
    ck_assert_int_eq(error.system_errno, ESTALE);
    ck_assert(is_old(path));
  }
}
END_TEST

START_TEST(an_unfinished_or_wrong_record_is_not_dropped_silently) {
  const char *path = target();
  put_old(path);
  ztc_error error;
  for (int wrong = 0; wrong < 2; wrong++) {
    ztc_writer *w;
    ck_assert_ztc(ztc_writer_create(path, 0, &w, &error));
    ck_assert_ztc(add_records(w, 1));
    ck_assert_ztc(ztc_writer_begin_list(w));
    if (wrong)
      ck_assert_status(ztc_writer_key(w, "k", 1, ZTC_ASCII), ZTC_WRONG_STATE);
    ck_assert_status(ztc_writer_publish(w, &error), ZTC_WRONG_STATE);
    ck_assert_str_eq(error.message,
                     wrong
                         ? "record 1: $[0]: a key outside a map"
                         : "record 1: $[0]: it is not ended; end or discard it before publishing");
    ck_assert(is_old(path));
    ck_assert_int_eq(entries(test_directory(), NULL), 1);
  }
}
END_TEST

START_TEST(the_temp_of_a_killed_publisher_is_swept) {
  const char *path = target();
  char name[256] = "";
  put_old(path);
  const pid_t child = fork();
  if (child == 0) {
    ztc_writer *w;
    if (ztc_writer_create(path, 0, &w, NULL) == ZTC_OK)
      add_records(w, 5000);
    raise(SIGKILL);
  }
  int status;
  ck_assert_int_eq(waitpid(child, &status, 0), child);
  ck_assert(WIFSIGNALED(status));
  ck_assert_int_eq(entries(test_directory(), name), 2); /* side files have no names */
  ztc_writer *w;
  ck_assert_ztc(ztc_writer_create(path, 0, &w, NULL));
  ck_assert_int_eq(access(test_path(name), F_OK), -1);
  ztc_writer_abort(w);
  ck_assert(is_old(path));
  ck_assert_int_eq(entries(test_directory(), NULL), 1);
}
END_TEST

START_TEST(files_that_only_look_like_temps_are_not_swept) {
  static const char *const names[] = {".target.ztc.ztc-0123456789abcde", ".target.ztc.ztc-old",
                                      ".other.ztc.ztc-0123456789abcdef", "target.ztc.bak"};
  const char *path = target();
  for (int i = 0; i < 4; i++)
    put_old(test_path(names[i]));
  put_old(test_path("kept"));
  ck_assert_int_eq(symlink("kept", test_path(".target.ztc.ztc-0123456789abcdef")), 0);
  ztc_writer *w;
  ck_assert_ztc(ztc_writer_create(path, 0, &w, NULL));
  ztc_writer_abort(w);
  ck_assert_int_eq(entries(test_directory(), NULL), 6);
  ck_assert(is_old(test_path("kept")));
}
END_TEST

START_TEST(two_publishers_do_not_hurt_each_other) {
  const char *path = target();
  ztc_writer *a, *b;
  ztc_error error;
  ck_assert_ztc(ztc_writer_create(path, 0, &a, &error));
  ck_assert_ztc(ztc_writer_create(path, 0, &b, &error));
  ck_assert_ztc(add_records(a, 3));
  ck_assert_ztc(add_records(b, 5));
  ck_assert_ztc(ztc_writer_publish(b, &error));
  ck_assert_ztc(ztc_writer_publish(a, &error));
  ztc_region *region;
  ck_assert_ztc(ztc_region_open(path, ZTC_OPEN_VERIFY_ALL, &region, &error));
  ck_assert_uint_eq(ztc_region_count(region), 3);
  ztc_region_free(region);
  ck_assert_int_eq(entries(test_directory(), NULL), 1);
}
END_TEST

/* The file is checked as a region, of which a process has only so many. */
START_TEST(publishing_can_be_tried_again_when_there_is_room_for_a_region) {
  static ztc_region *regions[ZTC__REGISTRY_SIZE];
  const char *path = target();
  ztc_error error;
  ck_assert_ztc(publish_all(path, &error));
  for (int i = 0; i < ZTC__REGISTRY_SIZE; i++)
    ck_assert_ztc(ztc_region_open(path, 0, &regions[i], &error));
  ztc_writer *w;
  ck_assert_ztc(ztc_writer_create(path, 0, &w, &error));
  ck_assert_ztc(add_records(w, 3));
  ck_assert_status(ztc_writer_publish(w, &error), ZTC_NO_MEMORY);
  ck_assert_int_eq(entries(test_directory(), NULL), 1);
  ck_assert_ztc(ztc_writer_create(path, 0, &w, &error));
  ck_assert_ztc(add_records(w, 3));
  for (int i = 0; i < 2; i++) {
    ck_assert_status(ztc_writer_try_publish(w, &error), ZTC_NO_MEMORY);
    ck_assert_int_eq(error.system_errno, ENOMEM);
    ck_assert_int_eq(entries(test_directory(), NULL), 2);
  }
  for (int i = 0; i < ZTC__REGISTRY_SIZE; i++)
    ztc_region_free(regions[i]);
  ck_assert_ztc(ztc_writer_try_publish(w, &error));
  ztc_region *region;
  ck_assert_ztc(ztc_region_open(path, ZTC_OPEN_VERIFY_ALL, &region, &error));
  ck_assert_uint_eq(ztc_region_count(region), 3);
  ztc_region_free(region);
  ck_assert_int_eq(entries(test_directory(), NULL), 1);
}
END_TEST

START_TEST(an_old_reader_keeps_the_old_region) {
  const char *path = target();
  ztc_region *before;
  ztc_error error;
  ck_assert_ztc(publish_all(path, &error));
  ck_assert_ztc(ztc_region_open(path, 0, &before, &error));
  ztc_writer *w;
  ck_assert_ztc(ztc_writer_create(path, 0, &w, &error));
  ck_assert_ztc(ztc_writer_publish(w, &error));
  ck_assert_uint_eq(ztc_region_count(before), 5000);
  ck_assert_ztc(ztc_region_validate(before, &error));
  ztc_region_free(before);
}
END_TEST

START_TEST(the_mode_is_kept_and_never_world_writable) {
  const char *path = target();
  struct stat s;
  ztc_error error;
  umask(022);
  ck_assert_ztc(publish_all(path, &error));
  ck_assert_int_eq(stat(path, &s), 0);
  ck_assert_int_eq(s.st_mode & 07777, 0644);
  ck_assert_int_eq(chmod(path, 0640), 0);
  ck_assert_ztc(publish_all(path, &error));
  ck_assert_int_eq(stat(path, &s), 0);
  ck_assert_int_eq(s.st_mode & 07777, 0640);
  ck_assert_int_eq(chmod(path, 0666), 0);
  ck_assert_ztc(publish_all(path, &error));
  ck_assert_int_eq(stat(path, &s), 0);
  ck_assert_int_eq(s.st_mode & 07777, 0664);
  umask(0);
  ck_assert_int_eq(unlink(path), 0);
  ck_assert_ztc(publish_all(path, &error));
  ck_assert_int_eq(stat(path, &s), 0);
  ck_assert_int_eq(s.st_mode & 07777, 0664);
}
END_TEST

static void check_access(const char *path, mode_t mode, uid_t owner, gid_t group) {
  struct stat s;
  ck_assert_int_eq(lstat(path, &s), 0);
  ck_assert_int_eq(s.st_mode & 07777, mode);
  ck_assert_uint_eq(s.st_uid, owner);
  ck_assert_uint_eq(s.st_gid, group);
}

/* What only root may do, who sees frame numbers, too: a failure where these are required. */
static bool is_root(const char *otherwise) {
  if (geteuid() == 0)
    return true;
  not_available("pfn", otherwise);
  return false;
}

static bool may_give(void) {
  return is_root("not root: no file can be given to another user");
}

enum { SOMEBODY = 1234, SOME_GROUP = 2345, NOBODY = 65534 };

START_TEST(owner_and_group_are_kept) {
  const char *path = target();
  ztc_error error;
  if (!may_give())
    return;
  put_old(path);
  ck_assert_int_eq(chown(path, SOMEBODY, SOME_GROUP), 0);
  ck_assert_int_eq(chmod(path, 0640), 0);
  ck_assert_ztc(publish_all(path, &error));
  check_access(path, 0640, SOMEBODY, SOME_GROUP);
}
END_TEST

START_TEST(owner_group_and_mode_can_be_set) {
  const char *path = target();
  char name[256] = "";
  ztc_writer *w;
  ztc_error error;
  umask(022);
  put_old(path);
  ck_assert_int_eq(chmod(path, 0640), 0);
  const bool others = may_give();
  const uid_t owner = others ? SOMEBODY : geteuid();
  const gid_t group = others ? SOME_GROUP : getegid();
  ck_assert_ztc(ztc_writer_create(path, 0, &w, &error));
  ck_assert_ztc(ztc_writer_access(w, 0600, owner, group, &error));
  entries(test_directory(), name);
  check_access(test_path(name), 0600, owner, group); /* before anything is in it */
  ck_assert_ztc(add_records(w, 1));
  ck_assert_ztc(ztc_writer_publish(w, &error));
  check_access(path, 0600, owner, group);
  ck_assert_ztc(ztc_writer_create(path, 0, &w, &error));
  ck_assert_ztc(ztc_writer_access(w, 0664, ZTC_KEEP, ZTC_KEEP, &error));
  entries(test_directory(), name);
  check_access(test_path(name), 0600, owner, group); /* only what is whole is for others */
  ck_assert_ztc(ztc_writer_publish(w, &error));
  check_access(path, 0664, owner, group);
}
END_TEST

START_TEST(a_mode_for_the_world_to_write_is_refused) {
  static const uint32_t modes[] = {0666, 0002, 01777, 04755, 0x1000000};
  const char *path = target();
  ztc_writer *w;
  ztc_error error;
  umask(022);
  ck_assert_ztc(ztc_writer_create(path, 0, &w, &error));
  for (size_t m = 0; m < sizeof modes / sizeof *modes; m++) {
    ck_assert_status(ztc_writer_access(w, modes[m], ZTC_KEEP, ZTC_KEEP, &error),
                     ZTC_INVALID_ARGUMENT);
  }
  ck_assert_ztc(ztc_writer_publish(w, &error));
  struct stat s;
  ck_assert_int_eq(stat(path, &s), 0);
  ck_assert_int_eq(s.st_mode & 07777, 0644);
  ck_assert_status(ztc_writer_access(NULL, 0600, ZTC_KEEP, ZTC_KEEP, &error), ZTC_INVALID_ARGUMENT);
}
END_TEST

/* What the target's group may read, the publisher's group may not. */
START_TEST(who_may_not_give_files_away_does_not_open_them_to_his_own_group) {
  const char *path = target();
  ztc_writer *w;
  ztc_error error;
  if (!may_give())
    return;
  put_old(path);
  ck_assert_int_eq(chown(path, SOMEBODY, SOME_GROUP), 0);
  ck_assert_int_eq(chmod(path, 0664), 0);
  ck_assert_int_eq(chmod(test_directory(), 0777), 0);
  ck_assert_int_eq(setegid(NOBODY), 0);
  ck_assert_int_eq(seteuid(NOBODY), 0);
  ck_assert_ztc(publish_all(path, &error));
  ck_assert_ztc(ztc_writer_create(path, 0, &w, &error));
  const ztc_status owner = ztc_writer_access(w, ZTC_KEEP, SOMEBODY, ZTC_KEEP, &error);
  const ztc_status group = ztc_writer_access(w, ZTC_KEEP, ZTC_KEEP, SOME_GROUP, &error);
  const ztc_status publishing = ztc_writer_publish(w, &error);
  ck_assert_int_eq(seteuid(0), 0);
  ck_assert_int_eq(setegid(0), 0);
  check_access(path, 0644, NOBODY, NOBODY);
  ck_assert_status(owner, ZTC_ACCESS);
  ck_assert_status(group, ZTC_ACCESS);
  ck_assert_status(publishing, ZTC_ACCESS);
  ck_assert_int_eq(entries(test_directory(), NULL), 1);
}
END_TEST

/* A disk that is full, really. */
START_TEST(a_full_disk_leaves_the_old_region_and_no_temp) {
  ztc_error error;
  if (!is_root("not root: no small disk can be mounted"))
    return;
  ck_assert_int_eq(unshare(CLONE_NEWNS), 0);
  ck_assert_int_eq(mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL), 0);
  const char *path = target();
  int failed = 0, published = 0;
  for (int kilobytes = 60; kilobytes <= 1500; kilobytes += 60) {
    char size[32];
    snprintf(size, sizeof size, "size=%dk", kilobytes);
    ck_assert_int_eq(mount("ztc", test_directory(), "tmpfs", 0, size), 0);
    put_old(path);
    const ztc_status status = publish_all(path, &error);
    if (status == ZTC_OK) {
      ztc_region *region;
      ck_assert_ztc(ztc_region_open(path, ZTC_OPEN_VERIFY_ALL, &region, &error));
      ck_assert_uint_eq(ztc_region_count(region), 5000);
      ztc_region_free(region);
      published++;
    } else {
      ck_assert_status(status, ZTC_IO);
      ck_assert_int_eq(error.system_errno, ENOSPC);
      ck_assert(is_old(path));
      failed++;
    }
    ck_assert_int_eq(entries(test_directory(), NULL), 1);
    ck_assert_int_eq(umount(test_directory()), 0);
  }
  printf("%d disks were too small, %d large enough\n", failed, published);
  ck_assert_int_gt(failed, 2);
  ck_assert_int_gt(published, 2);
}
END_TEST

/* From the first byte on: nobody reads in the temp what he may not read in the target. */
START_TEST(the_temp_is_as_private_as_the_target) {
  const char *path = target();
  char name[256] = "";
  umask(022);
  put_old(path);
  ck_assert_int_eq(chmod(path, 0600), 0);
  ztc_writer *w;
  ck_assert_ztc(ztc_writer_create(path, 0, &w, NULL));
  ck_assert_int_eq(entries(test_directory(), name), 2);
  struct stat s;
  ck_assert_int_eq(stat(test_path(name), &s), 0);
  ck_assert_int_eq(s.st_mode & 07777, 0600);
  ztc_writer_abort(w);
}
END_TEST

START_TEST(a_link_is_replaced_and_not_followed) {
  const char *path = target();
  put_old(test_path("victim"));
  ck_assert_int_eq(symlink("victim", path), 0);
  ztc_error error;
  ck_assert_ztc(publish_all(path, &error));
  ck_assert(is_old(test_path("victim")));
  struct stat s;
  ck_assert_int_eq(lstat(path, &s), 0);
  ck_assert(S_ISREG(s.st_mode));
  ck_assert_int_eq(unlink(path), 0);
  ck_assert_int_eq(link(test_path("victim"), path), 0);
  ck_assert_ztc(publish_all(path, &error));
  ck_assert(is_old(test_path("victim")));
}
END_TEST

START_TEST(memory_does_not_grow_with_records) {
  const char *path = target();
  ztc_writer *w;
  ck_assert_ztc(ztc_writer_create(path, 0, &w, NULL));
  ck_assert_ztc(add_records(w, 100));
  const size_t before = mallinfo2().uordblks + mallinfo2().hblkhd;
  ck_assert_ztc(add_records(w, 100000));
  ck_assert_uint_eq(mallinfo2().uordblks + mallinfo2().hblkhd, before);
  ztc_writer_abort(w);
}
END_TEST

START_TEST(abort_leaves_nothing_behind) {
  const char *path = target();
  const int descriptors = open_descriptors();
  ztc_writer *w;
  uint32_t id;
  ck_assert_ztc(ztc_writer_create(path, 0, &w, NULL));
  ck_assert_ztc(ztc_writer_reserve_shared(w, &id));
  ck_assert_ztc(ztc_writer_begin_shared(w, id));
  ck_assert_ztc(ztc_writer_null(w));
  ck_assert_ztc(ztc_writer_end_shared(w));
  ck_assert_ztc(add_records(w, 10000));
  ztc_writer_abort(w);
  ztc_writer_abort(NULL);
  ck_assert_int_eq(entries(test_directory(), NULL), 0);
  ck_assert_int_eq(open_descriptors(), descriptors);
}
END_TEST

static void fill(TCase *tests) {
  tcase_add_test(tests, a_limit_of_file_sizes_leaves_the_old_file_and_no_temp);
  tcase_add_test(tests, a_full_disk_leaves_the_old_region_and_no_temp);
  tcase_add_test(tests, after_a_failed_write_every_call_fails_alike);
  tcase_add_test(tests, a_directory_without_permission_is_an_access_error);
  tcase_add_test(tests, a_target_that_is_no_file_is_refused);
  tcase_add_test(tests, a_target_that_becomes_a_directory_fails_the_rename);
  tcase_add_test(tests, a_damaged_temp_is_not_published);
  tcase_add_test(tests, a_temp_that_somebody_replaced_is_not_published);
  tcase_add_test(tests, an_unfinished_or_wrong_record_is_not_dropped_silently);
  tcase_add_test(tests, the_temp_of_a_killed_publisher_is_swept);
  tcase_add_test(tests, files_that_only_look_like_temps_are_not_swept);
  tcase_add_test(tests, two_publishers_do_not_hurt_each_other);
  tcase_add_test(tests, publishing_can_be_tried_again_when_there_is_room_for_a_region);
  tcase_add_test(tests, an_old_reader_keeps_the_old_region);
  tcase_add_test(tests, the_mode_is_kept_and_never_world_writable);
  tcase_add_test(tests, owner_and_group_are_kept);
  tcase_add_test(tests, owner_group_and_mode_can_be_set);
  tcase_add_test(tests, a_mode_for_the_world_to_write_is_refused);
  tcase_add_test(tests, who_may_not_give_files_away_does_not_open_them_to_his_own_group);
  tcase_add_test(tests, the_temp_is_as_private_as_the_target);
  tcase_add_test(tests, a_link_is_replaced_and_not_followed);
  tcase_add_test(tests, memory_does_not_grow_with_records);
  tcase_add_test(tests, abort_leaves_nothing_behind);
}

ZTC_TEST_MAIN("writer_publish", fill)
