/* The library's own workers show zero: a real region, copied with the real library, by workers of
 * every tier on every mapping, as the user who runs the test and as an ordinary user. */
#include <check.h>
#include <stdlib.h>
#include <unistd.h>

#include "harness_user.h"
#include "main.h"
#include "verify.h"

#ifdef PD_JAVA_FOLDER
#include "harness_java_files.h"
#include "harness_require.h"
#endif

enum { RECORDS = 1500, WORKERS = 2 };

/* Several MiB, written by whole blocks: files of which pieces may be in huge pages. */
enum { MANY = 12000 };

static void verify(enum pd_tier tier, enum pd_mapping_kind kind, uint64_t records,
                   struct pd_report *report) {
  struct pd_error error = {""};
  struct pd_progress progress;
  struct pd_verify_options options;
  int fd = -1;
  size_t size = 0;
  *report = (struct pd_report){.run_count = 1, .runs = calloc(1, sizeof *report->runs)};
  pd_progress_init(&progress);
  pd_verify_defaults(&options);
  options.workers = WORKERS;
  options.heap = false;
  options.mapping = kind;
  options.host.tier = tier;
#ifdef PD_JAVA_FOLDER
  options.host.java = &java;
#endif
  ck_assert_msg(pd_sample_region(records, 3, &fd, &size, &error), "%s", error.text);
  ck_assert_msg(pd_verify("sample", fd, size, pd_source_open_region, &options, &progress,
                          report->runs, &error),
                "%s", error.text);
  close(fd);
}

static void assert_nothing_found(const struct pd_run *run, uint64_t records) {
  ck_assert_uint_eq(run->region.fleet.count, WORKERS);
  for (size_t i = 0; i < WORKERS; i++) {
    const struct pd_worker_result *worker = &run->region.fleet.workers[i];
    ck_assert_uint_eq(worker->records, records);
    ck_assert_uint_eq(worker->unshared.count, 0);
    ck_assert_uint_eq(worker->audit.absent.count, 0);
    ck_assert_str_eq(worker->audit.conditions, "");
  }
}

static void assert_zero(enum pd_tier tier, enum pd_mapping_kind kind, uint64_t records,
                        uint64_t rounds, bool root_tier) {
  struct pd_report report;
  verify(tier, kind, records, &report);
  const struct pd_run *run = &report.runs[0];
  ck_assert_msg(run->verdict.outcome == PD_ZERO, "%s", run->verdict.sentence);
  ck_assert_int_eq(run->verdict.root_tier, root_tier);
  assert_nothing_found(run, records * rounds);
  pd_report_free(&report);
}

/* Loops run each place twice: as the user who runs the test, then as an ordinary user. */
static bool ordinary(int i, int places) {
  if (i < places)
    return false;
  become_ordinary();
  return true;
}

START_TEST(copies_in_forked_workers_leave_all_pages_shared) {
  bool user = ordinary(_i, PD_MAPPING_KINDS);
  assert_zero(PD_TIER_FORK, (enum pd_mapping_kind)(_i % PD_MAPPING_KINDS), RECORDS, 1,
              !user && pd_frames_visible());
}
END_TEST

START_TEST(copies_are_told_page_by_page_where_the_file_is_in_huge_pages) {
  bool user = ordinary(_i, 1);
  assert_zero(PD_TIER_FORK, PD_FILE_PRIVATE, MANY, 1, !user && pd_frames_visible());
}
END_TEST

#ifdef PD_JAVA_FOLDER

START_TEST(copies_in_a_jvm_of_a_forked_child_leave_all_pages_shared) {
  bool user = ordinary(_i, PD_MAPPING_KINDS);
  assert_zero(PD_TIER_JVM, (enum pd_mapping_kind)(_i % PD_MAPPING_KINDS), RECORDS, PD_JAVA_ROUNDS,
              !user && pd_frames_visible());
}
END_TEST

START_TEST(copies_in_java_processes_leave_all_pages_shared) {
  static const enum pd_mapping_kind kinds[] = {PD_FILE_PRIVATE, PD_MEMFD_PRIVATE, PD_FILE_SHARED,
                                               PD_MEMFD_SHARED};
  bool user = ordinary(_i, 4);
  assert_zero(PD_TIER_JAVA, kinds[_i % 4], RECORDS, PD_JAVA_ROUNDS, !user && pd_frames_visible());
}
END_TEST

START_TEST(copies_in_java_processes_are_told_page_by_page_where_the_file_is_in_huge_pages) {
  bool user = ordinary(_i, 1);
  assert_zero(PD_TIER_JAVA, PD_FILE_PRIVATE, MANY, PD_JAVA_ROUNDS, !user && pd_frames_visible());
}
END_TEST

static void add_java_tests(Suite *suite) {
  struct pd_error error = {""};
  struct pd_java found;
  if (!pd_java_find(&found, NULL, NULL, &error) && !is_required("jdk17") && !is_required("jdk25")) {
    printf("not available here: workers in a JVM: %s\n", error.text);
    return;
  }
  TCase *tests = tcase_create("java");
  tcase_set_timeout(tests, 100);
  tcase_add_unchecked_fixture(tests, copy_java_files, remove_java_files);
  tcase_add_loop_test(tests, copies_in_a_jvm_of_a_forked_child_leave_all_pages_shared, 0,
                      2 * PD_MAPPING_KINDS);
  tcase_add_loop_test(tests, copies_in_java_processes_leave_all_pages_shared, 0, 8);
  tcase_add_loop_test(
      tests, copies_in_java_processes_are_told_page_by_page_where_the_file_is_in_huge_pages, 0, 2);
  suite_add_tcase(suite, tests);
}

#else

static void add_java_tests(Suite *suite) {
  (void)suite;
  puts("not available here: workers in a JVM: built without a JDK");
}

#endif

int main(void) {
  Suite *suite = suite_create("harness_own");
  TCase *tests = tcase_create("fork");
  tcase_set_timeout(tests, 60);
  tcase_add_loop_test(tests, copies_in_forked_workers_leave_all_pages_shared, 0,
                      2 * PD_MAPPING_KINDS);
  tcase_add_loop_test(tests, copies_are_told_page_by_page_where_the_file_is_in_huge_pages, 0, 2);
  suite_add_tcase(suite, tests);
  add_java_tests(suite);
  return run_suite(suite);
}
