/* The committed corpus is what the generator writes, and reads as its texts say. */
#include <dirent.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "main.h"
#include "support.h"

static int names(char list[64][64]) {
  DIR *d = opendir(ZTC_CORPUS_DIR);
  ck_assert_ptr_nonnull(d);
  int count = 0;
  for (struct dirent *e; (e = readdir(d)) != NULL;) {
    const char *dot = strrchr(e->d_name, '.');
    if (dot == NULL || strcmp(dot, ".ztc") != 0)
      continue;
    ck_assert_int_lt(count, 64);
    snprintf(list[count++], 64, "%.*s", (int)(dot - e->d_name), e->d_name);
  }
  closedir(d);
  return count;
}

static const char *corpus_path(const char *name, const char *suffix) {
  static char path[512];
  snprintf(path, sizeof path, "%s/%s%s", ZTC_CORPUS_DIR, name, suffix);
  return path;
}

/* Opens with the whole check; NULL and *status if that fails. */
static ztc_region *open_checked(const char *name, ztc_status *status) {
  ztc_region *region;
  *status = ztc_region_open(corpus_path(name, ".ztc"), ZTC_OPEN_VERIFY_ALL, &region, NULL);
  return region;
}

START_TEST(every_region_reads_as_its_text_says) {
  char list[64][64];
  const int count = names(list);
  int good = 0, bad = 0;
  for (int i = 0; i < count; i++) {
    FILE *f = fopen(corpus_path(list[i], ".txt"), "r");
    ck_assert_msg(f != NULL, "%s has no text", list[i]);
    ztc_status status;
    ztc_region *region = open_checked(list[i], &status);
    char *line = NULL;
    size_t capacity = 0;
    if (strncmp(list[i], "bad-", 4) == 0) {
      ck_assert_int_gt(getline(&line, &capacity, f), 0);
      line[strcspn(line, "\n")] = 0;
      ck_assert_msg(strcmp(line, ztc_status_name(status)) == 0, "%s: %s instead of %s", list[i],
                    ztc_status_name(status), line);
      bad++;
    } else {
      ck_assert_msg(status == ZTC_OK, "%s: %s", list[i], ztc_status_name(status));
      for (uint64_t r = 0; r < ztc_region_count(region); r++) {
        ck_assert_int_gt(getline(&line, &capacity, f), 0);
        line[strcspn(line, "\n")] = 0;
        char *text = text_of_record(region, r);
        ck_assert_str_eq(text, line);
        free(text);
      }
      ck_assert_int_eq(getline(&line, &capacity, f), -1);
      good++;
    }
    free(line);
    fclose(f);
    ztc_region_free(region);
  }
  ck_assert_int_ge(good, 6);
  ck_assert_int_ge(bad, 9);
}
END_TEST

START_TEST(the_generator_writes_the_same_files) {
  char list[64][64];
  const int count = names(list);
  char command[512];
  snprintf(command, sizeof command, "%s %s", ZTC_CORPUS_GENERATOR, test_directory());
  ck_assert_int_eq(system(command), 0);
  for (int i = 0; i < count; i++) {
    const char *suffixes[] = {".ztc", ".txt"};
    for (int s = 0; s < 2; s++) {
      char name[80];
      snprintf(name, sizeof name, "%s%s", list[i], suffixes[s]);
      image committed = image_read(corpus_path(list[i], suffixes[s]));
      image generated = image_read(test_path(name));
      ck_assert_msg(committed.size == generated.size &&
                        memcmp(committed.bytes, generated.bytes, committed.size) == 0,
                    "%s differs from what the generator writes; run the target `corpus`", name);
      image_free(&committed);
      image_free(&generated);
    }
  }
}
END_TEST

static void fill(TCase *tests) {
  tcase_add_test(tests, every_region_reads_as_its_text_says);
  tcase_add_test(tests, the_generator_writes_the_same_files);
}

ZTC_TEST_MAIN("corpus", fill)
