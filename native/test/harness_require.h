/* Capabilities named in ZTC_REQUIRE must be there: without them a test fails instead of passing on
 * fewer witnesses. */
#ifndef HARNESS_REQUIRE_H
#define HARNESS_REQUIRE_H

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control.h"

enum { EXIT_SKIPPED = 77 };

/* Whether the list in ZTC_REQUIRE, separated by commas, has the word. */
static inline bool is_required(const char *word) {
  const char *list = getenv("ZTC_REQUIRE");
  size_t length = strlen(word);
  for (const char *at = list; at != NULL && *at != '\0'; at += strspn(at, ",")) {
    size_t n = strcspn(at, ",");
    if (n == length && strncmp(at, word, n) == 0)
      return true;
    at += n;
  }
  return false;
}

/* What a test needs is missing: a failure where it is required. */
static inline void not_available(const char *word, const char *why) {
  ck_assert_msg(!is_required(word), "required, but not available: %s: %s", word, why);
  printf("not available here: %s: %s\n", word, why);
}

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
