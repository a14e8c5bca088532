/* The bytes of extents, against layouts worked out by hand from the format document. */
#include <stdio.h>

#include "main.h"
#include "support.h"
#include "writer.h"

static ztc_writer *create(void) {
  ztc_writer *w;
  ck_assert_ztc(ztc_writer_create(test_path("layout.ztc"), 0, &w, NULL));
  return w;
}

static void key(ztc_writer *w, const char *text) {
  ck_assert_ztc(ztc_writer_key(w, text, strlen(text), ZTC_UTF8));
}

static void string(ztc_writer *w, const char *text) {
  ck_assert_ztc(ztc_writer_string(w, text, strlen(text), ZTC_UTF8));
}

static void end_record(ztc_writer *w) {
  ck_assert_ztc(ztc_writer_end_record(w, NULL));
}

/* The last extent that the encoder laid out is `words`, as u64. */
static void check_words(ztc_writer *w, const uint64_t *words, size_t count) {
  const ztc__buffer *out = &w->encoder.out;
  for (size_t i = 0; i < count && i < out->size / 8; i++) {
    uint64_t word;
    memcpy(&word, out->data + 8 * i, 8);
    ck_assert_msg(word == words[i], "word %zu is %016llx instead of %016llx", i,
                  (unsigned long long)word, (unsigned long long)words[i]);
  }
  ck_assert_uint_eq(out->size, 8 * count);
}
#define CHECK(w, ...)                                                                              \
  do {                                                                                             \
    const uint64_t words_[] = {__VA_ARGS__};                                                       \
    check_words(w, words_, sizeof words_ / sizeof *words_);                                        \
  } while (0)

#define U(n) UINT64_C(n)
#define NODE(kind, flags, elem, arg)                                                               \
  ((uint64_t)(kind) | (uint64_t)(flags) << 8 | (uint64_t)(elem) << 16 | (uint64_t)(arg) << 32)
#define SLOT(offset, size) ((uint64_t)(offset) | (uint64_t)(size) << 32)
#define REF(distance, extent) ((uint64_t)(uint32_t)(distance) | (uint64_t)(extent) << 32)
enum { CLOSED = 1, SHARED = 2, TYPES = 4 };
enum { MAP = 1, DICT = 2, LIST = 3, ARRAY = 4, EXT = 5, BOX = 6, GRAPH = 7, ROWS = 8 };

START_TEST(a_scalar_record_is_a_box) {
  ztc_writer *w = create();
  ck_assert_ztc(ztc_writer_int(w, ZTC_TYPE_I16, -2));
  end_record(w);
  CHECK(w, NODE(BOX, CLOSED, ZTC_TYPE_I16, 0), U(0xfffffffffffffffe));
  ck_assert_ztc(ztc_writer_f32(w, 1.0f));
  end_record(w);
  CHECK(w, NODE(BOX, CLOSED, ZTC_TYPE_F32, 0), U(0x3f800000));
  string(w, "caf\xc3\xa9");
  end_record(w);
  CHECK(w, NODE(BOX, CLOSED, ZTC_TYPE_STRING, 0), U(0xd4000000e9666163));
  string(w, "12345678");
  end_record(w);
  CHECK(w, NODE(BOX, CLOSED, ZTC_TYPE_STRING, 0), SLOT(16, 8), U(0x3837363534333231));
  string(w, "\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac"); /* three euro signs */
  end_record(w);
  CHECK(w, NODE(BOX, CLOSED, ZTC_TYPE_STRING, 0), SLOT(16, 9) | U(2) << 62, U(0x82e2ac82e2ac82e2),
        U(0xac));
  ck_assert_ztc(ztc_writer_bytes(w, NULL, 0));
  end_record(w);
  CHECK(w, NODE(BOX, CLOSED, ZTC_TYPE_BYTES, 0), 0);
  ztc_writer_abort(w);
}
END_TEST

START_TEST(empty_containers_are_nodes_only_as_roots) {
  ztc_writer *w = create();
  ck_assert_ztc(ztc_writer_begin_list(w));
  ck_assert_ztc(ztc_writer_end(w));
  end_record(w);
  CHECK(w, NODE(LIST, CLOSED, 0, 0));
  ck_assert_ztc(ztc_writer_begin_map(w));
  ck_assert_ztc(ztc_writer_end(w));
  end_record(w);
  CHECK(w, NODE(DICT, CLOSED, 0, 0));
  ck_assert_ztc(ztc_writer_begin_list(w));
  ck_assert_ztc(ztc_writer_label(w, 1)); /* that nobody references */
  ck_assert_ztc(ztc_writer_begin_map(w));
  ck_assert_ztc(ztc_writer_end(w));
  ck_assert_ztc(ztc_writer_begin_list(w));
  ck_assert_ztc(ztc_writer_end(w));
  ck_assert_ztc(ztc_writer_end(w));
  end_record(w);
  CHECK(w, NODE(LIST, CLOSED | TYPES, 0, 2), 0, 0, U(0x1011));
  ck_assert_ztc(ztc_writer_array(w, ZTC_TYPE_F64, NULL, 0));
  end_record(w);
  CHECK(w, NODE(ARRAY, CLOSED, ZTC_TYPE_F64, 0));
  ztc_writer_abort(w);
}
END_TEST

START_TEST(a_map_takes_types_from_its_shape_or_brings_them) {
  ztc_writer *w = create();
  for (int other = 0; other < 2; other++) {
    ck_assert_ztc(ztc_writer_begin_map(w));
    key(w, "id");
    ck_assert_ztc(ztc_writer_int(w, ZTC_TYPE_I64, 7));
    key(w, "name");
    if (other) {
      ck_assert_ztc(ztc_writer_null(w));
    } else {
      string(w, "a longer name");
    }
    key(w, "tags");
    ck_assert_ztc(ztc_writer_begin_list(w));
    ck_assert_ztc(ztc_writer_bool(w, true));
    ck_assert_ztc(ztc_writer_end(w));
    ck_assert_ztc(ztc_writer_end(w));
    end_record(w);
    if (other) {
      /* slots at 8, 16, 24; types at 32; the list at 40 */
      CHECK(w, NODE(MAP, CLOSED | TYPES, 0, 0), 7, 0, SLOT(40, 16), U(0x100005),
            NODE(LIST, CLOSED, ZTC_TYPE_BOOL, 1), 1);
    } else {
      /* "a longer name" at 32, 13 bytes, padding; the list at 48 */
      CHECK(w, NODE(MAP, CLOSED, 0, 0), 7, SLOT(32, 13), SLOT(48, 16), U(0x7265676e6f6c2061),
            U(0x656d616e20), NODE(LIST, CLOSED, ZTC_TYPE_BOOL, 1), 1);
    }
  }
  ztc_writer_abort(w);
}
END_TEST

START_TEST(a_dict_holds_keys_and_their_order) {
  ztc_writer *w = create();
  /* more keys than a shape may have; two of them out of line */
  enum { N = 1025 };
  ck_assert_ztc(ztc_writer_begin_map(w));
  for (int i = 0; i < N; i++) {
    char name[16];
    snprintf(name, sizeof name, i < 2 ? "long-key-%d" : "%d", N - i);
    key(w, name);
    ck_assert_ztc(ztc_writer_int(w, ZTC_TYPE_I8, i % 100));
  }
  ck_assert_ztc(ztc_writer_end(w));
  end_record(w);
  const uint8_t *node = w->encoder.out.data;
  uint64_t words[5];
  memcpy(words, node, sizeof words);
  const uint32_t data = 8 + 16 * N + 4 * N;
  ck_assert_uint_eq(words[0], NODE(DICT, CLOSED, ZTC_TYPE_I8, N));
  ck_assert_uint_eq(words[1], SLOT(data, 13));
  ck_assert_uint_eq(words[2], 0);
  ck_assert_uint_eq(words[3], SLOT(data + 13, 13));
  ck_assert_uint_eq(words[4], 1);
  ck_assert(memcmp(node + data, "long-key-1025long-key-1024", 26) == 0);
  const uint32_t *order = (const uint32_t *)(node + 8 + 16 * N);
  ck_assert_uint_eq(order[0], N - 1); /* "1" */
  ck_assert_uint_eq(order[8], N - 9); /* "9" */
  ck_assert_uint_eq(order[9], N - 10);
  ck_assert_uint_eq(order[N - 2], 1); /* long-key-1024 */
  ck_assert_uint_eq(order[N - 1], 0);
  ck_assert_uint_eq(w->encoder.out.size, ztc__align8(data + 26));
  ck_assert_uint_eq(w->interner.keys.count, 0);
  ztc_writer_abort(w);
}
END_TEST

START_TEST(lists_arrays_and_exts_nest_in_slot_order) {
  ztc_writer *w = create();
  const int16_t shorts[] = {1, -1, 2};
  ck_assert_ztc(ztc_writer_begin_list(w));
  ck_assert_ztc(ztc_writer_array(w, ZTC_TYPE_I16, shorts, 3));
  string(w, "packed behind it");
  ck_assert_ztc(ztc_writer_bytes(w, "abc", 3));
  ck_assert_ztc(ztc_writer_begin_ext(w, 8));
  ck_assert_ztc(ztc_writer_begin_list(w));
  ck_assert_ztc(ztc_writer_int(w, ZTC_TYPE_I64, 5));
  ck_assert_ztc(ztc_writer_int(w, ZTC_TYPE_I32, 6));
  ck_assert_ztc(ztc_writer_end(w));
  ck_assert_ztc(ztc_writer_end(w));
  ck_assert_ztc(ztc_writer_end(w));
  end_record(w);
  /* 4 slots at 8; types at 40; array at 48 (16); string at 64 (16); bytes at 80 (3); ext at 88 */
  CHECK(w, NODE(LIST, CLOSED | TYPES, 0, 4), SLOT(48, 16), SLOT(64, 16), SLOT(80, 3),
        SLOT(88, 16 + 32), U(0x13090812), NODE(ARRAY, CLOSED, ZTC_TYPE_I16, 3), U(0x2ffff0001),
        U(0x622064656b636170), U(0x746920646e696865), U(0x636261),
        NODE(EXT, CLOSED, ZTC_TYPE_LIST, 8), SLOT(16, 32), NODE(LIST, CLOSED | TYPES, 0, 2), 5, 6,
        U(0x0405));
  ztc_writer_abort(w);
}
END_TEST

START_TEST(like_maps_in_a_list_are_rows) {
  ztc_writer *w = create();
  ck_assert_ztc(ztc_writer_begin_list(w));
  for (int i = 0; i < 2; i++) {
    ck_assert_ztc(ztc_writer_begin_map(w));
    key(w, "a");
    ck_assert_ztc(ztc_writer_int(w, ZTC_TYPE_I8, i));
    key(w, "b");
    string(w, i == 0 ? "the first" : "the other");
    ck_assert_ztc(ztc_writer_end(w));
  }
  ck_assert_ztc(ztc_writer_end(w));
  end_record(w);
  CHECK(w, NODE(ROWS, CLOSED, 0, 2), 0, SLOT(40, 9), 1, SLOT(49, 9), U(0x7372696620656874),
        U(0x68746f2065687474), U(0x7265));
  ztc_writer_abort(w);
}
END_TEST

START_TEST(a_cycle_leads_back_and_only_closed_nodes_say_so) {
  ztc_writer *w = create();
  ck_assert_ztc(ztc_writer_label(w, 9));
  ck_assert_ztc(ztc_writer_begin_list(w)); /* at 0 */
  ck_assert_ztc(ztc_writer_label(w, 4));
  ck_assert_ztc(ztc_writer_begin_list(w)); /* at 40: [ref to itself] */
  ck_assert_ztc(ztc_writer_ref(w, 4));
  ck_assert_ztc(ztc_writer_end(w));
  ck_assert_ztc(ztc_writer_begin_list(w)); /* at 56: [ref to the root] */
  ck_assert_ztc(ztc_writer_ref(w, 9));
  ck_assert_ztc(ztc_writer_end(w));
  ck_assert_ztc(ztc_writer_ref(w, 4));
  ck_assert_ztc(ztc_writer_end(w));
  end_record(w);
  CHECK(w, NODE(LIST, CLOSED | SHARED | TYPES, 0, 3), SLOT(40, 16), SLOT(56, 16), REF(40, 16),
        U(0x181010), NODE(LIST, CLOSED | SHARED, 24, 1), REF(0, 16), NODE(LIST, 0, 24, 1),
        REF(-56, 72));
  ck_assert(w->encoder.closed);
  ztc_writer_abort(w);
}
END_TEST

START_TEST(a_shared_extent_lists_references_depth_first) {
  ztc_writer *w = create();
  uint32_t a, b;
  ck_assert_ztc(ztc_writer_reserve_shared(w, &a));
  ck_assert_ztc(ztc_writer_reserve_shared(w, &b));
  ck_assert_ztc(ztc_writer_begin_shared(w, b));
  ck_assert_ztc(ztc_writer_begin_list(w));
  ck_assert_ztc(ztc_writer_begin_list(w));
  ck_assert_ztc(ztc_writer_shared(w, a));
  ck_assert_ztc(ztc_writer_end(w));
  ck_assert_ztc(ztc_writer_shared(w, b));
  ck_assert_ztc(ztc_writer_end(w));
  ck_assert_ztc(ztc_writer_end_shared(w));
  /* [[a], b]: the reference to a comes first, though its slot lies behind that of b */
  CHECK(w, GRAPH, U(40) << 32, 2, SLOT(72, 80), SLOT(40, 56), NODE(LIST, SHARED | TYPES, 0, 2),
        SLOT(32, 16), 1, U(0x1810), NODE(LIST, 0, 24, 1), 0);
  ztc_writer_abort(w);
}
END_TEST

START_TEST(a_record_lists_what_its_copy_takes_in) {
  ztc_writer *w = create();
  uint32_t a, b, c;
  ck_assert_ztc(ztc_writer_reserve_shared(w, &a));
  ck_assert_ztc(ztc_writer_reserve_shared(w, &b));
  ck_assert_ztc(ztc_writer_reserve_shared(w, &c));
  ck_assert_ztc(ztc_writer_begin_shared(w, b)); /* place 0, 16 bytes */
  string(w, "shared");
  ck_assert_ztc(ztc_writer_end_shared(w));
  CHECK(w, NODE(BOX, CLOSED | SHARED, ZTC_TYPE_STRING, 0), U(0xc600646572616873));
  ck_assert_ztc(ztc_writer_begin_shared(w, a)); /* place 16, 64 bytes */
  ck_assert_ztc(ztc_writer_begin_list(w));
  ck_assert_ztc(ztc_writer_shared(w, b));
  ck_assert_ztc(ztc_writer_shared(w, a));
  ck_assert_ztc(ztc_writer_end(w));
  ck_assert_ztc(ztc_writer_end_shared(w));
  CHECK(w, GRAPH, U(40) << 32, 2, SLOT(40, 48), SLOT(40, 56), NODE(LIST, SHARED, 24, 2), 1, 0);
  ck_assert_ztc(ztc_writer_begin_shared(w, c)); /* place 80, 8 bytes */
  ck_assert_ztc(ztc_writer_begin_list(w));
  ck_assert_ztc(ztc_writer_end(w));
  ck_assert_ztc(ztc_writer_end_shared(w));
  /* [[a], b] */
  ck_assert_ztc(ztc_writer_begin_list(w));
  ck_assert_ztc(ztc_writer_begin_list(w));
  ck_assert_ztc(ztc_writer_shared(w, a));
  ck_assert_ztc(ztc_writer_end(w));
  ck_assert_ztc(ztc_writer_shared(w, b));
  ck_assert_ztc(ztc_writer_end(w));
  end_record(w);
  /* ids at 24, slots of a at 32, what they hold at 40, one run at 56; root at 64, inner list at 96;
     in the copy b lies at 112, a at 128 with its root at 168 */
  CHECK(w, GRAPH | U(2) << 32, 192 | U(64) << 32, 2, SLOT(1, 0), SLOT(176, 184), REF(-56, 16),
        REF(0, 24), U(80) / 8, NODE(LIST, TYPES, 0, 2), SLOT(32, 16), REF(48, 16), U(0x1810),
        NODE(LIST, 0, 24, 1), REF(72, 24));
  ck_assert(!w->encoder.closed);
  /* [c, b]: extents that do not touch are two runs */
  ck_assert_ztc(ztc_writer_begin_list(w));
  ck_assert_ztc(ztc_writer_shared(w, c));
  ck_assert_ztc(ztc_writer_shared(w, b));
  ck_assert_ztc(ztc_writer_end(w));
  end_record(w);
  CHECK(w, GRAPH | U(2) << 32, (72 + 24) | U(48) << 32, 0, SLOT(1, 2), U(16) / 8,
        U(80) / 8 << 28 | 8 / 8, NODE(LIST, 0, 24, 2), REF(40, 8), REF(24, 16));
  /* a record that is a shared node */
  ck_assert_ztc(ztc_writer_shared(w, b));
  end_record(w);
  CHECK(w, GRAPH | U(1) << 32, (56 + 16) | U(40) << 32, 0, 1, U(16) / 8, NODE(BOX, 0, 24, 0),
        REF(16, 16));
  ck_assert_ztc(ztc_writer_publish(w, NULL));
}
END_TEST

static uint64_t word_at(const image *i, uint64_t offset) {
  uint64_t word;
  memcpy(&word, i->bytes + offset, 8);
  return word;
}

START_TEST(sections_follow_each_other_as_documented) {
  ztc_writer *w = create();
  uint32_t id;
  ck_assert_ztc(ztc_writer_reserve_shared(w, &id));
  ck_assert_ztc(ztc_writer_reserve_shared(w, &id)); /* 0 stays undefined */
  ck_assert_ztc(ztc_writer_begin_shared(w, id));
  ck_assert_ztc(ztc_writer_array(w, ZTC_TYPE_I8, "12345678", 8));
  ck_assert_ztc(ztc_writer_end_shared(w));
  ck_assert_ztc(ztc_writer_begin_map(w));
  key(w, "k");
  ck_assert_ztc(ztc_writer_null(w));
  ck_assert_ztc(ztc_writer_end(w));
  end_record(w);
  ck_assert_ztc(ztc_writer_publish(w, NULL));
  image i = image_read(test_path("layout.ztc"));
  static const struct {
    uint64_t type, offset, length;
  } sections[] = {{1, 320, 16}, {2, 384, 16}, {3, 448, 32}, {4, 512, 32}, {5, 576, 48}};
  ck_assert_uint_eq(word_at(&i, 40) & 0xffffffff, 5);
  ck_assert_uint_eq(word_at(&i, 16), 576 + 48);
  ck_assert_uint_eq(i.size, 576 + 48);
  for (int s = 0; s < 5; s++) {
    ck_assert_uint_eq(word_at(&i, 64 + 32 * s), sections[s].type | U(1) << 32);
    ck_assert_uint_eq(word_at(&i, 72 + 32 * s), sections[s].offset);
    ck_assert_uint_eq(word_at(&i, 80 + 32 * s), sections[s].length);
  }
  ck_assert_uint_eq(word_at(&i, 384), 320 | U(1) << 48);
  ck_assert_uint_eq(word_at(&i, 448), NODE(ARRAY, CLOSED | SHARED, ZTC_TYPE_I8, 8));
  ck_assert_uint_eq(word_at(&i, 464), NODE(BOX, CLOSED | SHARED, 0, 0)); /* the gap */
  ck_assert_uint_eq(word_at(&i, 512), 464 | U(1) << 48);
  ck_assert_uint_eq(word_at(&i, 528), 448 | U(1) << 48);
  ck_assert_uint_eq(word_at(&i, 576), 1 | U(1) << 32);  /* one key, one shape */
  ck_assert_uint_eq(word_at(&i, 592), 40 | U(1) << 32); /* "k" at 40, 1 byte */
  ck_assert_uint_eq(word_at(&i, 600), 32 | U(1) << 32); /* shape at 32, 1 key */
  ck_assert_uint_eq(word_at(&i, 608), 0);               /* key 0, NULL, padding */
  ck_assert_uint_eq(word_at(&i, 616), 'k');
  image_free(&i);
}
END_TEST

/* A record is refused early by the bytes that it has at least; more than it takes would be wrong.
 */
START_TEST(the_least_size_is_never_more_than_the_size) {
  ztc_writer *w = create();
  ck_assert_ztc(ztc_writer_array(w, ZTC_TYPE_I8, "abcdefgh", 8));
  ck_assert_uint_le(w->tape.least, 16);
  end_record(w);
  ck_assert_uint_eq(w->encoder.out.size, 16);
  ck_assert_ztc(ztc_writer_begin_list(w));
  for (int i = 0; i < 100; i++) {
    ck_assert_ztc(ztc_writer_begin_map(w));
    key(w, "n");
    ck_assert_ztc(ztc_writer_int(w, ZTC_TYPE_I32, i));
    ck_assert_ztc(ztc_writer_end(w));
  }
  ck_assert_ztc(ztc_writer_end(w));
  ck_assert_uint_le(w->tape.least, 8 + 100 * 8); /* rows */
  end_record(w);
  ck_assert_uint_eq(w->encoder.out.size, 8 + 100 * 8);
  ztc_writer_abort(w);
}
END_TEST

static void fill(TCase *tests) {
  tcase_add_test(tests, the_least_size_is_never_more_than_the_size);
  tcase_add_test(tests, a_scalar_record_is_a_box);
  tcase_add_test(tests, empty_containers_are_nodes_only_as_roots);
  tcase_add_test(tests, a_map_takes_types_from_its_shape_or_brings_them);
  tcase_add_test(tests, a_dict_holds_keys_and_their_order);
  tcase_add_test(tests, lists_arrays_and_exts_nest_in_slot_order);
  tcase_add_test(tests, like_maps_in_a_list_are_rows);
  tcase_add_test(tests, a_cycle_leads_back_and_only_closed_nodes_say_so);
  tcase_add_test(tests, a_shared_extent_lists_references_depth_first);
  tcase_add_test(tests, a_record_lists_what_its_copy_takes_in);
  tcase_add_test(tests, sections_follow_each_other_as_documented);
}

ZTC_TEST_MAIN("writer_layout", fill)
