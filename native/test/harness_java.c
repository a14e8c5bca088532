/* Workers in a JVM, created by a forked child or in a process of its own: every control is answered
 * as the table says, as the user who runs the test and as an ordinary user. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "control.h"
#include "harness_java_files.h"
#include "harness_require.h"
#include "harness_user.h"
#include "main.h"
#include "verify.h"

enum { RECORDS = 1500 };

/* Both tiers on every mapping they have: jvm on five, java on the four that a file is behind. */
enum { PLACES = 2 * PD_MAPPING_KINDS - 1 };

static enum pd_tier tier_of(int place) {
  return place < PD_MAPPING_KINDS ? PD_TIER_JVM : PD_TIER_JAVA;
}

static enum pd_mapping_kind mapping_of(int place) {
  return (enum pd_mapping_kind)(place < PD_MAPPING_KINDS ? place : place - PD_MAPPING_KINDS + 1);
}

static void run_controls(int place, struct pd_control_matrix *matrix) {
  struct pd_error error = {""};
  struct pd_mapping mapping;
  struct pd_source source;
  struct pd_digests digests;
  const struct pd_host host = {tier_of(place), &java};
  int fd = -1;
  size_t size = 0;
  ck_assert_msg(pd_sample_region(RECORDS, 3, &fd, &size, &error), "%s", error.text);
  ck_assert_msg(pd_mapping_open(&mapping, mapping_of(place), fd, size, NULL, NULL, &error), "%s",
                error.text);
  ck_assert_msg(pd_source_open_region(&source, &mapping, &error), "%s", error.text);
  ck_assert(pd_digests_init(&digests, mapping.pages));
  ck_assert_msg(pd_controls_run(&host, &mapping, &source, &digests, 3, matrix, &error), "%s",
                error.text);
  pd_digests_free(&digests);
  source.close(&source);
  pd_mapping_close(&mapping);
  close(fd);
}

static void assert_as_expected(const struct pd_control_matrix *matrix) {
  for (int c = 0; c < PD_CONTROLS; c++) {
    const struct pd_control_result *result = &matrix->results[c];
    ck_assert_msg(result->available, "%s: %s", pd_control_name(result->id), result->why);
    for (int w = 0; w < PD_VMFLAGS; w++) {
      if (result->observed[w] == PD_CELL_UNAVAILABLE)
        continue;
      ck_assert_msg(result->observed[w] == result->expected[w],
                    "%s, %s, %s, %s: expected %s, observed %s: %s", pd_tier_name(matrix->tier),
                    pd_mapping_name(matrix->mapping), pd_control_name(result->id),
                    pd_witnesses[w]->name, pd_cell_name(result->expected[w]),
                    pd_cell_name(result->observed[w]), result->detail[w]);
    }
  }
  ck_assert_uint_eq(matrix->wrong, 0);
}

START_TEST(every_control_is_answered_as_the_table_says) {
  struct pd_control_matrix matrix;
  run_controls(_i, &matrix);
  assert_as_expected(&matrix);
  assert_required(&matrix);
  pd_controls_free(&matrix);
}
END_TEST

START_TEST(an_ordinary_user_gets_the_same_answers_without_frame_numbers) {
  struct pd_control_matrix matrix;
  become_ordinary();
  run_controls(_i, &matrix);
  assert_as_expected(&matrix);
  assert_required_of_anybody(&matrix);
  for (int c = 0; c < PD_CONTROLS; c++)
    ck_assert_int_eq(matrix.results[c].observed[PD_PFN], PD_CELL_UNAVAILABLE);
  pd_controls_free(&matrix);
}
END_TEST

START_TEST(a_java_process_has_no_inherited_memory) {
  struct pd_error error = {""};
  struct pd_progress progress;
  struct pd_verify_options options;
  struct pd_run run;
  pd_progress_init(&progress);
  pd_verify_defaults(&options);
  options.mapping = PD_ANON;
  options.host = (struct pd_host){PD_TIER_JAVA, &java};
  ck_assert(!pd_verify("none", -1, 1, pd_source_open_region, &options, &progress, &run, &error));
  ck_assert_ptr_nonnull(strstr(error.text, "inherits no memory"));
}
END_TEST

START_TEST(a_home_without_a_jvm_is_named) {
  struct pd_error error = {""};
  struct pd_java none;
  ck_assert(!pd_java_find(&none, "/nowhere", NULL, &error));
  ck_assert_ptr_nonnull(strstr(error.text, "/nowhere/lib/server/libjvm.so"));
}
END_TEST

int main(void) {
  struct pd_error error = {""};
  struct pd_java found;
  if (!pd_java_find(&found, NULL, NULL, &error) && !is_required("jdk17") && !is_required("jdk25")) {
    printf("SKIPPED: %s\n", error.text);
    return EXIT_SKIPPED;
  }
  Suite *suite = suite_create("harness_java");
  TCase *tests = tcase_create("java");
  tcase_set_timeout(tests, 60);
  tcase_add_unchecked_fixture(tests, copy_java_files, remove_java_files);
  tcase_add_loop_test(tests, every_control_is_answered_as_the_table_says, 0, PLACES);
  tcase_add_loop_test(tests, an_ordinary_user_gets_the_same_answers_without_frame_numbers, 0,
                      PLACES);
  tcase_add_test(tests, a_java_process_has_no_inherited_memory);
  tcase_add_test(tests, a_home_without_a_jvm_is_named);
  suite_add_tcase(suite, tests);
  return run_suite(suite);
}
