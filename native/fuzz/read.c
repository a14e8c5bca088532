/* Reading everything that can be read. */
#include "fuzz.h"

enum { MOST_VISITS = 2000, MOST_DEPTH = 40 };

uint64_t fuzz_random(uint64_t *state) {
  *state ^= *state >> 12;
  *state ^= *state << 25;
  *state ^= *state >> 27;
  return *state * UINT64_C(2685821657736338717);
}

fuzz_copy fuzz_copy_record(const ztc_region *region, uint64_t index) {
  fuzz_copy copy = {0};
  uint64_t claimed = 0;
  copy.status = ztc_copy_size(region, index, &claimed);
  if (copy.status != ZTC_OK) return copy;
  /* What a caller allocates is bounded by what the region has. */
  FUZZ_CHECK(claimed <= ztc_region_size(region));
  if (claimed > FUZZ_MOST_COPY) return copy;
  copy.bytes = malloc(claimed);
  copy.size = claimed;
  copy.status = ztc_copy(region, index, copy.bytes, claimed, &copy.size, NULL);
  if (copy.status == ZTC_NEED_WORKSPACE) {
    ztc_workspace *workspace = NULL;
    FUZZ_CHECK(copy.size <= ztc_region_size(region));
    FUZZ_CHECK(ztc_workspace_create(1, &workspace) == ZTC_OK);
    FUZZ_CHECK(ztc_workspace_reserve(workspace, copy.size) == ZTC_OK);
    copy.status = ztc_copy(region, index, copy.bytes, claimed, &copy.size, workspace);
    FUZZ_CHECK(copy.status != ZTC_NEED_WORKSPACE);
    ztc_workspace_free(workspace);
  }
  FUZZ_CHECK(copy.status != ZTC_OK || copy.size == claimed);
  if (copy.status != ZTC_OK) {
    free(copy.bytes);
    copy.bytes = NULL;
  }
  return copy;
}

fuzz_copy fuzz_copy_path(const ztc_region *region, uint64_t index, const char *path) {
  fuzz_copy copy = {0};
  ztc_error error = {.status = ZTC_OK};
  copy.status = ztc_copy_path(region, index, path, NULL, 0, &copy.size, NULL, &error);
  FUZZ_CHECK(copy.status != ZTC_OK && error.status == copy.status);
  FUZZ_CHECK(memchr(error.message, 0, sizeof error.message) != NULL);
  if (copy.status != ZTC_BUFFER_TOO_SMALL || copy.size > FUZZ_MOST_COPY) return copy;
  const uint64_t needed = copy.size;
  ztc_workspace *workspace = NULL;
  copy.bytes = malloc(needed);
  copy.status =
      ztc_copy_path(region, index, path, copy.bytes, needed, &copy.size, NULL, &error);
  if (copy.status == ZTC_NEED_WORKSPACE) {
    FUZZ_CHECK(ztc_workspace_create(copy.size, &workspace) == ZTC_OK);
    copy.status =
        ztc_copy_path(region, index, path, copy.bytes, needed, &copy.size, workspace, &error);
    ztc_workspace_free(workspace);
  }
  /* With record checksums more is needed than is delivered. */
  FUZZ_CHECK(copy.status != ZTC_OK ? copy.status != ZTC_BUFFER_TOO_SMALL : copy.size <= needed);
  if (copy.status != ZTC_OK) {
    free(copy.bytes);
    copy.bytes = NULL;
  } else if (copy.size < needed) {
    copy.bytes = realloc(copy.bytes, copy.size);
  }
  return copy;
}

/* Reads every byte, so that a sanitizer sees what is not there. */
static void touch(const void *data, uint64_t size) {
  uint8_t all = 0;
  for (uint64_t i = 0; i < size && i < FUZZ_MOST_TEXT; i++) all ^= ((const uint8_t *)data)[i];
  if (size > FUZZ_MOST_TEXT) all ^= ((const uint8_t *)data)[size - 1];
  __asm__ volatile("" : : "r"(all));
}

static void visit(const ztc_value *value, int depth, int *visits) {
  bool truth, shared;
  int64_t integer;
  double real;
  ztc_string text;
  const void *data;
  uint64_t size, count = 0;
  uint32_t id;
  ztc_type element;
  ztc_value child;
  if (depth == MOST_DEPTH || ++*visits > MOST_VISITS) return;
  const ztc_type type = ztc_value_type(value);
  ztc_value_identity(value, &shared);
  FUZZ_CHECK((ztc_value_bool(value, &truth) == ZTC_OK) == (type == ZTC_TYPE_BOOL));
  FUZZ_CHECK((ztc_value_i64(value, &integer) == ZTC_OK) ==
             (type >= ZTC_TYPE_I8 && type <= ZTC_TYPE_I64));
  ztc_value_f64(value, &real);
  if (ztc_value_string(value, &text) == ZTC_OK) touch(text.data, text.size);
  if (ztc_value_bytes(value, &data, &size) == ZTC_OK) touch(data, size);
  if (ztc_value_array(value, &element, &data, &count) == ZTC_OK) {
    static const uint8_t sizes[] = {0, 0, 1, 2, 4, 8, 4, 8};
    FUZZ_CHECK(element >= ZTC_TYPE_I8 && element <= ZTC_TYPE_F64);
    touch(data, count * sizes[element]);
  }
  if (ztc_value_ext(value, &id, &child) == ZTC_OK) visit(&child, depth + 1, visits);
  if (ztc_value_count(value, &count) != ZTC_OK) return;
  FUZZ_CHECK(type == ZTC_TYPE_LIST || type == ZTC_TYPE_MAP || type == ZTC_TYPE_ARRAY);
  FUZZ_CHECK(ztc_list_at(value, count, &child) != ZTC_OK);
  for (uint64_t i = 0; i < count && *visits < MOST_VISITS; i++) {
    ++*visits;
    if (ztc_list_at(value, i, &child) == ZTC_OK) visit(&child, depth + 1, visits);
    if (ztc_map_at(value, i, &text, &child) == ZTC_OK) {
      touch(text.data, text.size);
      visit(&child, depth + 1, visits);
      ztc_map_get(value, text.data, text.size, (ztc_encoding)text.encoding, &child);
    }
  }
  ztc_map_get(value, "prefs", 5, ZTC_ASCII, &child);
  ztc_value_path(value, "[1][0]", &child, NULL);
}

void fuzz_visit(const ztc_value *value) {
  int visits = 0;
  visit(value, 0, &visits);
}

void fuzz_read_keys(const ztc_region *region, bool valid) {
  static uint8_t buffer[ZTC_MAX_KEY_SIZE];
  uint64_t cursor = 0, index, found, count = 0;
  ztc_key key;
  ztc_status status;
  while ((status = ztc_region_key_next(region, &cursor, &key, &index, buffer, sizeof buffer)) == ZTC_OK) {
    FUZZ_CHECK(index < ztc_region_count(region));
    const ztc_status looked = ztc_index_of(region, &key, &found);
    FUZZ_CHECK(looked == ZTC_OK || looked == ZTC_NO_SUCH_KEY || looked == ZTC_CORRUPT);
    FUZZ_CHECK(looked != ZTC_OK || found < ztc_region_count(region));
    FUZZ_CHECK(!valid || (looked == ZTC_OK && found == index));
    count++;
  }
  FUZZ_CHECK(status == ZTC_NO_SUCH_KEY || (status == ZTC_CORRUPT && !valid));
  FUZZ_CHECK(!valid || count == ztc_region_key_count(region));
}

typedef struct printed {
  uint64_t hash;
  uint64_t size;
} printed;

static bool sink(void *context, const char *text, size_t size) {
  printed *p = context;
  for (size_t i = 0; i < size; i++) p->hash = (p->hash ^ (uint8_t)text[i]) * UINT64_C(0x100000001B3);
  p->size += size;
  return p->size < FUZZ_MOST_TEXT;
}

ztc_status fuzz_print(const ztc_value *value, uint64_t *hash) {
  printed p = {0};
  const ztc_status status = ztc_value_text(value, sink, &p, NULL);
  *hash = p.hash;
  return status;
}

ztc_status fuzz_read_copy(const fuzz_copy *copy, const ztc_schema *schema, uint64_t *hash) {
  ztc_value root;
  const ztc_status status = ztc_value_root(copy->bytes, copy->size, schema, &root);
  if (status != ZTC_OK) return status;
  fuzz_visit(&root);
  return fuzz_print(&root, hash);
}
