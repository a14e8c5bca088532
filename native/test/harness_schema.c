/* report-schema.md names every field of the reports, and the reports have those that it lists. */
#include <check.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "main.h"
#include "run.h"
#include "verify.h"

enum { RECORDS = 400, MOST_TEXT = 1 << 16 };

static char schema[MOST_TEXT];

static void read_schema(void) {
  FILE *file = fopen(PD_SCHEMA, "re");
  ck_assert_ptr_nonnull(file);
  size_t size = fread(schema, 1, sizeof schema - 1, file);
  ck_assert_int_eq(fclose(file), 0);
  schema[size] = '\0';
}

static bool in_word(char c) {
  return isalnum((unsigned char)c) != 0 || c == '_';
}

static bool is_documented(const char *word) {
  size_t length = strlen(word);
  for (const char *at = strstr(schema, word); at != NULL; at = strstr(at + 1, word)) {
    if (!in_word(at[-1]) && !in_word(at[length]))
      return true;
  }
  return false;
}

/* Objects whose fields are names, each with the same kind of value. */
static bool has_names(const char *key) {
  return strcmp(key, "witnesses") == 0 || strcmp(key, "cells") == 0;
}

static void assert_documented(const json_t *value, bool names) {
  const char *key = NULL;
  json_t *field = NULL;
  size_t i = 0;
  json_object_foreach((json_t *)(uintptr_t)value, key, field) {
    ck_assert_msg(names || is_documented(key), "\"%s\" is not in report-schema.md", key);
    assert_documented(field, !names && has_names(key));
  }
  json_array_foreach(value, i, field) assert_documented(field, false);
}

/* The names in the first column of the tables of a section. */
static void assert_has_fields(const json_t *object, const char *section) {
  const char *at = strstr(schema, section);
  ck_assert_msg(at != NULL, "there is no section %s", section);
  const char *end = strstr(at + 1, "\n## ");
  size_t fields = 0;
  for (at = strstr(at, "\n| `"); at != NULL && (end == NULL || at < end);
       at = strstr(at, "\n| `")) {
    at += 3;
    const char *cell_end = strchr(at, '|');
    for (const char *quote = at; quote != NULL && quote < cell_end;) {
      char name[64];
      int length = (int)strcspn(quote + 1, "`");
      snprintf(name, sizeof name, "%.*s", length, quote + 1);
      ck_assert_msg(json_object_get(object, name) != NULL, "there is no \"%s\"", name);
      fields++;
      quote = strchr(quote + length + 2, '`');
    }
  }
  ck_assert_uint_gt(fields, 5);
}

START_TEST(fields_of_verify_are_documented) {
  struct pd_error error = {""};
  struct pd_progress progress;
  struct pd_verify_options options;
  struct pd_report report = {.run_count = 1, .runs = calloc(1, sizeof *report.runs)};
  int fd = -1;
  size_t size = 0;
  pd_progress_init(&progress);
  pd_verify_defaults(&options);
  options.workers = 1;
  ck_assert(pd_synthetic_file(RECORDS, 5, &fd, &size, &error));
  ck_assert_msg(pd_verify("synthetic", fd, size, pd_source_open_synthetic, &options, &progress,
                          report.runs, &error),
                "%s", error.text);
  json_t *document = pd_report_json(&report, true);
  ck_assert_ptr_nonnull(document);
  assert_documented(document, false);
  assert_has_fields(document, "## The report\n");
  json_decref(document);
  pd_report_free(&report);
  close(fd);
}
END_TEST

START_TEST(fields_of_run_are_documented) {
  const size_t most_path = 64;
  struct pd_error error = {""};
  struct pd_watch watch;
  struct pd_pool pool;
  const struct pd_pool_options options = {.watch = _i == 0 ? NULL : &watch, .sample_ms = 1};
  char path[64];
  char command[128];
  int fd = -1;
  size_t size = 0;
  ck_assert(pd_sample_region(RECORDS, 5, &fd, &size, &error));
  snprintf(path, most_path, "/proc/%ld/fd/%d", (long)getpid(), fd);
  ck_assert_msg(pd_watch_open(&watch, path, &error), "%s", error.text);
  snprintf(command, sizeof command, "'%s' verify %s -q -w 1 --no-heap", PD_PROGRAM, path);
  char *const arguments[] = {"sh", "-c", _i == 0 ? "x=1; (x=2; :); true" : command, NULL};
  ck_assert_msg(pd_pool_run(arguments, &options, &pool, &error), "%s", error.text);
  json_t *document = pd_pool_json(&pool, _i == 0 ? &pool : NULL);
  ck_assert_ptr_nonnull(document);
  const json_t *uses = json_object_get(json_object_get(document, "region"), "uses");
  ck_assert_int_eq(json_array_size(uses) > 0, _i == 1);
  ck_assert_uint_gt(json_array_size(json_object_get(document, "processes")), 0);
  assert_documented(document, false);
  assert_has_fields(document, "## The report of `pagediff run`");
  json_decref(document);
  pd_pool_free(&pool);
  pd_watch_close(&watch);
  close(fd);
}
END_TEST

int main(void) {
  Suite *suite = suite_create("harness_schema");
  TCase *tests = tcase_create("schema");
  tcase_set_timeout(tests, 60);
  tcase_add_unchecked_fixture(tests, read_schema, NULL);
  tcase_add_test(tests, fields_of_verify_are_documented);
  tcase_add_loop_test(tests, fields_of_run_are_documented, 0, 2);
  suite_add_tcase(suite, tests);
  return run_suite(suite);
}
