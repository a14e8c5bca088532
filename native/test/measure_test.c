/* The benchmarks' paired rounds: which side reads which part of the sequence, and when. */
#include "main.h"
#include "measure.h"
#include "support.h"

enum { MOST_SLICES = 256, ORDER = 10000 };

typedef struct slice {
  char side;
  size_t from, count;
} slice;

typedef struct record {
  slice slices[MOST_SLICES];
  size_t used;
} record;

static void note(record *r, char side, size_t from, size_t count) {
  ck_assert_uint_lt(r->used, MOST_SLICES);
  r->slices[r->used++] = (slice){side, from, count};
}

static void side_a(void *r, size_t from, size_t count) {
  note(r, 'a', from, count);
}

static void side_b(void *r, size_t from, size_t count) {
  note(r, 'b', from, count);
}

/* The timed slices; two of the warm-up come before them. */
static const slice *run(record *r, slices s, int rounds) {
  const result x = compare(side_a, side_b, r, s, rounds);
  ck_assert_int_eq(x.rounds, rounds);
  ck_assert_uint_eq(r->used, 2 + 4 * (size_t)rounds);
  return r->slices + 2;
}

/* Which side had each unit of the sequence; none is read twice in a pass. */
static size_t owners(const slice *pass, size_t count, size_t order, char *owner) {
  size_t read = 0;
  memset(owner, 0, order);
  for (size_t i = 0; i < count; i++) {
    for (size_t k = 0; k < pass[i].count; k++) {
      char *at = owner + (pass[i].from + k) % order;
      ck_assert_int_eq(*at, 0);
      *at = pass[i].side;
      read++;
    }
  }
  return read;
}

START_TEST(a_round_is_a_b_b_a_on_four_disjoint_slices) {
  record r = {0};
  const slice *timed = run(&r, (slices){.units = 7}, 5);
  for (size_t i = 0; i < 20; i++) {
    ck_assert_int_eq(timed[i].side, "abba"[i % 4]);
    ck_assert_uint_eq(timed[i].from, timed[0].from + i * 7);
    ck_assert_uint_eq(timed[i].count, 7);
  }
}
END_TEST

START_TEST(no_unit_is_read_twice_in_a_pass_and_in_the_next_one_by_the_other_side) {
  static char first[ORDER], second[ORDER];
  record r = {0};
  const slice *timed = run(&r, (slices){.units = 160, .order = ORDER, .batch = 8}, 31);
  const size_t read = owners(timed, 60, ORDER, first);
  ck_assert_uint_eq(owners(timed + 60, 60, ORDER, second), read);
  ck_assert_uint_gt(read, ORDER * 9 / 10);
  for (size_t i = 0; i < ORDER; i++)
    ck_assert_int_eq(second[i], first[i] == 'a' ? 'b' : first[i] == 'b' ? 'a' : 0);
}
END_TEST

START_TEST(slices_are_cut_to_a_sequence_that_has_room_for_one_round_only) {
  char owner[100];
  record r = {0};
  const slice *timed = run(&r, (slices){.units = 160, .order = 100, .batch = 8}, 4);
  for (size_t round = 0; round < 4; round++) {
    ck_assert_uint_eq(owners(timed + 4 * round, 4, 100, owner), 96);
    ck_assert_int_eq(timed[4 * round].side, "ab"[round % 2]);
  }
}
END_TEST

static void fill(TCase *tests) {
  tcase_add_test(tests, a_round_is_a_b_b_a_on_four_disjoint_slices);
  tcase_add_test(tests, no_unit_is_read_twice_in_a_pass_and_in_the_next_one_by_the_other_side);
  tcase_add_test(tests, slices_are_cut_to_a_sequence_that_has_room_for_one_round_only);
}

ZTC_TEST_MAIN("measure", fill)
