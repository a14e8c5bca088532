/* Sets of page numbers, and the order in which workers visit records. */
#include <check.h>
#include <stdlib.h>

#include "main.h"
#include "order.h"
#include "pageset.h"

START_TEST(set_holds_exactly_what_was_added) {
  struct pd_pageset set;
  ck_assert(pd_pageset_init(&set, 200));
  const size_t pages[] = {0, 63, 64, 127, 199, 63};
  for (size_t i = 0; i < 6; i++)
    pd_pageset_add(&set, pages[i]);
  pd_pageset_add(&set, 200); /* outside: ignored */
  ck_assert_uint_eq(set.count, 5);
  for (size_t i = 0; i < 200; i++) {
    bool expected = i == 0 || i == 63 || i == 64 || i == 127 || i == 199;
    ck_assert_int_eq(pd_pageset_has(&set, i), expected);
  }
  pd_pageset_free(&set);
}
END_TEST

START_TEST(runs_cover_the_set) {
  struct pd_pageset set;
  struct pd_pageset again;
  uint64_t state = 7;
  ck_assert(pd_pageset_init(&set, 1000));
  ck_assert(pd_pageset_init(&again, 1000));
  for (int i = 0; i < 400; i++)
    pd_pageset_add(&set, (size_t)(pd_random(&state) % 1000));
  size_t first = 0;
  size_t length = 0;
  for (size_t at = 0; pd_pageset_next_run(&set, at, &first, &length); at = first + length) {
    ck_assert(first == 0 || !pd_pageset_has(&set, first - 1));
    ck_assert(!pd_pageset_has(&set, first + length));
    for (size_t i = 0; i < length; i++)
      pd_pageset_add(&again, first + i);
  }
  ck_assert(pd_pageset_equal(&set, &again));
  pd_pageset_add(&again, (size_t)999);
  pd_pageset_add(&set, (size_t)998);
  ck_assert(pd_pageset_has(&set, 999) || !pd_pageset_equal(&set, &again));
  pd_pageset_free(&set);
  pd_pageset_free(&again);
}
END_TEST

START_TEST(format_names_runs_and_says_when_it_is_cut_short) {
  struct pd_pageset set;
  char text[64];
  ck_assert(pd_pageset_init(&set, 500));
  const size_t pages[] = {2, 3, 4, 7, 9, 10};
  for (size_t i = 0; i < 6; i++)
    pd_pageset_add(&set, pages[i]);
  pd_pageset_format(&set, text, sizeof text);
  ck_assert_str_eq(text, "2-4, 7, 9-10");
  for (size_t i = 20; i < 500; i += 2)
    pd_pageset_add(&set, i);
  pd_pageset_format(&set, text, sizeof text);
  ck_assert_ptr_nonnull(strstr(text, "... (246 pages)"));
  pd_pageset_free(&set);
}
END_TEST

START_TEST(count_in_a_block_counts_members_only) {
  struct pd_pageset set;
  ck_assert(pd_pageset_init(&set, 10));
  pd_pageset_add(&set, 1);
  pd_pageset_add(&set, 9);
  ck_assert_uint_eq(pd_pageset_count_in(&set, 0, 5), 1);
  ck_assert_uint_eq(pd_pageset_count_in(&set, 8, 100), 1);
  ck_assert_uint_eq(pd_pageset_count_in(&set, 2, 7), 0);
  pd_pageset_free(&set);
}
END_TEST

START_TEST(random_order_visits_every_index_once) {
  const uint64_t counts[] = {1, 2, 3, 4, 5, 17, 1000, 1024, 1025};
  for (size_t c = 0; c < sizeof counts / sizeof *counts; c++) {
    struct pd_order order;
    uint8_t *seen = calloc(counts[c], 1);
    pd_order_init(&order, counts[c], false, 42);
    for (uint64_t i = 0; i < counts[c]; i++) {
      uint64_t at = pd_order_at(&order, i);
      ck_assert_uint_lt(at, counts[c]);
      ck_assert_uint_eq(seen[at], 0);
      seen[at] = 1;
    }
    free(seen);
  }
}
END_TEST

START_TEST(order_depends_on_the_seed_only) {
  struct pd_order a;
  struct pd_order b;
  struct pd_order other;
  struct pd_order plain;
  unsigned same = 0;
  pd_order_init(&a, 1000, false, 1);
  pd_order_init(&b, 1000, false, 1);
  pd_order_init(&other, 1000, false, 2);
  pd_order_init(&plain, 1000, true, 1);
  for (uint64_t i = 0; i < 1000; i++) {
    ck_assert_uint_eq(pd_order_at(&a, i), pd_order_at(&b, i));
    ck_assert_uint_eq(pd_order_at(&plain, i), i);
    same += pd_order_at(&a, i) == pd_order_at(&other, i) ? 1 : 0;
  }
  ck_assert_uint_lt(same, 50);
}
END_TEST

int main(void) {
  Suite *suite = suite_create("harness_pageset");
  TCase *tests = tcase_create("pageset");
  tcase_add_test(tests, set_holds_exactly_what_was_added);
  tcase_add_test(tests, runs_cover_the_set);
  tcase_add_test(tests, format_names_runs_and_says_when_it_is_cut_short);
  tcase_add_test(tests, count_in_a_block_counts_members_only);
  tcase_add_test(tests, random_order_visits_every_index_once);
  tcase_add_test(tests, order_depends_on_the_seed_only);
  suite_add_tcase(suite, tests);
  return run_suite(suite);
}
