/* What the C tests share: regions in a temporary directory, bytes in memory, typed text. */
#ifndef ZTC_TEST_SUPPORT_H
#define ZTC_TEST_SUPPORT_H

#include <check.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "ztc/ztc.h"

/* Fails the test with the library's own words. */
#define ck_assert_ztc(call)                                                                        \
  do {                                                                                             \
    const ztc_status ck_status_ = (call);                                                          \
    ck_assert_msg(ck_status_ == ZTC_OK, "%s: %s", #call, ztc_status_name(ck_status_));             \
  } while (0)
#define ck_assert_status(call, expected)                                                           \
  do {                                                                                             \
    const ztc_status ck_status_ = (call);                                                          \
    ck_assert_msg(ck_status_ == (expected), "%s: %s instead of %s", #call,                         \
                  ztc_status_name(ck_status_), ztc_status_name(expected));                         \
  } while (0)

/* `size` bytes of zeros, 8-aligned, that end at inaccessible pages: with the last byte where size
   is a multiple of 8, which those of a region are, else with up to 7 bytes in between. There are
   such pages in front, too, but only an address sanitizer sees a read between them and the first
   byte. Freed by guarded_free. */
uint8_t *guarded_allocate(uint64_t size);
void guarded_free(uint8_t *bytes);

/* A region's bytes, in guarded memory. */
typedef struct image {
  uint8_t *bytes;
  uint64_t size;
} image;

/* A new temporary directory, removed with all its files at exit of the test process. */
const char *test_directory(void);
/* A path in it; the text is static and good until the next call. */
const char *test_path(const char *name);

/* How many descriptors this process has open. */
int open_descriptors(void);

/* Of zeros. */
image image_create(uint64_t size);
image image_read(const char *path);
image image_copy(const image *original);
void image_write(const image *image, const char *path);
void image_free(image *image);
/* Recomputes the checksum of header and directory, so that a test reaches what lies behind it. */
void image_fix_header(image *image);

/* Adds the record that `text` describes, in the canonical typed text plus `shared(ID)`, to a
   writer; the text is trusted. */
ztc_status add_text(ztc_writer *writer, const char *text);
/* Defines a reserved shared node with the value that `text` describes. */
void define_shared(ztc_writer *writer, uint32_t id, const char *text);
/* Publishes a region of these records (NULL-terminated) at `path`. */
void publish_texts(const char *path, const char *const *texts);
/* The typed text of a value; freed by the caller. */
char *text_of(const ztc_value *value);
/* The typed text of a copy of a record; freed by the caller. */
char *text_of_record(const ztc_region *region, uint64_t index);

/* One value of every kind, trees, DAGs, cycles, and nodes shared between records. */
extern const char *const sample_texts[];
/* A region of sample_texts and of records with shared nodes, at `path`. */
void publish_sample(const char *path);
/* Typed texts of that region's records, NULL-terminated. */
extern const char *const sample_expected[];

/* Keys of its first records (type 0: none). */
enum { SAMPLE_KEYS = 20 };
extern const ztc_key sample_keys[SAMPLE_KEYS];
/* A string key in UTF-8. */
ztc_key key_of(const char *text);

/* xorshift64*, seeded; deterministic. */
uint64_t next_random(uint64_t *state);

#endif
