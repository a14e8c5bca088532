/*
 * Writes the corpus: `corpus_generate DIRECTORY`. A name.txt holds the typed text of every record
 * of name.ztc, one a line; a bad-name.txt holds the status with which opening bad-name.ztc (with
 * the whole check) must fail. Run by the build target `corpus`; a test holds the committed files
 * against what this writes.
 */
#include <stdio.h>

#include "format.h"
#include "support.h"

static const char *directory;

static const char *in_directory(const char *name, const char *suffix) {
  static char path[512];
  snprintf(path, sizeof path, "%s/%s%s", directory, name, suffix);
  return path;
}

static void write_lines(const char *name, const char *const *lines) {
  FILE *f = fopen(in_directory(name, ".txt"), "w");
  ck_assert_ptr_nonnull(f);
  for (; *lines != NULL; lines++)
    fprintf(f, "%s\n", *lines);
  ck_assert_int_eq(fclose(f), 0);
}

static void good(const char *name, const char *const *texts) {
  publish_texts(in_directory(name, ".ztc"), texts);
  write_lines(name, texts);
}

static void bad(const char *name, const image *i, ztc_status status) {
  const char *const lines[] = {ztc_status_name(status), NULL};
  image_write(i, in_directory(name, ".ztc"));
  write_lines(name, lines);
}

/* Maps whose keys never repeat, of all sizes, so that most of them are self-describing. */
static void write_dictionaries(void) {
  enum { MAPS = 300 };
  char *texts[MAPS + 1] = {NULL};
  for (int m = 0; m < MAPS; m++) {
    char *end = texts[m] = malloc(4096);
    *end++ = '{';
    for (int k = 0; k < m % 60; k++) {
      end +=
          sprintf(end, "%s\"%s%d-%d\":%s%d%s", k > 0 ? "," : "", k % 3 == 0 ? "a longer key " : "",
                  m, k * 37 % 61, k % 2 == 0 ? "\"value " : "", k, k % 2 == 0 ? "\"" : "i64");
    }
    strcpy(end, "}");
  }
  good("dictionaries", (const char *const *)texts);
  for (int m = 0; m < MAPS; m++)
    free(texts[m]);
}

static void write_shared(void) {
  publish_sample(in_directory("shared", ".ztc"));
  FILE *f = fopen(in_directory("shared", ".txt"), "w");
  ck_assert_ptr_nonnull(f);
  for (const char *const *t = sample_texts; *t != NULL; t++)
    fprintf(f, "%s\n", *t);
  for (const char *const *t = sample_expected; *t != NULL; t++)
    fprintf(f, "%s\n", *t);
  ck_assert_int_eq(fclose(f), 0);
}

static void write_bad(void) {
  const char *const texts[] = {"{\"id\":1i32,\"name\":\"a name of some length\"}",
                               "{\"id\":2i32,\"name\":\"another\"}", NULL};
  publish_texts(test_path("good.ztc"), texts);
  const image original = image_read(test_path("good.ztc"));
  image i = {.bytes = NULL, .size = 0};
  bad("bad-empty", &i, ZTC_EMPTY_FILE);
  i = image_copy(&original);
  i.bytes[0] = 'Z';
  bad("bad-magic", &i, ZTC_NOT_A_REGION);
  image_free(&i);
  i = image_copy(&original);
  i.size = 20;
  bad("bad-cut-in-header", &i, ZTC_TRUNCATED);
  i.size = original.size - 1;
  bad("bad-cut-at-end", &i, ZTC_TRUNCATED);
  image_free(&i);
  i = image_copy(&original);
  i.bytes[ZTC__HEADER_MINOR] = 99;
  image_fix_header(&i);
  bad("bad-newer-version", &i, ZTC_VERSION);
  image_free(&i);
  i = image_copy(&original);
  const uint32_t swapped = ZTC__BYTE_ORDER_SWAPPED;
  memcpy(i.bytes + ZTC__HEADER_BYTE_ORDER, &swapped, 4);
  bad("bad-byte-order", &i, ZTC_BYTE_ORDER);
  image_free(&i);
  i = image_copy(&original);
  i.bytes[ZTC__HEADER_REQUIRED + 7] = 0x80;
  image_fix_header(&i);
  bad("bad-required-feature", &i, ZTC_UNSUPPORTED);
  image_free(&i);
  i = image_copy(&original);
  i.bytes[ZTC__HEADER_SIZE + ZTC__ENTRY_CHECKSUM + ZTC__ENTRY_SIZE] ^= 4;
  bad("bad-header-checksum", &i, ZTC_CHECKSUM);
  image_free(&i);
  i = image_copy(&original);
  uint64_t records;
  memcpy(&records, i.bytes + ZTC__HEADER_SIZE + ZTC__ENTRY_OFFSET, 8);
  i.bytes[records + 9] ^= 1;
  bad("bad-record-checksum", &i, ZTC_CHECKSUM);
  image_free(&i);
}

/* Assertions need a running test, so the generator is one. */
START_TEST(write_the_corpus) {
  const char *const none[] = {NULL};
  const char *const wide[] = {
      "{\"\xe6\x96\xb0\":\"\xe7\x9d\x80\",\"caf\xc3\xa9\":\"na\xc3\xafve\",\"\":\"\"}",
      "{\"caf\xc3\xa9\":null,\"\xe6\x96\xb0\":\"\xf0\x9f\x92\xbe floppy\"}",
      "\"\\u0000\\u0001\xc2\x80\xc3\xbf\"",
      "\"\xc4\x80\"",
      "\"\xed\x9f\xbf\xee\x80\x80\xf4\x8f\xbf\xbf\"",
      NULL};
  const char *const numbers[] = {
      "[-128i8,127i8,-32768i16,32767i16,-2147483648i32,2147483647i32]",
      "[-9223372036854775808i64,9223372036854775807i64,0i8,0i64]",
      "[0e0f64,-0e0f64,5e-324f64,1.7976931348623157e308f64,inff64,-inff64,nanf64,1e-1f64]",
      "[0e0f32,-0e0f32,1e-45f32,3.4028235e38f32,inff32,nanf32,1e-1f32,1.6777216e7f32]",
      "i8[-128,0,127]",
      "i16[-32768,32767]",
      "i32[-2147483648,2147483647]",
      "i64[-9223372036854775808,9223372036854775807]",
      "f32[1e-1,nan,-inf]",
      "f64[1e-1,5e-324,-0e0]",
      "{\"n\":1i8}",
      "{\"n\":1i64}",
      "{\"n\":1e0f64}",
      "{\"n\":null}",
      "{\"n\":true}",
      NULL};
  const char *const exts[] = {"ext(1,-1i64)",
                              "ext(2,x\"0100000000000000\")",
                              "ext(3,[2i32,x\"7b\"])",
                              "ext(4,97i32)",
                              "ext(5,[1i32,2i32])",
                              "ext(7,[1i32,\"one\",null,\"none\"])",
                              "ext(16,x\"00112233445566778899aabbccddeeff\")",
                              "ext(17,[\"Color\",\"RED\"])",
                              "ext(18,[\"Point\",{\"x\":1i32,\"y\":2i32}])",
                              "ext(21,i16[-10240])",
                              "&1ext(18,[\"Node\",{\"next\":*1}])",
                              "[ext(4000000000,null),ext(4294967295,[])]",
                              NULL};
  good("none", none);
  good("strings", wide);
  good("numbers", numbers);
  good("ext", exts);
  write_dictionaries();
  write_shared();
  write_bad();
}
END_TEST

int main(int argc, char **argv) {
  if (argc != 2) {
    fprintf(stderr, "usage: corpus_generate DIRECTORY\n");
    return 2;
  }
  directory = argv[1];
  Suite *suite = suite_create("corpus");
  TCase *tests = tcase_create("corpus");
  tcase_add_test(tests, write_the_corpus);
  suite_add_tcase(suite, tests);
  SRunner *runner = srunner_create(suite);
  srunner_set_fork_status(runner, CK_NOFORK);
  srunner_run_all(runner, CK_MINIMAL);
  const int failed = srunner_ntests_failed(runner);
  srunner_free(runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
