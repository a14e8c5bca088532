/* The worked example of the format document, byte for byte. */
#include <ctype.h>
#include <stdio.h>

#include "main.h"
#include "support.h"

/* The hex dump lines ("00000040  01 02 …") below the heading "Worked example". */
static image image_of_document(void) {
  FILE *f = fopen(ZTC_FORMAT_DOCUMENT, "r");
  ck_assert_ptr_nonnull(f);
  static uint8_t bytes[1 << 16];
  image i = {.bytes = bytes, .size = 0};
  char line[1024];
  bool inside = false;
  while (fgets(line, sizeof line, f) != NULL) {
    if (strstr(line, "Worked example") != NULL)
      inside = true;
    unsigned long at;
    int consumed;
    if (!inside || sscanf(line, "%8lx  %n", &at, &consumed) != 1 || consumed != 10)
      continue;
    ck_assert_uint_eq(at, i.size);
    for (const char *p = line + 10; isxdigit((unsigned char)p[0]) && isxdigit((unsigned char)p[1]);
         p += 3) {
      bytes[i.size++] = (uint8_t)strtoul((char[]){p[0], p[1], 0}, NULL, 16);
    }
  }
  fclose(f);
  return i;
}

START_TEST(the_writer_writes_the_bytes_of_the_document) {
  const char *const texts[] = {
      "{\"id\":7i32,\"name\":\"J\xc3\xbcrgen M\xc3\xbcller\",\"tags\":[\"eu\"]}",
      "[\"self\",&1[*1],shared(0)]", NULL};
  ztc_writer *w;
  uint32_t id;
  ck_assert_ztc(ztc_writer_create(test_path("example.ztc"), 0, &w, NULL));
  ck_assert_ztc(ztc_writer_reserve_shared(w, &id));
  ck_assert_ztc(ztc_writer_begin_shared(w, id));
  ck_assert_ztc(ztc_writer_array(w, ZTC_TYPE_I16, (int16_t[]){1, -2, 3}, 3));
  ck_assert_ztc(ztc_writer_end_shared(w));
  for (int i = 0; texts[i] != NULL; i++)
    ck_assert_ztc(add_text(w, texts[i]));
  ck_assert_ztc(ztc_writer_publish(w, NULL));
  image written = image_read(test_path("example.ztc"));
  const image document = image_of_document();
  if (getenv("ZTC_SHOW_EXAMPLE") != NULL) {
    for (uint64_t at = 0; at < written.size; at += 16) {
      printf("%08lx ", (unsigned long)at);
      for (uint64_t b = at; b < at + 16 && b < written.size; b++)
        printf(" %02x", written.bytes[b]);
      printf("\n");
    }
  }
  ck_assert_uint_eq(document.size, written.size);
  ck_assert_mem_eq(document.bytes, written.bytes, written.size);
  image_free(&written);
}
END_TEST

static void fill(TCase *tests) {
  tcase_add_test(tests, the_writer_writes_the_bytes_of_the_document);
}

ZTC_TEST_MAIN("format example", fill)
