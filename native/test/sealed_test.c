/* Regions in sealed memory: what their files suffer later does not reach them. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "main.h"
#include "registry.h"
#include "support.h"

static ino_t inode_of(int fd) {
  struct stat status;
  ck_assert_int_eq(fstat(fd, &status), 0);
  return status.st_ino;
}

static const char *descriptor_path(int fd) {
  static char path[64];
  snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
  return path;
}

static void expect_sample(const ztc_region *region) {
  uint64_t records = 0;
  while (sample_texts[records] != NULL)
    records++;
  for (uint64_t i = 0; sample_expected[i] != NULL; i++) { /* the records with shared nodes */
    char *text = text_of_record(region, records + i);
    ck_assert_str_eq(text, sample_expected[i]);
    free(text);
  }
}

/* Overwrites the whole file in place and then cuts it. */
static void ruin(const char *path) {
  image i = image_read(path);
  memset(i.bytes, 0xa5, i.size);
  const int fd = open(path, O_WRONLY);
  ck_assert_int_eq(pwrite(fd, i.bytes, i.size, 0), (ssize_t)i.size);
  ck_assert_int_eq(ftruncate(fd, 0), 0);
  close(fd);
  image_free(&i);
}

START_TEST(a_sealed_open_keeps_its_records_when_the_file_is_overwritten_and_cut) {
  publish_sample(test_path("sample.ztc"));
  ztc_region *region;
  ck_assert_ztc(ztc_region_open(test_path("sample.ztc"), ZTC_OPEN_SEALED | ZTC_OPEN_VERIFY_ALL,
                                &region, NULL));
  ruin(test_path("sample.ztc"));
  expect_sample(region);
  ck_assert_ztc(ztc_region_validate(region, NULL));
  ztc_region_free(region);
}
END_TEST

START_TEST(nobody_can_write_to_sealed_memory_or_resize_it) {
  publish_sample(test_path("sample.ztc"));
  int fd;
  ck_assert_ztc(ztc_region_seal(test_path("sample.ztc"), &fd, NULL));
  ck_assert_int_ne(fcntl(fd, F_GETFD) & FD_CLOEXEC, 0);
  ck_assert_int_eq(fcntl(fd, F_GETFL) & O_ACCMODE, O_RDONLY);
  const int writer = open(descriptor_path(fd), O_RDWR);
  ck_assert_int_ge(writer, 0);
  ck_assert_int_eq(pwrite(writer, "x", 1, 0), -1);
  ck_assert_int_eq(errno, EPERM);
  ck_assert_int_eq(ftruncate(writer, 0), -1);
  ck_assert_int_eq(ftruncate(writer, 1 << 20), -1);
  ck_assert_ptr_eq(mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, writer, 0), MAP_FAILED);
  ck_assert_int_eq(fcntl(writer, F_ADD_SEALS, F_SEAL_WRITE), -1);
  close(writer);
  close(fd);
}
END_TEST

START_TEST(workers_share_what_one_process_sealed) {
  publish_sample(test_path("sample.ztc"));
  int fd;
  ck_assert_ztc(ztc_region_seal(test_path("sample.ztc"), &fd, NULL));
  ruin(test_path("sample.ztc"));
  const pid_t child = fork();
  if (child == 0) {
    /* As a stranger that knows the path of the descriptor, and as an heir. */
    int again;
    ck_assert_ztc(ztc_region_seal(descriptor_path(fd), &again, NULL));
    ck_assert_uint_eq(inode_of(again), inode_of(fd));
    ztc_region *region;
    ck_assert_ztc(ztc_region_open_fd(fd, ZTC_OPEN_SEALED, &region, NULL));
    close(fd);
    expect_sample(region);
    ztc_region_free(region);
    _exit(0);
  }
  int status;
  ck_assert_int_eq(waitpid(child, &status, 0), child);
  ck_assert_int_eq(status, 0);
  close(fd);
}
END_TEST

START_TEST(memory_that_an_older_mapping_can_write_to_is_not_taken_for_sealed) {
  publish_sample(test_path("sample.ztc"));
  image i = image_read(test_path("sample.ztc"));
  const int fd = memfd_create("half-sealed", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  ck_assert_int_eq(write(fd, i.bytes, i.size), (ssize_t)i.size);
  uint8_t *writable = mmap(NULL, i.size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  ck_assert_ptr_ne(writable, MAP_FAILED);
  ck_assert_int_eq(fcntl(fd, F_ADD_SEALS, F_SEAL_FUTURE_WRITE | F_SEAL_SHRINK), 0);
  ztc_region *region;
  ck_assert_ztc(ztc_region_open_fd(fd, ZTC_OPEN_SEALED, &region, NULL));
  memset(writable, 0xa5, i.size);
  expect_sample(region);
  ztc_region_free(region);
  close(fd);
  image_free(&i);
}
END_TEST

START_TEST(a_sealed_open_leaves_no_descriptor_and_no_memory) {
  publish_sample(test_path("sample.ztc"));
  const int before = open_descriptors();
  for (int i = 0; i < ZTC__REGISTRY_SIZE + 1; i++) { /* the registry has room for one less */
    ztc_region *region;
    ck_assert_ztc(ztc_region_open(test_path("sample.ztc"), ZTC_OPEN_SEALED, &region, NULL));
    ztc_region_free(region);
  }
  ck_assert_int_eq(open_descriptors(), before);
}
END_TEST

START_TEST(what_cannot_be_sealed_says_why) {
  int fd = 7;
  ztc_error error;
  ck_assert_status(ztc_region_seal(test_path("absent"), &fd, &error), ZTC_NOT_FOUND);
  ck_assert_int_eq(fd, -1);
  ck_assert_status(ztc_region_seal(test_directory(), &fd, &error), ZTC_NOT_A_REGION);
  ck_assert_ptr_nonnull(strstr(error.message, "not a regular file"));
  ck_assert_status(ztc_region_seal(NULL, &fd, &error), ZTC_INVALID_ARGUMENT);
  ck_assert_status(ztc_region_seal(test_path("absent"), NULL, &error), ZTC_INVALID_ARGUMENT);
  close(open(test_path("empty"), O_CREAT | O_WRONLY, 0600));
  ztc_region *region;
  ck_assert_status(ztc_region_open(test_path("empty"), ZTC_OPEN_SEALED, &region, &error),
                   ZTC_EMPTY_FILE);
}
END_TEST

static void fill(TCase *tests) {
  tcase_add_test(tests, a_sealed_open_keeps_its_records_when_the_file_is_overwritten_and_cut);
  tcase_add_test(tests, nobody_can_write_to_sealed_memory_or_resize_it);
  tcase_add_test(tests, workers_share_what_one_process_sealed);
  tcase_add_test(tests, memory_that_an_older_mapping_can_write_to_is_not_taken_for_sealed);
  tcase_add_test(tests, a_sealed_open_leaves_no_descriptor_and_no_memory);
  tcase_add_test(tests, what_cannot_be_sealed_says_why);
}
ZTC_TEST_MAIN("sealed", fill)
