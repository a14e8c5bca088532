/* Strings come in any encoding and leave in the narrowest kind. */
#include "main.h"
#include "support.h"
#include "text.h"

static size_t narrow(const void *bytes, size_t size, ztc_encoding encoding, ztc__text *out) {
  static uint8_t buffer[256];
  size_t length = 0;
  uint8_t kind = 99;
  const size_t wrong = ztc__text_narrow(buffer, bytes, size, encoding, &kind, &length);
  *out = (ztc__text){.data = buffer, .size = (uint32_t)length, .kind = kind};
  return wrong;
}

static void check(const void *bytes, size_t size, ztc_encoding encoding, uint8_t kind,
                  const char *expected, size_t expected_size) {
  ztc__text text;
  ck_assert_uint_eq(narrow(bytes, size, encoding, &text), ZTC__WELL_FORMED);
  ck_assert_uint_eq(text.kind, kind);
  ck_assert_uint_eq(text.size, expected_size);
  ck_assert(memcmp(text.data, expected, expected_size) == 0);
}
#define CHECK(bytes, encoding, kind, expected)                                                     \
  check(bytes, sizeof(bytes) - 1, encoding, kind, expected, sizeof(expected) - 1)

START_TEST(every_encoding_narrows_to_the_same_bytes) {
  CHECK("plain and long enough", ZTC_ASCII, ZTC_ASCII, "plain and long enough");
  CHECK("plain and long enough", ZTC_LATIN1, ZTC_ASCII, "plain and long enough");
  CHECK("plain and long enough", ZTC_UTF8, ZTC_ASCII, "plain and long enough");
  CHECK("p\0l\0", ZTC_UTF16, ZTC_ASCII, "pl");
  CHECK("caf\xe9", ZTC_LATIN1, ZTC_LATIN1, "caf\xe9");
  CHECK("caf\xc3\xa9", ZTC_UTF8, ZTC_LATIN1, "caf\xe9");
  CHECK("c\0a\0f\0\xe9\0", ZTC_UTF16, ZTC_LATIN1, "caf\xe9");
  CHECK("\xc3\xbf\xc4\x80", ZTC_UTF8, ZTC_UTF8, "\xc3\xbf\xc4\x80");
  CHECK("\xff\0\0\x01", ZTC_UTF16, ZTC_UTF8, "\xc3\xbf\xc4\x80");
  CHECK("\x3d\xd8\x00\xde", ZTC_UTF16, ZTC_UTF8, "\xf0\x9f\x98\x80");
  CHECK("\xf4\x8f\xbf\xbf\xef\xbf\xbf", ZTC_UTF8, ZTC_UTF8, "\xf4\x8f\xbf\xbf\xef\xbf\xbf");
  for (int encoding = ZTC_ASCII; encoding <= ZTC_UTF16; encoding++) {
    check("", 0, (ztc_encoding)encoding, ZTC_ASCII, "", 0);
  }
}
END_TEST

START_TEST(the_widest_character_of_each_kind_decides) {
  for (uint32_t c = 1; c < 0x10000; c++) {
    if (c >= 0xD800 && c < 0xE000)
      continue;
    const uint16_t unit = (uint16_t)c;
    ztc__text text;
    ck_assert_uint_eq(narrow(&unit, 2, ZTC_UTF16, &text), ZTC__WELL_FORMED);
    ck_assert_uint_eq(text.kind, c < 0x80 ? ZTC_ASCII : c < 0x100 ? ZTC_LATIN1 : ZTC_UTF8);
    ck_assert_uint_eq(text.size, c < 0x100 ? 1 : c < 0x800 ? 2 : 3);
    if (c < 0x100)
      continue;
    uint8_t again[4];
    memcpy(again, text.data, 4);
    ck_assert_uint_eq(narrow(again, text.size, ZTC_UTF8, &text), ZTC__WELL_FORMED);
    ck_assert_uint_eq(text.kind, ZTC_UTF8);
  }
}
END_TEST

/* The offset of what is wrong, for each way a text can be ill-formed. */
START_TEST(ill_formed_text_is_refused_at_its_place) {
  static const struct {
    const char *bytes;
    size_t size;
    ztc_encoding encoding;
    size_t wrong;
  } cases[] = {
      {"abc\x80", 4, ZTC_ASCII, 3},
      {"0123456789\xff", 11, ZTC_ASCII, 10},
      {"ab\x80", 3, ZTC_UTF8, 2},     /* continuation alone */
      {"ab\xc3", 3, ZTC_UTF8, 2},     /* cut short */
      {"ab\xc3\x41", 4, ZTC_UTF8, 2}, /* no continuation */
      {"\xc0\xaf", 2, ZTC_UTF8, 0},   /* overlong */
      {"\xc1\xbf", 2, ZTC_UTF8, 0},
      {"\xe0\x9f\xbf", 3, ZTC_UTF8, 0},
      {"\xf0\x8f\xbf\xbf", 4, ZTC_UTF8, 0},
      {"x\xed\xa0\x80", 4, ZTC_UTF8, 1}, /* surrogate */
      {"x\xed\xbf\xbf", 4, ZTC_UTF8, 1},
      {"\xf4\x90\x80\x80", 4, ZTC_UTF8, 0}, /* above U+10FFFF */
      {"\xf8\x88\x80\x80\x80", 5, ZTC_UTF8, 0},
      {"\xff", 1, ZTC_UTF8, 0},
      {"a\0b", 3, ZTC_UTF16, 2},        /* half a unit */
      {"a\0\x00\xd8", 4, ZTC_UTF16, 2}, /* high surrogate at the end */
      {"\x00\xd8"
       "a\0",
       4, ZTC_UTF16, 0},                /* high surrogate before a letter */
      {"a\0\x00\xdc", 4, ZTC_UTF16, 2}, /* low surrogate alone */
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    ztc__text text;
    const size_t wrong = narrow(cases[i].bytes, cases[i].size, cases[i].encoding, &text);
    ck_assert_msg(wrong == cases[i].wrong, "case %zu: %zu", i, wrong);
  }
}
END_TEST

START_TEST(strings_are_ordered_by_kind_then_size_then_bytes) {
  static const ztc__text ordered[] = {
      {(const uint8_t *)"", 0, ZTC_ASCII},          {(const uint8_t *)"z", 1, ZTC_ASCII},
      {(const uint8_t *)"aa", 2, ZTC_ASCII},        {(const uint8_t *)"ab", 2, ZTC_ASCII},
      {(const uint8_t *)"\xe9", 1, ZTC_LATIN1},     {(const uint8_t *)"a\xe9", 2, ZTC_LATIN1},
      {(const uint8_t *)"\xe9\x61", 2, ZTC_LATIN1}, {(const uint8_t *)"\xc4\x80", 2, ZTC_UTF8}};
  const int count = sizeof ordered / sizeof *ordered;
  for (int a = 0; a < count; a++) {
    for (int b = 0; b < count; b++) {
      const int order = ztc__text_compare(&ordered[a], &ordered[b]);
      ck_assert_int_eq((order > 0) - (order < 0), (a > b) - (a < b));
    }
  }
}
END_TEST

static void fill(TCase *tests) {
  tcase_add_test(tests, every_encoding_narrows_to_the_same_bytes);
  tcase_add_test(tests, the_widest_character_of_each_kind_decides);
  tcase_add_test(tests, ill_formed_text_is_refused_at_its_place);
  tcase_add_test(tests, strings_are_ordered_by_kind_then_size_then_bytes);
}

ZTC_TEST_MAIN("writer_text", fill)
