#include "crc32c.h"
#include "crc32c_powers.h"
#include "crc32c_table.h"
#include "main.h"
#include "support.h"

START_TEST(known_answers_of_rfc_3720) {
  uint8_t block[32];
  ck_assert_uint_eq(ztc__crc32c(0, "123456789", 9), 0xE3069283u);
  memset(block, 0, sizeof block);
  ck_assert_uint_eq(ztc__crc32c(0, block, sizeof block), 0x8A9136AAu);
  memset(block, 0xff, sizeof block);
  ck_assert_uint_eq(ztc__crc32c(0, block, sizeof block), 0x62A8AB43u);
  for (uint8_t i = 0; i < 32; i++)
    block[i] = i;
  ck_assert_uint_eq(ztc__crc32c(0, block, sizeof block), 0x46DD794Eu);
}
END_TEST

START_TEST(table_is_what_the_polynomial_says) {
  for (uint32_t i = 0; i < 256; i++) {
    uint32_t c = i;
    for (int bit = 0; bit < 8; bit++)
      c = c >> 1 ^ ((c & 1) != 0 ? 0x82F63B78u : 0);
    ck_assert_uint_eq(ztc__crc32c_table[0][i], c);
    for (int k = 1; k < 8; k++) {
      c = c >> 8 ^ ztc__crc32c_table[0][c & 255];
      ck_assert_uint_eq(ztc__crc32c_table[k][i], c);
    }
  }
}
END_TEST

START_TEST(powers_are_what_the_polynomial_says) {
  uint32_t power = 0x80000000u; /* x^0: the checksum is reflected */
  int exponent = 0;
  for (int n = 1; n <= 256; n++) {
    for (; exponent < 64 * n - 33; exponent++)
      power = power >> 1 ^ ((power & 1) != 0 ? 0x82F63B78u : 0);
    ck_assert_uint_eq(ztc__crc32c_powers[n], power);
  }
}
END_TEST

/* Around each number of streams' worth of words, and of blocks, and where blocks end. */
START_TEST(hardware_and_portable_agree_for_every_length_and_alignment) {
  enum { LENGTHS = 2 * 3 * 8 * 128 + 200 };
  static uint8_t data[LENGTHS + 8];
  uint64_t seed = 43;
  for (size_t i = 0; i < sizeof data; i++)
    data[i] = (uint8_t)next_random(&seed);
  for (size_t from = 0; from < 8; from++) {
    uint32_t begun = (uint32_t)next_random(&seed), expected = begun;
    for (size_t size = 0; size <= LENGTHS; size++) {
      const uint32_t found = ztc__crc32c(begun, data + from, size);
      ck_assert_msg(found == expected, "%zu bytes from %zu: %08x instead of %08x", size, from,
                    found, expected);
      expected = ztc__crc32c_portable(expected, data + from + size, size < LENGTHS);
    }
  }
}
END_TEST

START_TEST(hardware_and_portable_agree_and_chain) {
  uint8_t data[600];
  uint64_t seed = 42;
  for (size_t i = 0; i < sizeof data; i++)
    data[i] = (uint8_t)next_random(&seed);
  for (size_t size = 0; size < 300; size++) {
    const size_t from = size % 9;
    const uint32_t whole = ztc__crc32c(0, data + from, size);
    ck_assert_uint_eq(whole, ztc__crc32c_portable(0, data + from, size));
    const size_t cut = size / 3;
    ck_assert_uint_eq(ztc__crc32c(ztc__crc32c(0, data + from, cut), data + from + cut, size - cut),
                      whole);
  }
}
END_TEST

static void fill(TCase *tests) {
  tcase_add_test(tests, known_answers_of_rfc_3720);
  tcase_add_test(tests, table_is_what_the_polynomial_says);
  tcase_add_test(tests, powers_are_what_the_polynomial_says);
  tcase_add_test(tests, hardware_and_portable_agree_for_every_length_and_alignment);
  tcase_add_test(tests, hardware_and_portable_agree_and_chain);
}

ZTC_TEST_MAIN("crc32c", fill)
