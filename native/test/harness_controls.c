/* The controls are caught, cell by cell as the committed table says, on every mapping, as the user
 * who runs the test and as an ordinary user. */
#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "control.h"
#include "harness_require.h"
#include "harness_user.h"
#include "inherit_control.h"
#include "main.h"
#include "pagemap.h"

enum { RECORDS = 3000 };

/* On a mapping of one kind, held against the table's rows for another. */
static void run_against(enum pd_mapping_kind kind, enum pd_mapping_kind rows, uint64_t seed,
                        struct pd_control_matrix *matrix, uint64_t records) {
  struct pd_error error = {""};
  struct pd_mapping mapping;
  struct pd_source source;
  struct pd_digests digests;
  const struct pd_host host = {PD_TIER_FORK, NULL};
  int fd = -1;
  size_t size = 0;
  ck_assert_msg(pd_synthetic_file(records, seed, &fd, &size, &error), "%s", error.text);
  ck_assert_msg(pd_mapping_open(&mapping, kind, fd, size, NULL, NULL, &error), "%s", error.text);
  mapping.kind = rows;
  ck_assert_msg(pd_source_open_synthetic(&source, &mapping, &error), "%s", error.text);
  ck_assert(pd_digests_init(&digests, mapping.pages));
  ck_assert_msg(pd_controls_run(&host, &mapping, &source, &digests, seed, matrix, &error), "%s",
                error.text);
  pd_digests_free(&digests);
  source.close(&source);
  pd_mapping_close(&mapping);
  close(fd);
}

static void run(enum pd_mapping_kind kind, uint64_t seed, struct pd_control_matrix *matrix,
                uint64_t records) {
  run_against(kind, kind, seed, matrix, records);
}

static void assert_as_expected(const struct pd_control_matrix *matrix) {
  for (int c = 0; c < PD_CONTROLS; c++) {
    const struct pd_control_result *result = &matrix->results[c];
    ck_assert_msg(result->available, "%s: %s", pd_control_name(result->id), result->why);
    for (int w = 0; w < PD_VMFLAGS; w++) {
      if (result->observed[w] == PD_CELL_UNAVAILABLE)
        continue;
      ck_assert_msg(
          result->observed[w] == result->expected[w], "%s, %s, %s: expected %s, observed %s: %s",
          pd_mapping_name(matrix->mapping), pd_control_name(result->id), pd_witnesses[w]->name,
          pd_cell_name(result->expected[w]), pd_cell_name(result->observed[w]), result->detail[w]);
    }
  }
  ck_assert_uint_eq(matrix->wrong, 0);
}

START_TEST(every_control_is_answered_as_the_table_says) {
  struct pd_control_matrix matrix;
  run((enum pd_mapping_kind)_i, 11, &matrix, RECORDS);
  assert_as_expected(&matrix);
  assert_required(&matrix);
  ck_assert_uint_ge(matrix.cells, 8 * PD_CONTROLS);
  if (pd_frames_visible())
    ck_assert_uint_eq(matrix.unavailable, 0);
  pd_controls_free(&matrix);
}
END_TEST

/* What `run` says of inherited pages, as the user who runs the test and as an ordinary user. */
START_TEST(every_deed_on_inherited_pages_is_told_as_the_table_says) {
  struct pd_inherit_controls controls;
  struct pd_error error = {""};
  int fd = -1;
  size_t size = 0;
  if (_i == 1)
    become_ordinary();
  ck_assert_msg(pd_synthetic_file(RECORDS, 7, &fd, &size, &error), "%s", error.text);
  ck_assert_msg(pd_inherit_controls_run(fd, size, pd_frames_visible(), 7, &controls, &error), "%s",
                error.text);
  close(fd);
  ck_assert_str_eq(controls.detail, "");
  ck_assert_uint_eq(controls.wrong, 0);
  ck_assert_uint_eq(controls.cells, PD_INHERITED_KINDS * PD_CONTROLS * PD_INHERIT_ANSWERS);
  ck_assert_uint_eq(controls.unavailable, 0);
}
END_TEST

START_TEST(an_ordinary_user_gets_the_same_answers_without_frame_numbers) {
  struct pd_control_matrix matrix;
  become_ordinary();
  ck_assert(!pd_frames_visible());
  run((enum pd_mapping_kind)_i, 12, &matrix, RECORDS);
  assert_as_expected(&matrix);
  assert_required_of_anybody(&matrix);
  for (int c = 0; c < PD_CONTROLS; c++) {
    ck_assert_int_eq(matrix.results[c].observed[PD_PFN], PD_CELL_UNAVAILABLE);
    ck_assert_int_ne(matrix.results[c].observed[PD_EXCLUSIVE], PD_CELL_UNAVAILABLE);
  }
  pd_controls_free(&matrix);
}
END_TEST

START_TEST(a_region_of_one_page_has_controls_too) {
  struct pd_control_matrix matrix;
  run(PD_FILE_PRIVATE, 13, &matrix, 3);
  ck_assert_uint_eq(matrix.results[PD_SILENT_STORE].touched.count, 1);
  ck_assert_int_eq(matrix.results[PD_SILENT_STORE].observed[PD_FAULTS], PD_CELL_UNAVAILABLE);
  ck_assert_int_eq(matrix.results[PD_SILENT_STORE].observed[PD_EXCLUSIVE], PD_CELL_CAUGHT);
  assert_as_expected(&matrix);
  pd_controls_free(&matrix);
}
END_TEST

START_TEST(every_answer_that_differs_from_the_table_is_counted_and_explained) {
  struct pd_control_matrix matrix;
  unsigned differ = 0;
  run_against(PD_FILE_PRIVATE, PD_ANON, 14, &matrix, RECORDS);
  for (int c = 0; c < PD_CONTROLS; c++) {
    const struct pd_control_result *result = &matrix.results[c];
    for (int w = 0; w < PD_VMFLAGS; w++) {
      bool wrong =
          result->observed[w] != PD_CELL_UNAVAILABLE && result->observed[w] != result->expected[w];
      differ += wrong ? 1 : 0;
      if (wrong)
        ck_assert_str_ne(result->detail[w], "");
    }
  }
  /* Pages of the file that were copied, and a process_vm_readv that copies none. */
  ck_assert_int_eq(matrix.results[PD_SILENT_STORE].observed[PD_ANON_PAGE], PD_CELL_CAUGHT);
  ck_assert_int_ne(matrix.results[PD_VM_READV].observed[PD_EXCLUSIVE], PD_CELL_CAUGHT);
  ck_assert_uint_ge(differ, 2);
  ck_assert_uint_eq(matrix.wrong, differ);
  pd_controls_free(&matrix);
}
END_TEST

/* A cell that is missing reads as blind: rows and cells are counted where they are written. */
START_TEST(no_row_of_the_table_is_missing) {
  size_t cells[PD_TIERS][PD_MAPPING_KINDS][PD_CONTROLS] = {0};
  size_t of_inherited[PD_INHERITED_KINDS][PD_CONTROLS] = {0};
#define CELLS(...) ((sizeof #__VA_ARGS__ + 2) / 3) /* "o, o, o" */
#define ROW(t, m, c, ...) cells[PD_TIER_##t][PD_##m][PD_##c] += CELLS(__VA_ARGS__);
#define INHERITED(k, c, ...) of_inherited[PD_INHERITED_##k][PD_##c] += CELLS(__VA_ARGS__);
#include "expected.def"
#undef CELLS
#undef ROW
#undef INHERITED
  for (int c = 0; c < PD_CONTROLS; c++) {
    for (int k = 0; k < PD_INHERITED_KINDS; k++)
      ck_assert_uint_eq(of_inherited[k][c], PD_INHERIT_ANSWERS);
    for (int t = 0; t < PD_TIERS; t++) {
      for (int m = 0; m < PD_MAPPING_KINDS; m++) {
        bool has = pd_tier_has((enum pd_tier)t, (enum pd_mapping_kind)m);
        ck_assert_uint_eq(cells[t][m][c], has ? PD_VMFLAGS : 0);
      }
    }
  }
  for (int m = 0; m < PD_MAPPING_KINDS; m++) {
    for (int c = 0; c < PD_CONTROLS; c++) {
      enum pd_cell scan =
          pd_expected(PD_TIER_FORK, (enum pd_mapping_kind)m, (enum pd_control_id)c, PD_SCAN);
      bool writes = c != PD_CLEAN && c != PD_VM_READV;
      ck_assert_int_eq(scan == PD_CELL_CAUGHT, writes);
    }
    /* What the faults of the other deeds are held against cannot differ from anything. */
    ck_assert_int_eq(pd_expected(PD_TIER_FORK, (enum pd_mapping_kind)m, PD_CLEAN, PD_FAULTS),
                     PD_CELL_UNAVAILABLE);
    ck_assert(pd_claims(PD_TIER_FORK, (enum pd_mapping_kind)m, PD_SCAN));
    bool shared = pd_mapping_is_shared((enum pd_mapping_kind)m);
    ck_assert_int_eq(pd_claims(PD_TIER_FORK, (enum pd_mapping_kind)m, PD_PFN), !shared);
    ck_assert_int_eq(pd_claims(PD_TIER_FORK, (enum pd_mapping_kind)m, PD_DIGEST), shared);
  }
}
END_TEST

int main(void) {
  Suite *suite = suite_create("harness_controls");
  TCase *tests = tcase_create("controls");
  tcase_set_timeout(tests, 60);
  tcase_add_loop_test(tests, every_control_is_answered_as_the_table_says, 0, PD_MAPPING_KINDS);
  tcase_add_loop_test(tests, an_ordinary_user_gets_the_same_answers_without_frame_numbers, 0,
                      PD_MAPPING_KINDS);
  tcase_add_loop_test(tests, every_deed_on_inherited_pages_is_told_as_the_table_says, 0, 2);
  tcase_add_test(tests, a_region_of_one_page_has_controls_too);
  tcase_add_test(tests, every_answer_that_differs_from_the_table_is_counted_and_explained);
  tcase_add_test(tests, no_row_of_the_table_is_missing);
  suite_add_tcase(suite, tests);
  return run_suite(suite);
}
