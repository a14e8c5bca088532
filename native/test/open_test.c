#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "format.h"
#include "main.h"
#include "require.h"
#include "support.h"

static image sample(void) {
  publish_sample(test_path("sample.ztc"));
  return image_read(test_path("sample.ztc"));
}

/* Opens the bytes as memory and returns the status; the message must name what `word` says. */
static ztc_status open_bytes(const image *i, const char *word) {
  ztc_region *region;
  ztc_error error = {.status = ZTC_OK};
  const ztc_status status =
      ztc_region_open_memory(i->bytes, i->size, ZTC_OPEN_VERIFY_HEADER, &region, &error);
  if (status != ZTC_OK) {
    ck_assert_ptr_null(region);
    ck_assert_int_eq(error.status, status);
    ck_assert_msg(strstr(error.message, word) != NULL, "'%s' lacks '%s'", error.message, word);
  } else {
    ztc_region_free(region);
  }
  return status;
}

typedef struct progress {
  uint64_t calls, done, total, stop_after;
} progress;

static bool note(void *context, uint64_t done, uint64_t total) {
  progress *p = context;
  ck_assert_uint_gt(done, p->done);
  p->done = done;
  p->total = total;
  return ++p->calls != p->stop_after;
}

START_TEST(preloading_makes_every_page_resident_and_tells_how_far_it_is) {
  const char *path = test_path("large.ztc");
  ztc_writer *writer;
  ck_assert_ztc(ztc_writer_create(path, 0, &writer, NULL));
  void *bytes = calloc(40, 1 << 20);
  ck_assert_ztc(ztc_writer_bytes(writer, bytes, 40 << 20));
  ck_assert_ztc(ztc_writer_end_record(writer, NULL));
  ck_assert_ztc(ztc_writer_publish(writer, NULL));
  free(bytes);
  ztc_region *region;
  ck_assert_ztc(ztc_region_open(path, 0, &region, NULL));
  progress p = {.stop_after = 2};
  ck_assert_ztc(ztc_region_preload(region, note, &p, NULL));
  ck_assert_uint_eq(p.calls, 2);
  ck_assert_uint_eq(p.done, 32 << 20);
  p = (progress){0};
  ck_assert_ztc(ztc_region_preload(region, note, &p, NULL));
  ck_assert_uint_eq(p.calls, 3);
  ck_assert_uint_eq(p.done, ztc_region_size(region));
  ck_assert_uint_eq(p.total, ztc_region_size(region));
  const uint64_t pages = (ztc_region_size(region) + 4095) / 4096;
  unsigned char *resident = calloc(pages, 1);
  ck_assert_int_eq(
      mincore((void *)(uintptr_t)ztc_region_base(region), ztc_region_size(region), resident), 0);
  for (uint64_t i = 0; i < pages; i++)
    ck_assert_uint_eq(resident[i] & 1, 1);
  free(resident);
  ztc_region_free(region);

  image i = sample();
  ck_assert_ztc(ztc_region_open_memory(i.bytes, i.size, ZTC_OPEN_PRELOAD, &region, NULL));
  uint64_t index, records, end;
  const volatile uint32_t *state;
  ck_assert_ztc(ztc_region_layout(region, &index, &records, &end, &state));
  ck_assert_uint_eq(*state, ZTC_OK);
  uint64_t offset, size;
  ck_assert_ztc(ztc_region_extent(region, 0, &offset, &size));
  ck_assert_uint_eq(offset, records);
  ck_assert_uint_lt(records, end);
  ztc_region_free(region);
  ck_assert_ztc(ztc_region_open_memory(i.bytes, i.size, ZTC_OPEN_VERIFY_RECORD, &region, NULL));
  ck_assert_status(ztc_region_layout(region, &index, &records, &end, &state), ZTC_UNSUPPORTED);
  ztc_region_free(region);
  image_free(&i);
}
END_TEST

START_TEST(a_published_region_opens_by_path_descriptor_and_memory) {
  image i = sample();
  const char *path = test_path("sample.ztc");
  ztc_region *region;
  ztc_error error;
  ck_assert_ztc(ztc_region_open(path, ZTC_OPEN_VERIFY_ALL, &region, &error));
  const uint64_t count = ztc_region_count(region);
  ck_assert_uint_gt(count, 30);
  ck_assert_uint_eq(ztc_region_size(region), i.size);
  ztc_region_free(region);
  const int fd = open(path, O_RDONLY | O_CLOEXEC);
  ck_assert_ztc(ztc_region_open_fd(fd, 0, &region, &error));
  close(fd);
  ck_assert_uint_eq(ztc_region_count(region), count);
  ztc_region_free(region);
  ck_assert_ztc(ztc_region_open_memory(i.bytes, i.size, ZTC_OPEN_VERIFY_ALL, &region, &error));
  ck_assert_uint_eq(ztc_region_count(region), count);
  ztc_region_free(region);
  image_free(&i);
}
END_TEST

START_TEST(a_region_without_records_opens) {
  const char *none[] = {NULL};
  publish_texts(test_path("none.ztc"), none);
  ztc_region *region;
  ck_assert_ztc(ztc_region_open(test_path("none.ztc"), ZTC_OPEN_VERIFY_ALL, &region, NULL));
  ck_assert_uint_eq(ztc_region_count(region), 0);
  uint64_t size;
  ck_assert_status(ztc_copy(region, 0, NULL, 0, &size, NULL), ZTC_OUT_OF_RANGE);
  ztc_region_free(region);
}
END_TEST

START_TEST(files_that_cannot_be_opened_say_why) {
  ztc_region *region;
  ztc_error error;
  ck_assert_status(ztc_region_open(test_path("absent"), 0, &region, &error), ZTC_NOT_FOUND);
  ck_assert_int_eq(error.system_errno, ENOENT);
  ck_assert_ptr_nonnull(strstr(error.message, "absent"));
  ck_assert_status(ztc_region_open(test_directory(), 0, &region, &error), ZTC_NOT_A_REGION);
  image empty = {.bytes = NULL, .size = 0};
  const int fd = open(test_path("empty"), O_CREAT | O_WRONLY, 0600);
  close(fd);
  ck_assert_status(ztc_region_open(test_path("empty"), 0, &region, &error), ZTC_EMPTY_FILE);
  ck_assert_status(ztc_region_open_memory("12345678", 0, 0, &region, &error),
                   (uintptr_t) "12345678" % 8 == 0 ? ZTC_EMPTY_FILE : ZTC_INVALID_ARGUMENT);
  ck_assert_status(ztc_region_open(NULL, 0, &region, &error), ZTC_INVALID_ARGUMENT);
  ck_assert_status(ztc_region_open(test_path("empty"), 0x8000, &region, &error),
                   ZTC_INVALID_ARGUMENT);
  ck_assert_status(ztc_region_open_fd(-1, 0, &region, &error), ZTC_IO);
  (void)empty;
}
END_TEST

/* Messages have a bounded size, paths have not. */
START_TEST(a_long_path_leaves_room_for_what_went_wrong) {
  char path[1200];
  strcpy(path, test_path("d"));
  for (int depth = 0; depth < 4; depth++) {
    ck_assert_int_eq(mkdir(path, 0700), 0);
    strcat(path, "/");
    for (int i = 0; i < 60; i++)
      strcat(path, i % 2 == 0 ? "\xc3\xa4" : "xyz"); /* a cut may fall into a character */
  }
  ck_assert_int_eq(mkdir(path, 0700), 0);
  char *end = path + strlen(path);
  for (int i = 0; i < 3; i++) {
    snprintf(end, 100, "/%.*s-file.ztc", i, "123");
    ztc_region *region;
    ztc_error error;
    ck_assert_status(ztc_region_open(path, 0, &region, &error), ZTC_NOT_FOUND);
    ck_assert_ptr_nonnull(strstr(error.message, "-file.ztc: No such file"));
    FILE *f = fopen(path, "wb");
    fputs("no region, and longer than its magic", f);
    fclose(f);
    ck_assert_status(ztc_region_open(path, 0, &region, &error), ZTC_NOT_A_REGION);
    ck_assert_ptr_nonnull(strstr(error.message, "-file.ztc is not a region: it does not begin"));
    ck_assert_int_eq(strncmp(error.message, "...", 3), 0);
    ck_assert_int_ne(error.message[3] & 0xC0, 0x80);
    ck_assert_status(ztc_region_open(path, ZTC_OPEN_SEALED, &region, &error), ZTC_NOT_A_REGION);
    ck_assert_ptr_nonnull(strstr(error.message, "-file.ztc is not a region: it does not begin"));
    unlink(path);
    ck_assert_int_eq(mkdir(path, 0700), 0);
    ztc_writer *writer;
    ck_assert_status(ztc_writer_create(path, 0, &writer, &error), ZTC_IO);
    ck_assert_ptr_nonnull(strstr(error.message, "-file.ztc is no file that a region could"));
  }
}
END_TEST

START_TEST(a_file_without_the_magic_is_not_a_region) {
  image i = sample();
  i.bytes[1] = 'X';
  ck_assert_status(open_bytes(&i, "not a region"), ZTC_NOT_A_REGION);
  image_free(&i);
}
END_TEST

START_TEST(another_byte_order_is_named) {
  image i = sample();
  const uint32_t swapped = ZTC__BYTE_ORDER_SWAPPED;
  memcpy(i.bytes + ZTC__HEADER_BYTE_ORDER, &swapped, 4);
  ck_assert_status(open_bytes(&i, "big-endian"), ZTC_BYTE_ORDER);
  i.bytes[ZTC__HEADER_BYTE_ORDER] = 7;
  ck_assert_status(open_bytes(&i, "byte order mark"), ZTC_CORRUPT);
  image_free(&i);
}
END_TEST

START_TEST(another_version_is_named_with_both_numbers) {
  image i = sample();
  const uint16_t newer = 7;
  memcpy(i.bytes + ZTC__HEADER_MINOR, &newer, 2);
  image_fix_header(&i);
  ck_assert_status(open_bytes(&i, "0.7"), ZTC_VERSION);
  memcpy(i.bytes + ZTC__HEADER_MAJOR, &newer, 2);
  ck_assert_status(open_bytes(&i, "newer library"), ZTC_VERSION);
  image_free(&i);
}
END_TEST

START_TEST(unknown_required_features_and_sections_are_refused_and_others_ignored) {
  image original = sample();
  image i = image_copy(&original);
  i.bytes[ZTC__HEADER_REQUIRED] = 1;
  image_fix_header(&i);
  ck_assert_status(open_bytes(&i, "features"), ZTC_UNSUPPORTED);
  i.bytes[ZTC__HEADER_REQUIRED] = 0;
  i.bytes[ZTC__HEADER_IGNORABLE] = 1;
  image_fix_header(&i);
  ck_assert_ztc(open_bytes(&i, ""));
  image_free(&i);

  /* A sixth directory entry, of a type nobody knows, with no bytes. */
  i = image_copy(&original);
  uint32_t count;
  memcpy(&count, i.bytes + ZTC__HEADER_SECTION_COUNT, 4);
  uint8_t *entry = i.bytes + ZTC__HEADER_SIZE + ZTC__ENTRY_SIZE * count;
  const uint32_t type = 0x80000001u, required = 1;
  const uint64_t end = i.size & ~UINT64_C(63);
  image grown = image_create(end + 64);
  count++;
  memcpy(i.bytes + ZTC__HEADER_SECTION_COUNT, &count, 4);
  memcpy(entry, &type, 4);
  memcpy(entry + ZTC__ENTRY_FLAGS, &required, 4);
  const uint64_t place = grown.size;
  memcpy(entry + ZTC__ENTRY_OFFSET, &place, 8);
  memcpy(i.bytes + ZTC__HEADER_FILE_SIZE, &grown.size, 8);
  memcpy(grown.bytes, i.bytes, i.size);
  image_fix_header(&grown);
  ck_assert_status(open_bytes(&grown, "2147483649"), ZTC_UNSUPPORTED);
  memset(grown.bytes + (entry - i.bytes) + ZTC__ENTRY_FLAGS, 0, 4);
  image_fix_header(&grown);
  ck_assert_ztc(open_bytes(&grown, ""));
  ztc_region *region;
  ztc_error error = {.message = ""};
  ck_assert_msg(ztc_region_open_memory(grown.bytes, grown.size, ZTC_OPEN_VERIFY_ALL, &region,
                                       &error) == ZTC_OK,
                "%s", error.message);
  ztc_region_free(region);
  image_free(&grown);
  image_free(&i);
  image_free(&original);
}
END_TEST

START_TEST(every_truncation_is_an_error_at_open) {
  image i = sample();
  for (uint64_t size = 1; size < i.size; size++) {
    const image cut = {.bytes = i.bytes, .size = size};
    const ztc_status status = open_bytes(&cut, "cut short");
    ck_assert_msg(status == ZTC_TRUNCATED, "cut at %lu: %s", (unsigned long)size,
                  ztc_status_name(status));
  }
  image_free(&i);
}
END_TEST

/* Whoever is told that a file is cut short looks for the rest of it, in vain. */
START_TEST(a_damaged_size_is_a_damaged_header_and_no_truncation) {
  image i = sample();
  for (uint64_t at = ZTC__HEADER_FILE_SIZE; at < ZTC__HEADER_FILE_SIZE + 8; at++) {
    i.bytes[at] ^= 0x40;
    ck_assert_status(open_bytes(&i, "checksum of header and directory"), ZTC_CHECKSUM);
    i.bytes[at] ^= 0x40;
  }
  image_free(&i);
}
END_TEST

START_TEST(bytes_behind_the_end_are_an_error) {
  image i = sample();
  image longer = image_create(i.size + 1);
  memcpy(longer.bytes, i.bytes, i.size);
  ck_assert_status(open_bytes(&longer, "behind its end"), ZTC_CORRUPT);
  image_free(&longer);
  image_free(&i);
}
END_TEST

START_TEST(the_shipped_mapping_refuses_writes) {
  publish_sample(test_path("sample.ztc"));
  ztc_region *region;
  ck_assert_ztc(ztc_region_open(test_path("sample.ztc"), 0, &region, NULL));
  void *base = (void *)(uintptr_t)ztc_region_base(region);
  ck_assert_int_eq(mprotect(base, 4096, PROT_READ | PROT_WRITE), -1);
  ck_assert_int_eq(errno, EACCES);
  ztc_region_free(region);
}
END_TEST

/* Whether this mapping of the process has the flag, two letters that the kernel gives it. */
static bool has_flag(const void *base, const char *flag) {
  char line[1024];
  char start[32];
  bool inside = false;
  bool found = false;
  const int length = snprintf(start, sizeof start, "%08jx-", (uintmax_t)(uintptr_t)base);
  FILE *file = fopen("/proc/self/smaps", "re");
  ck_assert_ptr_nonnull(file);
  while (fgets(line, sizeof line, file) != NULL) {
    if (strncmp(line, start, (size_t)length) == 0)
      inside = true;
    if (inside && strncmp(line, "VmFlags:", 8) == 0) {
      found = strstr(line, flag) != NULL;
      break;
    }
  }
  ck_assert(inside);
  fclose(file);
  return found;
}

START_TEST(only_the_audit_mapping_is_kept_out_of_huge_pages) {
  publish_sample(test_path("sample.ztc"));
  ztc_region *region;
  ck_assert_ztc(ztc_region_open(test_path("sample.ztc"), 0, &region, NULL));
  ck_assert(!has_flag(ztc_region_base(region), " nh"));
  ztc_region_free(region);
  if (access("/sys/kernel/mm/transparent_hugepage", F_OK) != 0) {
    not_available("thp", "this kernel has no huge pages");
    return;
  }
  ck_assert_ztc(ztc_region_open(test_path("sample.ztc"), ZTC_OPEN_AUDIT, &region, NULL));
  ck_assert(has_flag(ztc_region_base(region), " nh"));
  ztc_region_free(region);
}
END_TEST

START_TEST(no_descriptor_stays_open) {
  publish_sample(test_path("sample.ztc"));
  const int before = open_descriptors();
  ztc_region *region;
  ck_assert_ztc(ztc_region_open(test_path("sample.ztc"), 0, &region, NULL));
  ck_assert_int_eq(open_descriptors(), before);
  ztc_region_free(region);
}
END_TEST

START_TEST(schemas_are_cloned_and_parsed_from_their_image) {
  publish_sample(test_path("sample.ztc"));
  ztc_region *region;
  ck_assert_ztc(ztc_region_open(test_path("sample.ztc"), 0, &region, NULL));
  ztc_schema *clone;
  ck_assert_ztc(ztc_schema_clone(ztc_region_schema(region), &clone));
  const void *a, *b;
  uint64_t a_size, b_size;
  ztc_schema_image(ztc_region_schema(region), &a, &a_size);
  ztc_schema_image(clone, &b, &b_size);
  ck_assert_uint_eq(a_size, b_size);
  ck_assert_mem_eq(a, b, a_size);
  ztc_region_free(region);
  ck_assert_uint_ge(b_size, 16); /* the clone outlives the region */
  ztc_schema_free(clone);
}
END_TEST

static void fill(TCase *tests) {
  tcase_add_test(tests, preloading_makes_every_page_resident_and_tells_how_far_it_is);
  tcase_add_test(tests, a_published_region_opens_by_path_descriptor_and_memory);
  tcase_add_test(tests, a_region_without_records_opens);
  tcase_add_test(tests, files_that_cannot_be_opened_say_why);
  tcase_add_test(tests, a_long_path_leaves_room_for_what_went_wrong);
  tcase_add_test(tests, a_file_without_the_magic_is_not_a_region);
  tcase_add_test(tests, another_byte_order_is_named);
  tcase_add_test(tests, another_version_is_named_with_both_numbers);
  tcase_add_test(tests, unknown_required_features_and_sections_are_refused_and_others_ignored);
  tcase_add_test(tests, every_truncation_is_an_error_at_open);
  tcase_add_test(tests, a_damaged_size_is_a_damaged_header_and_no_truncation);
  tcase_add_test(tests, bytes_behind_the_end_are_an_error);
  tcase_add_test(tests, the_shipped_mapping_refuses_writes);
  tcase_add_test(tests, only_the_audit_mapping_is_kept_out_of_huge_pages);
  tcase_add_test(tests, no_descriptor_stays_open);
  tcase_add_test(tests, schemas_are_cloned_and_parsed_from_their_image);
}

ZTC_TEST_MAIN("open", fill)
