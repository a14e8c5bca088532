/* What is left of a run when its baseline is subtracted: by process, and not only in the mean; and
 * which processes forbid a zero. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "main.h"
#include "run.h"

enum { CHILDREN = 5, BASE = 8 };

/* A pool whose first process un-shared so many pages, and every other one so many. */
static struct pd_pool pool_of(struct pd_inheritance *children, size_t first, size_t others) {
  memset(children, 0, CHILDREN * sizeof *children);
  for (size_t i = 0; i < CHILDREN; i++) {
    children[i].measured = true;
    children[i].parent = 1;
    children[i].ended = true;
    children[i].frames_hold = true;
    children[i].unshared = i == 0 ? first : others;
  }
  return (struct pd_pool){.children = children, .count = CHILDREN, .frames = true};
}

/* As if every control had been answered as it must be, so that a zero can be had. */
static void answer_controls(struct pd_pool *pool) {
  for (int c = 0; c < PD_CONTROLS; c++) {
    for (int w = 0; w < PD_WITNESSES; w++)
      pool->controls.results[c].observed[w] = PD_CELL_CAUGHT;
  }
}

static void judge(const struct pd_pool *pool, struct pd_verdict *verdict) {
  struct pd_inheritance children[CHILDREN];
  const struct pd_pool base = pool_of(children, BASE, BASE);
  pd_pool_judge(pool, &base, verdict);
}

START_TEST(a_process_that_unshares_more_than_any_of_the_baseline_is_found_in_a_small_mean) {
  struct pd_inheritance children[CHILDREN];
  struct pd_pool pool = pool_of(children, BASE + 1, 0);
  struct pd_verdict verdict;
  judge(&pool, &verdict);
  ck_assert_msg(verdict.outcome == PD_UNSHARED, "%s", verdict.sentence);
  ck_assert_ptr_nonnull(strstr(verdict.sentence, "the one with most 9, against 8"));
  children[0].unshared = BASE;
  judge(&pool, &verdict);
  ck_assert_msg(verdict.outcome == PD_INCONCLUSIVE, "%s", verdict.sentence); /* no controls */
}
END_TEST

enum { MANY = 31 };

/* A pool of processes like that one, of which a zero can be had. */
static struct pd_pool many_like(struct pd_inheritance *many, const struct pd_inheritance *one) {
  struct pd_pool pool = {.children = many, .count = MANY, .frames = true};
  for (size_t i = 0; i < MANY; i++)
    many[i] = *one;
  answer_controls(&pool);
  return pool;
}

/* One process with many pages among few makes a high mean; many processes hide behind it. */
START_TEST(a_shift_of_all_processes_is_found_in_a_small_mean) {
  struct pd_inheritance few[CHILDREN];
  struct pd_inheritance many[MANY];
  const struct pd_pool base = pool_of(few, 320, 5);
  const struct pd_pool pool = many_like(many, &few[1]);
  struct pd_verdict verdict;
  many[0].unshared = 300;
  pd_pool_judge(&pool, &base, &verdict);
  ck_assert_msg(verdict.outcome == PD_ZERO, "%s", verdict.sentence);
  for (size_t i = 1; i < MANY; i++) {
    many[i].unshared += _i == 0 ? 30 : 0;
    many[i].parted += _i == 1 ? 30 : 0;
  }
  ck_assert(pd_pool_mean_apart(&pool) < pd_pool_mean_apart(&base));
  pd_pool_judge(&pool, &base, &verdict);
  ck_assert_msg(verdict.outcome == (_i == 0 ? PD_UNSHARED : PD_INCONCLUSIVE), "%s",
                verdict.sentence);
  if (_i == 0)
    ck_assert_ptr_nonnull(strstr(verdict.sentence, "1 in four have no more than 35, against 5"));
}
END_TEST

START_TEST(a_shift_of_all_dropped_pages_gives_no_zero) {
  struct pd_inheritance few[CHILDREN];
  struct pd_inheritance many[MANY];
  const struct pd_pool base = pool_of(few, 0, 0);
  const struct pd_pool pool = many_like(many, &few[1]);
  struct pd_verdict verdict;
  few[0].dropped = 320;
  many[0].dropped = 290;
  pd_pool_judge(&pool, &base, &verdict);
  ck_assert_msg(verdict.outcome == PD_ZERO, "%s", verdict.sentence);
  for (size_t i = 1; i < MANY; i++)
    many[i].dropped = 30;
  ck_assert(pd_pool_mean_dropped(&pool) < pd_pool_mean_dropped(&base));
  pd_pool_judge(&pool, &base, &verdict);
  ck_assert_msg(verdict.outcome == PD_INCONCLUSIVE, "%s", verdict.sentence);
  ck_assert_msg(strstr(verdict.sentence, "1 in four have no more than 30, against 0") != NULL, "%s",
                verdict.sentence);
}
END_TEST

START_TEST(a_baseline_that_unshares_most_of_what_it_inherited_gives_no_zero) {
  enum { HEAP, OTHER, TEXT, MAPPINGS, LARGE = 256 };
  struct pd_inheritance children[CHILDREN];
  struct pd_inheritance baseline[CHILDREN];
  const struct pd_pool base = pool_of(baseline, BASE, BASE);
  struct pd_pool pool = pool_of(children, BASE, BASE);
  const size_t heap = _i == 0 ? 2 * BASE : LARGE;
  struct pd_inherited_mapping mappings[MAPPINGS] = {
      [HEAP] = {.permissions = "rw-p", .name = "[heap]", .pages = heap, .present_count = heap},
      [OTHER] = {.permissions = "rw-p",
                 .pages = 9 * LARGE,
                 .present_count = _i == 0 ? 0 : 9 * LARGE},
      [TEXT] = {.permissions = "r-xp", .pages = LARGE, .present_count = LARGE},
  };
  struct pd_verdict verdict;
  for (size_t m = 0; m < MAPPINGS; m++)
    ck_assert(pd_pageset_init(&mappings[m].unshared, mappings[m].pages));
  for (size_t i = 0; i < CHILDREN; i++) {
    baseline[i].mappings = mappings;
    baseline[i].count = MAPPINGS;
  }
  for (size_t page = 0; page < heap / 2; page++)
    pd_pageset_add(&mappings[HEAP].unshared, page);
  answer_controls(&pool);
  pd_pool_judge(&pool, &base, &verdict);
  ck_assert_msg(verdict.outcome == PD_ZERO, "%s", verdict.sentence);
  pd_pageset_add(&mappings[HEAP].unshared, heap / 2);
  pd_pool_judge(&pool, &base, &verdict);
  ck_assert_msg(verdict.outcome == PD_INCONCLUSIVE, "%s", verdict.sentence);
  ck_assert_msg(strstr(verdict.sentence, _i == 0 ? "un-shares 45 of the 80 writable pages"
                                                 : "inherited in [heap], behind") != NULL,
                "%s", verdict.sentence);
  children[0].unshared++;
  pd_pool_judge(&pool, &base, &verdict); /* what is beyond the baseline is found all the same */
  ck_assert_msg(verdict.outcome == PD_UNSHARED, "%s", verdict.sentence);
  for (size_t m = 0; m < MAPPINGS; m++)
    pd_pageset_free(&mappings[m].unshared);
}
END_TEST

START_TEST(quarters_are_places_in_the_sorted_list) {
  struct pd_inheritance children[CHILDREN];
  struct pd_pool pool = pool_of(children, 0, 0);
  static const size_t PAGES[CHILDREN] = {9, 1, 7, 3, 5};
  for (size_t i = 0; i < CHILDREN; i++)
    children[i].unshared = PAGES[i];
  for (unsigned quarter = 0; quarter <= 4; quarter++)
    ck_assert_uint_eq(pd_pool_quarter(&pool, quarter, PD_UNSHARED_PAGES), 1 + 2 * quarter);
  children[0].dropped = 2;
  strcpy(children[0].conditions, "pages of what it inherited in swap");
  ck_assert_uint_eq(pd_pool_quarter(&pool, 4, PD_UNSHARED_PAGES), 7);
  ck_assert_uint_eq(pd_pool_quarter(&pool, 4, PD_DROPPED_PAGES), 2);
  children[0].measured = false;
  ck_assert_uint_eq(pd_pool_quarter(&pool, 4, PD_DROPPED_PAGES), 0);
  pool.count = 0;
  ck_assert_uint_eq(pd_pool_quarter(&pool, 2, PD_APART_PAGES), 0);
}
END_TEST

START_TEST(pages_of_a_process_that_forked_count_where_frames_name_them) {
  struct pd_inheritance children[CHILDREN];
  struct pd_pool pool = pool_of(children, BASE + 1, 0);
  struct pd_verdict verdict;
  strcpy(children[0].conditions, "the worker itself forked");
  judge(&pool, &verdict);
  ck_assert_msg(verdict.outcome == PD_UNSHARED, "%s", verdict.sentence);
  children[0].frames_hold = false;
  judge(&pool, &verdict);
  ck_assert_msg(verdict.outcome == PD_INCONCLUSIVE, "%s", verdict.sentence);
}
END_TEST

/* Its frames tell what it did to the pages that were looked at, and only to those. */
START_TEST(what_was_not_looked_at_in_a_process_that_forked_gives_no_zero) {
  static const char *const WHY[] = {"1 processes have mappings above 64 GiB",
                                    "4 kB of private memory of processes that forked"};
  struct pd_inheritance children[CHILDREN];
  struct pd_pool pool = pool_of(children, 0, 0);
  struct pd_verdict verdict;
  answer_controls(&pool);
  strcpy(children[2].conditions, "the worker itself forked");
  judge(&pool, &verdict);
  ck_assert_msg(verdict.outcome == PD_ZERO, "%s", verdict.sentence);
  children[2].skipped = _i == 0 ? 1 : 0;
  children[2].unnamed_kb = _i == 1 ? 4 : 0;
  judge(&pool, &verdict);
  ck_assert_msg(verdict.outcome == PD_INCONCLUSIVE, "%s", verdict.sentence);
  ck_assert_msg(strstr(verdict.sentence, WHY[_i]) != NULL, "%s", verdict.sentence);
}
END_TEST

/* By the process, or by a thread of its parent before the process was looked at first. */
START_TEST(pages_whose_writer_is_not_known_give_no_zero) {
  struct pd_inheritance children[CHILDREN];
  struct pd_pool pool = pool_of(children, 0, 0);
  struct pd_verdict verdict;
  answer_controls(&pool);
  children[1].undecided = BASE;
  judge(&pool, &verdict);
  ck_assert_msg(verdict.outcome == PD_ZERO, "%s", verdict.sentence);
  children[1].undecided = BASE + 1;
  judge(&pool, &verdict);
  ck_assert_msg(verdict.outcome == PD_INCONCLUSIVE, "%s", verdict.sentence);
  ck_assert_ptr_nonnull(strstr(verdict.sentence, "of the one with most 9"));
  pd_pool_judge(&pool, &pool, &verdict);
  ck_assert_msg(verdict.outcome == PD_ZERO, "%s", verdict.sentence);
}
END_TEST

START_TEST(a_parent_that_ran_another_program_gives_no_zero) {
  struct pd_inheritance children[CHILDREN];
  struct pd_pool pool = pool_of(children, 0, 0);
  struct pd_verdict verdict;
  answer_controls(&pool);
  children[1].parent_executed = true;
  judge(&pool, &verdict);
  ck_assert_msg(verdict.outcome == PD_INCONCLUSIVE, "%s", verdict.sentence);
  ck_assert_ptr_nonnull(strstr(verdict.sentence, "the parents of 1 processes ran another program"));
  pd_pool_judge(&pool, &pool, &verdict);
  ck_assert_msg(verdict.outcome == PD_ZERO, "%s", verdict.sentence);
}
END_TEST

START_TEST(a_parent_that_ended_first_gives_no_zero) {
  struct pd_inheritance children[CHILDREN];
  struct pd_pool pool = pool_of(children, 0, 0);
  struct pd_verdict verdict;
  answer_controls(&pool);
  if (_i == 0) {
    children[1].parent_ended = true;
  } else {
    children[1].parent = 0; /* it was killed in the fork */
  }
  judge(&pool, &verdict);
  ck_assert_msg(verdict.outcome == PD_INCONCLUSIVE, "%s", verdict.sentence);
  ck_assert_ptr_nonnull(strstr(verdict.sentence, "the parents of 1 processes ended before them"));
  pd_pool_judge(&pool, &pool, &verdict);
  ck_assert_msg(verdict.outcome == PD_ZERO, "%s", verdict.sentence);
}
END_TEST

START_TEST(a_wrong_answer_about_inherited_pages_gives_no_verdict) {
  struct pd_inheritance children[CHILDREN];
  struct pd_pool pool = pool_of(children, BASE + 1, 0);
  struct pd_verdict verdict;
  pool.own_controls = (struct pd_inherit_controls){.cells = 14, .wrong = 1, .detail = "vm_readv"};
  judge(&pool, &verdict);
  ck_assert_msg(verdict.outcome == PD_INCONCLUSIVE, "%s", verdict.sentence);
  ck_assert_ptr_nonnull(strstr(verdict.sentence, "1 of 14 control answers about inherited pages"));
}
END_TEST

START_TEST(a_zero_says_when_it_is_one_beyond_the_baseline_only) {
  struct pd_inheritance children[CHILDREN];
  struct pd_pool pool = pool_of(children, BASE, _i == 0 ? BASE : 0);
  struct pd_verdict verdict;
  children[0].unshared = _i == 2 ? 0 : BASE;
  answer_controls(&pool);
  judge(&pool, &verdict);
  ck_assert_msg(verdict.outcome == PD_ZERO, "%s", verdict.sentence);
  const char *found = strstr(verdict.sentence, "No more than the baseline, which un-shares pages");
  ck_assert_msg((found == verdict.sentence) == (_i < 2), "%s", verdict.sentence);
}
END_TEST

START_TEST(a_process_whose_pages_cannot_be_told_gives_no_zero) {
  static const char *const WHY[] = {"pages of what it inherited in swap",
                                    "KSM merges pages of what it inherited",
                                    "transparent huge pages in what it inherited"};
  struct pd_inheritance children[CHILDREN];
  struct pd_pool pool = pool_of(children, 0, 0);
  struct pd_verdict verdict;
  answer_controls(&pool);
  judge(&pool, &verdict);
  ck_assert_msg(verdict.outcome == PD_ZERO, "%s", verdict.sentence);
  strcpy(children[2].conditions, "the worker itself forked");
  judge(&pool, &verdict);
  ck_assert_msg(verdict.outcome == PD_ZERO, "%s", verdict.sentence);
  for (size_t i = 3; i < CHILDREN; i++) {
    children[i].pid = (pid_t)(1000 + i);
    children[i].frames_hold = false;
    strcpy(children[i].conditions, WHY[_i]);
  }
  judge(&pool, &verdict);
  ck_assert_msg(verdict.outcome == PD_INCONCLUSIVE, "%s", verdict.sentence);
  ck_assert_msg(strstr(verdict.sentence, ": 2, the first one 1003 (") != NULL, "%s",
                verdict.sentence);
  ck_assert_msg(strstr(verdict.sentence, WHY[_i]) != NULL, "%s", verdict.sentence);
}
END_TEST

int main(void) {
  Suite *suite = suite_create("harness_baseline");
  TCase *tests = tcase_create("baseline");
  tcase_add_test(tests,
                 a_process_that_unshares_more_than_any_of_the_baseline_is_found_in_a_small_mean);
  tcase_add_loop_test(tests, a_shift_of_all_processes_is_found_in_a_small_mean, 0, 2);
  tcase_add_test(tests, a_shift_of_all_dropped_pages_gives_no_zero);
  tcase_add_loop_test(tests, a_baseline_that_unshares_most_of_what_it_inherited_gives_no_zero, 0,
                      2);
  tcase_add_test(tests, quarters_are_places_in_the_sorted_list);
  tcase_add_test(tests, pages_of_a_process_that_forked_count_where_frames_name_them);
  tcase_add_loop_test(tests, what_was_not_looked_at_in_a_process_that_forked_gives_no_zero, 0, 2);
  tcase_add_test(tests, pages_whose_writer_is_not_known_give_no_zero);
  tcase_add_test(tests, a_parent_that_ran_another_program_gives_no_zero);
  tcase_add_loop_test(tests, a_parent_that_ended_first_gives_no_zero, 0, 2);
  tcase_add_test(tests, a_wrong_answer_about_inherited_pages_gives_no_verdict);
  tcase_add_loop_test(tests, a_zero_says_when_it_is_one_beyond_the_baseline_only, 0, 3);
  tcase_add_loop_test(tests, a_process_whose_pages_cannot_be_told_gives_no_zero, 0, 3);
  suite_add_tcase(suite, tests);
  return run_suite(suite);
}
