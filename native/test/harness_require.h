/* Witnesses named in ZTC_REQUIRE must work: without them a test fails instead of passing on fewer.
 */
#ifndef HARNESS_REQUIRE_H
#define HARNESS_REQUIRE_H

#include "control.h"
#include "require.h"

enum { EXIT_SKIPPED = 77 };

static inline void assert_worked(const struct pd_control_matrix *matrix, enum pd_witness_id id) {
  for (int c = 0; c < PD_CONTROLS; c++) {
    const struct pd_control_result *result = &matrix->results[c];
    ck_assert_msg(
        result->observed[id] != PD_CELL_UNAVAILABLE || result->expected[id] == PD_CELL_UNAVAILABLE,
        "required, but not available: %s: %s", pd_witnesses[id]->name, result->detail[id]);
  }
}

/* Of a matrix as an ordinary user sees it. */
static inline void assert_required_of_anybody(const struct pd_control_matrix *matrix) {
  if (is_required("scan"))
    assert_worked(matrix, PD_SCAN);
  if (is_required("bits")) {
    assert_worked(matrix, PD_EXCLUSIVE);
    assert_worked(matrix, PD_ANON_PAGE);
  }
}

/* Of a matrix as the user who runs the test sees it. */
static inline void assert_required(const struct pd_control_matrix *matrix) {
  if (is_required("pfn"))
    assert_worked(matrix, PD_PFN);
  assert_required_of_anybody(matrix);
}

#endif
