#include "schema.h"

#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "format.h"

enum { SMALL_SHAPE = 12 }; /* up to here a scan of the key numbers beats a binary search */

static uint32_t load_u32(const uint8_t *p) {
  uint32_t v;
  memcpy(&v, p, sizeof v);
  return v;
}

static int compare_u64(const void *a, const void *b) {
  const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
  return x < y ? -1 : x > y;
}

ztc_string ztc__schema_key(const ztc_schema *schema, uint32_t number) {
  const uint8_t *entry = schema->image + ZTC__SCHEMA_HEADER_SIZE + 8ull * number;
  const uint32_t tagged = load_u32(entry + 4);
  return (ztc_string){.data = (const char *)schema->image + load_u32(entry),
                      .size = tagged & (uint32_t)ZTC__STRING_SIZE_MASK,
                      .encoding = tagged >> 30};
}

uint32_t ztc__schema_find(const ztc_schema *schema, const ztc__key *key) {
  if (schema->key_count == 0)
    return ZTC__NOT_FOUND;
  for (uint64_t at = ztc__key_hash(key, &schema->secret);; at++) {
    const uint32_t entry = schema->key_table[at & schema->mask];
    if (entry == 0)
      return ZTC__NOT_FOUND;
    const ztc_string stored = ztc__schema_key(schema, entry - 1);
    if (ztc__key_compare(key, stored.encoding, stored.data, stored.size) == 0)
      return entry - 1;
  }
}

uint32_t ztc__shape_find(const ztc__shape *shape, uint32_t key) {
  if (shape->order == NULL) {
    for (uint32_t i = 0; i < shape->count; i++) {
      if (shape->keys[i] == key)
        return i;
    }
    return ZTC__NOT_FOUND;
  }
  uint32_t low = 0, high = shape->count;
  while (low < high) {
    const uint32_t middle = low + (high - low) / 2;
    const uint32_t found = (uint32_t)(shape->order[middle] >> 32);
    if (found == key)
      return (uint32_t)shape->order[middle];
    if (found < key) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return ZTC__NOT_FOUND;
}

/* ------------------------------------------------------------------------------- parsing -- */

typedef struct parser {
  ztc_schema *schema;
  uint64_t place; /* of the section in its source, for errors */
  ztc_error *error;
} parser;

static ztc_status corrupt(const parser *p, uint64_t at, const char *what) {
  return ztc__fail(p->error, ZTC_CORRUPT, p->place + at, "schema section at byte %llu: %s",
                   (unsigned long long)at, what);
}

static ztc_status parse_keys(const parser *p, uint32_t *table) {
  const ztc_schema *schema = p->schema;
  uint64_t left = schema->size; /* keys do not overlap, or reading them all could take for ever */
  for (uint32_t i = 0; i < schema->key_count; i++) {
    const uint64_t at = ZTC__SCHEMA_HEADER_SIZE + 8ull * i;
    const uint32_t offset = load_u32(schema->image + at);
    const uint32_t tagged = load_u32(schema->image + at + 4);
    const uint32_t size = tagged & (uint32_t)ZTC__STRING_SIZE_MASK;
    if (offset > schema->size || size > schema->size - offset) {
      return corrupt(p, at, "key lies outside the section");
    }
    if (size > left)
      return corrupt(p, at, "keys overlap");
    left -= size;
    ztc__key key;
    const char *text = (const char *)schema->image + offset;
    const uint32_t kind = tagged >> 30;
    if (kind > ZTC_UTF8 || !ztc__key_init(&key, text, size, (ztc_encoding)kind) ||
        key.kind != kind) {
      return corrupt(p, at, "key is ill-formed or not in its narrowest kind");
    }
    uint64_t slot = ztc__key_hash(&key, &schema->secret) & schema->mask;
    for (; table[slot] != 0; slot = (slot + 1) & schema->mask) {
      const ztc_string other = ztc__schema_key(schema, table[slot] - 1);
      if (ztc__key_compare(&key, other.encoding, other.data, other.size) == 0) {
        return corrupt(p, at, "key occurs twice");
      }
    }
    table[slot] = i + 1;
  }
  return ZTC_OK;
}

/* Sorts the key numbers of a shape into `order` and refuses a key that occurs twice. */
static ztc_status parse_order(const parser *p, uint64_t at, const ztc__shape *shape,
                              uint64_t *order) {
  for (uint32_t i = 0; i < shape->count; i++)
    order[i] = (uint64_t)shape->keys[i] << 32 | i;
  qsort(order, shape->count, sizeof *order, compare_u64);
  for (uint32_t i = 1; i < shape->count; i++) {
    if (order[i] >> 32 == order[i - 1] >> 32)
      return corrupt(p, at, "shape has a key twice");
  }
  return ZTC_OK;
}

static ztc_status parse_shapes(const parser *p, ztc__shape *shapes, uint64_t *orders,
                               uint64_t orders_left) {
  const ztc_schema *schema = p->schema;
  const uint64_t first = ZTC__SCHEMA_HEADER_SIZE + 8ull * schema->key_count;
  for (uint32_t i = 0; i < schema->shape_count; i++) {
    const uint64_t at = first + 8ull * i;
    const uint32_t offset = load_u32(schema->image + at);
    const uint32_t count = load_u32(schema->image + at + 4);
    if (offset % 4 != 0 || offset > schema->size || count > (schema->size - offset) / 5 ||
        count > orders_left) {
      return corrupt(p, at, "shape lies outside the section");
    }
    ztc__shape *shape = &shapes[i];
    *shape = (ztc__shape){.keys = (const uint32_t *)(const void *)(schema->image + offset),
                          .types = schema->image + offset + 4ull * count,
                          .count = count};
    for (uint32_t k = 0; k < count; k++) {
      if (shape->keys[k] >= schema->key_count)
        return corrupt(p, at, "shape has an unknown key");
      if (!ztc__is_type(shape->types[k]))
        return corrupt(p, at, "shape has an unknown type");
    }
    const ztc_status status = parse_order(p, at, shape, orders);
    if (status != ZTC_OK)
      return status;
    if (count > SMALL_SHAPE) {
      shape->order = orders;
      orders += count;
      orders_left -= count;
    }
  }
  return ZTC_OK;
}

/* One block: the struct, shapes, orders, key table, image. */
static ztc_schema *allocate(uint64_t size, uint32_t keys, uint32_t shapes, uint64_t orders,
                            ztc__shape **shapes_out, uint64_t **orders_out, uint32_t **table_out) {
  uint32_t slots = 2;
  while (slots < 2ull * keys)
    slots *= 2;
  const uint64_t bytes =
      sizeof(ztc_schema) + shapes * sizeof(ztc__shape) + orders * 8 + slots * 4ull + size;
  uint8_t *block = calloc(1, bytes);
  if (block == NULL)
    return NULL;
  ztc_schema *schema = (ztc_schema *)(void *)block;
  *shapes_out = (ztc__shape *)(void *)(block + sizeof *schema);
  *orders_out = (uint64_t *)(void *)(*shapes_out + shapes);
  *table_out = (uint32_t *)(void *)(*orders_out + orders);
  *schema = (ztc_schema){.size = size,
                         .key_count = keys,
                         .shape_count = shapes,
                         .secret = ztc__secret_of_process(),
                         .mask = slots - 1,
                         .image = (uint8_t *)(*table_out + slots),
                         .shapes = *shapes_out,
                         .key_table = *table_out};
  return schema;
}

ztc_status ztc__schema_load(ztc__src source, uint64_t offset, uint64_t size, ztc_schema **out,
                            ztc_error *error) {
  parser p = {.place = offset, .error = error};
  if (size < ZTC__SCHEMA_HEADER_SIZE || size > ZTC__MAX_SCHEMA_SIZE || size % 8 != 0) {
    return corrupt(&p, 0, "impossible size");
  }
  const uint32_t keys = ztc__load32(source, offset);
  const uint32_t shapes = ztc__load32(source, offset + 4);
  if (shapes > ZTC__MAX_SHAPES || 8 * ((uint64_t)keys + shapes) > size - ZTC__SCHEMA_HEADER_SIZE) {
    return corrupt(&p, 0, "more keys or shapes than fit");
  }
  /* Each key of a shape takes 5 bytes of the section, unless bodies overlap in a hostile one. */
  const uint64_t most_orders = size / 5 + 1;
  ztc__shape *shape_table;
  uint64_t *orders;
  uint32_t *key_table;
  ztc_schema *schema = allocate(size, keys, shapes, most_orders, &shape_table, &orders, &key_table);
  if (schema == NULL)
    return ztc__fail(error, ZTC_NO_MEMORY, offset, "no memory for the schema");
  ztc__fetch((uint8_t *)(uintptr_t)schema->image, source, offset, size);
  p.schema = schema;
  ztc_status status = ZTC_OK;
  if (load_u32(schema->image) != keys || load_u32(schema->image + 4) != shapes) {
    status = corrupt(&p, 0, "changed while it was read");
  }
  if (status == ZTC_OK)
    status = parse_keys(&p, key_table);
  if (status == ZTC_OK)
    status = parse_shapes(&p, shape_table, orders, most_orders);
  if (status != ZTC_OK) {
    free(schema);
    return status;
  }
  *out = schema;
  return ZTC_OK;
}

/* -------------------------------------------------------------------------------- layout -- */

static int compare_key_lists(const void *a, const void *b) {
  const ztc__shape *x = *(const ztc__shape *const *)a, *y = *(const ztc__shape *const *)b;
  if (x->count != y->count)
    return x->count < y->count ? -1 : 1;
  return memcmp(x->keys, y->keys, x->count * sizeof *x->keys);
}

static ztc_status check_distinct_shapes(const parser *p) {
  const ztc_schema *schema = p->schema;
  if (schema->shape_count < 2)
    return ZTC_OK;
  const ztc__shape **sorted = malloc(schema->shape_count * sizeof *sorted);
  if (sorted == NULL) {
    return ztc__fail(p->error, ZTC_NO_MEMORY, p->place, "no memory to check the schema");
  }
  for (uint32_t i = 0; i < schema->shape_count; i++)
    sorted[i] = &schema->shapes[i];
  qsort(sorted, schema->shape_count, sizeof *sorted, compare_key_lists);
  ztc_status status = ZTC_OK;
  for (uint32_t i = 1; i < schema->shape_count && status == ZTC_OK; i++) {
    if (compare_key_lists(&sorted[i - 1], &sorted[i]) == 0) {
      status = corrupt(p, 0, "two shapes have the same keys");
    }
  }
  free(sorted);
  return status;
}

ztc_status ztc__schema_check_layout(const ztc_schema *schema, uint64_t offset, ztc_error *error) {
  const parser p = {.schema = (ztc_schema *)(uintptr_t)schema, .place = offset, .error = error};
  const uint8_t *image = schema->image;
  if (load_u32(image + 8) != 0 || load_u32(image + 12) != 0) {
    return corrupt(&p, 8, "reserved field is not zero");
  }
  const uint64_t table = ZTC__SCHEMA_HEADER_SIZE + 8ull * schema->key_count;
  uint64_t at = table + 8ull * schema->shape_count;
  for (uint32_t i = 0; i < schema->shape_count; i++) {
    if (load_u32(image + table + 8ull * i) != at)
      return corrupt(&p, at, "shape is out of place");
    at += 5ull * schema->shapes[i].count;
    for (; at % 4 != 0; at++) {
      if (at >= schema->size || image[at] != 0)
        return corrupt(&p, at, "padding is not zero");
    }
  }
  for (uint32_t i = 0; i < schema->key_count; i++) {
    const ztc_string key = ztc__schema_key(schema, i);
    if ((uint64_t)((const uint8_t *)key.data - image) != at) {
      return corrupt(&p, at, "key is out of place");
    }
    at += key.size;
  }
  if (schema->size != ztc__align8(at))
    return corrupt(&p, at, "bytes behind the last key");
  for (; at < schema->size; at++) {
    if (image[at] != 0)
      return corrupt(&p, at, "padding is not zero");
  }
  return check_distinct_shapes(&p);
}

/* -------------------------------------------------------------------------------- public -- */

ztc_status ztc_schema_parse(const void *image, uint64_t size, ztc_schema **out, ztc_error *error) {
  if (out == NULL || image == NULL) {
    return ztc__fail(error, ZTC_INVALID_ARGUMENT, ZTC_NO_OFFSET, "image and out must not be NULL");
  }
  *out = NULL;
  return ztc__schema_load(ztc__src_of(image), 0, size, out, error);
}

ztc_status ztc_schema_clone(const ztc_schema *schema, ztc_schema **out) {
  return ztc_schema_parse(schema->image, schema->size, out, NULL);
}

void ztc_schema_image(const ztc_schema *schema, const void **image, uint64_t *size) {
  *image = schema->image;
  *size = schema->size;
}

void ztc_schema_free(ztc_schema *schema) {
  free(schema);
}
