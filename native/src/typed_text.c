/* The canonical typed text (format document, section 7): one iterative pass to count how often
   each shared container is reached, one to print. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "secret.h"
#include "value.h"

typedef struct seen {
  uint64_t identity;
  uint32_t visits;
  uint32_t label; /* 0 until printed */
} seen;

/* A container being visited. */
typedef struct frame {
  ztc__image image;
  ztc__node node;
  uint32_t next;
  uint32_t floor; /* no child may begin before: children must not overlap */
  uint32_t level; /* containers around it and itself, since the last reference */
} frame;

typedef struct printer {
  ztc_text_sink sink; /* NULL while counting */
  void *context;
  bool stopped;
  seen *table;   /* open addressing by identity; free entries have visits 0 */
  uint64_t root; /* identity of the value that is printed */
  uint32_t mask, used;
  ztc__secret secret; /* where the table's entries are */
  uint32_t labels;
  uint64_t budget;  /* bytes of the image that no node has been charged for */
  uint64_t repeats; /* bytes that may still be printed of what the image has once or not at all */
  frame *stack;
  uint32_t depth, room; /* of the stack; each frame but a row's was charged for */
} printer;

/*
 * Nodes, strings and bytes do not overlap, and each is visited once: together they take at most the
 * image's size. Whatever takes more is hostile, and could take for ever.
 */
static ztc_status charge(printer *p, uint64_t size) {
  if (size > p->budget)
    return ZTC_CORRUPT;
  p->budget -= size;
  return ZTC_OK;
}

/*
 * Keys of the schema are not in the image, and a shared string is there once, but both are printed
 * for each use of them. A use has a slot of 8 bytes, so that those of up to 250 bytes are never too
 * much.
 */
static uint64_t repeats_of(uint64_t image_size) {
  const uint64_t least = UINT64_C(64) << 20, most = 32 * image_size;
  return most > least ? most : least;
}

static ztc_status charge_repeat(printer *p, uint64_t size) {
  if (size > p->repeats)
    return ZTC_TOO_LARGE;
  p->repeats -= size;
  return ZTC_OK;
}

static void put(printer *p, const char *text, size_t size) {
  if (p->sink == NULL || p->stopped || size == 0)
    return;
  p->stopped = !p->sink(p->context, text, size);
}

static void put_text(printer *p, const char *text) {
  put(p, text, strlen(text));
}

/* -------------------------------------------------------------------------------- scalars -- */

/* `text` is "%.*e" output: drops trailing zeros and the exponent's leading ones, and replaces
   whatever the locale takes for a decimal point. */
static void put_scientific(printer *p, const char *text) {
  const char *first = text + (text[0] == '-');
  const char *fraction = first + 1;
  while (*fraction != 'e' && (*fraction < '0' || *fraction > '9'))
    fraction++;
  const char *e = strchr(fraction, 'e');
  const char *end = e;
  while (end > fraction && end[-1] == '0')
    end--;
  char exponent[16];
  snprintf(exponent, sizeof exponent, "e%d", atoi(e + 1));
  put(p, text, (size_t)(first + 1 - text));
  if (end > fraction)
    put_text(p, ".");
  put(p, fraction, (size_t)(end - fraction));
  put_text(p, exponent);
}

static bool put_not_finite(printer *p, double value) {
  if (value != value) {
    put_text(p, "nan");
  } else if (value - value != 0) {
    put_text(p, value < 0 ? "-inf" : "inf");
  } else {
    return false;
  }
  return true;
}

static void put_f64(printer *p, double value) {
  char digits[40];
  if (put_not_finite(p, value))
    return;
  for (int precision = 0; precision <= 16; precision++) {
    snprintf(digits, sizeof digits, "%.*e", precision, value);
    if (strtod(digits, NULL) == value)
      break;
  }
  put_scientific(p, digits);
}

static void put_f32(printer *p, float value) {
  char digits[40];
  if (put_not_finite(p, (double)value))
    return;
  for (int precision = 0; precision <= 8; precision++) {
    snprintf(digits, sizeof digits, "%.*e", precision, (double)value);
    if (strtof(digits, NULL) == value)
      break;
  }
  put_scientific(p, digits);
}

static void put_code_point(printer *p, uint32_t point) {
  char out[8];
  if (point == '"' || point == '\\') {
    out[0] = '\\';
    out[1] = (char)point;
    put(p, out, 2);
  } else if (point < 0x20 || point == 0x7f) {
    snprintf(out, sizeof out, "\\u%04x", point);
    put(p, out, 6);
  } else if (point < 0x80) {
    out[0] = (char)point;
    put(p, out, 1);
  } else { /* Latin-1 */
    out[0] = (char)(0xC0 | point >> 6);
    out[1] = (char)(0x80 | (point & 0x3F));
    put(p, out, 2);
  }
}

static void put_string(printer *p, const ztc_string *s) {
  put_text(p, "\"");
  for (uint32_t i = 0; i < s->size && !p->stopped; i++) {
    const uint8_t byte = (uint8_t)s->data[i];
    if (byte >= 0x80 && s->encoding == ZTC_UTF8) {
      put(p, s->data + i, 1);
    } else {
      put_code_point(p, byte);
    }
  }
  put_text(p, "\"");
}

static void put_hex(printer *p, const uint8_t *data, uint64_t size) {
  put_text(p, "x\"");
  for (uint64_t i = 0; i < size && !p->stopped; i++) {
    char hex[3];
    snprintf(hex, sizeof hex, "%02x", data[i]);
    put(p, hex, 2);
  }
  put_text(p, "\"");
}

static const char *const widths[] = {"", "", "i8", "i16", "i32", "i64", "f32", "f64"};

static ztc_status put_scalar(printer *p, const ztc__value *v) {
  const ztc_value *value = (const ztc_value *)(const void *)v;
  char number[32];
  ztc_string text;
  const void *data;
  uint64_t size;
  ztc_status status = ZTC_OK;
  switch (v->type) {
    case ZTC_TYPE_NULL:
      put_text(p, "null");
      break;
    case ZTC_TYPE_BOOL:
      put_text(p, v->slot != 0 ? "true" : "false");
      break;
    case ZTC_TYPE_STRING:
      status = ztc_value_string(value, &text);
      if (status == ZTC_OK)
        put_string(p, &text);
      break;
    case ZTC_TYPE_BYTES:
      status = ztc_value_bytes(value, &data, &size);
      if (status == ZTC_OK)
        put_hex(p, data, size);
      break;
    case ZTC_TYPE_F32:
    case ZTC_TYPE_F64: {
      double wide = 0;
      status = ztc_value_f64(value, &wide);
      if (v->type == ZTC_TYPE_F32) {
        put_f32(p, (float)wide);
      } else {
        put_f64(p, wide);
      }
      put_text(p, widths[v->type]);
      break;
    }
    default:
      snprintf(number, sizeof number, "%" PRId64 "%s", (int64_t)v->slot, widths[v->type]);
      put_text(p, number);
  }
  return status;
}

static void put_element(printer *p, uint8_t type, const uint8_t *at) {
  char number[32] = "";
  union {
    int8_t i8;
    int16_t i16;
    int32_t i32;
    int64_t i64;
    float f32;
    double f64;
  } u;
  memcpy(&u, at, ztc__element_size(type));
  switch (type) {
    case ZTC_TYPE_F32:
      put_f32(p, u.f32);
      break;
    case ZTC_TYPE_F64:
      put_f64(p, u.f64);
      break;
    case ZTC_TYPE_I8:
      snprintf(number, sizeof number, "%d", u.i8);
      break;
    case ZTC_TYPE_I16:
      snprintf(number, sizeof number, "%d", u.i16);
      break;
    case ZTC_TYPE_I32:
      snprintf(number, sizeof number, "%" PRId32, u.i32);
      break;
    default:
      snprintf(number, sizeof number, "%" PRId64, u.i64);
  }
  put_text(p, number);
}

static void put_array(printer *p, const ztc__image *image, const ztc__node *array) {
  const uint8_t *data = ztc__address(image->base, array->at + ZTC__NODE_HEADER_SIZE);
  const uint32_t size = ztc__element_size(array->elem);
  put_text(p, widths[array->elem]);
  put_text(p, "[");
  for (uint32_t i = 0; i < array->count && !p->stopped; i++) {
    if (i > 0)
      put_text(p, ",");
    put_element(p, array->elem, data + (uint64_t)i * size);
  }
  put_text(p, "]");
}

/* ------------------------------------------------------------------------ shared containers -- */

static seen *find_seen(const printer *p, uint64_t identity) {
  uint32_t i = (uint32_t)ztc__secret_hash32(&p->secret, (uint32_t)identity) & p->mask;
  while (p->table[i].visits != 0 && p->table[i].identity != identity)
    i = (i + 1) & p->mask;
  return &p->table[i];
}

static bool grow_table(printer *p) {
  if (p->table != NULL && p->used * 2 < p->mask)
    return true;
  const uint32_t slots = p->table == NULL ? 16 : (p->mask + 1) * 4;
  if (p->table == NULL)
    p->secret = ztc__secret_of_process();
  printer larger = {
      .table = calloc(slots, sizeof *larger.table), .mask = slots - 1, .secret = p->secret};
  if (larger.table == NULL)
    return false;
  for (uint32_t i = 0; p->table != NULL && i <= p->mask; i++) {
    if (p->table[i].visits != 0)
      *find_seen(&larger, p->table[i].identity) = p->table[i];
  }
  free(p->table);
  p->table = larger.table;
  p->mask = larger.mask;
  return true;
}

/* Counts the visit, or prints label or reference. *skip: this container was met before. */
static ztc_status meet(printer *p, uint64_t identity, bool *skip) {
  if (!grow_table(p))
    return ZTC_NO_MEMORY;
  seen *s = find_seen(p, identity);
  if (p->sink == NULL) {
    *skip = s->visits > 0;
    if (s->visits == 0)
      *s = (seen){.identity = identity}, p->used++;
    if (s->visits < 2)
      s->visits++;
    return ZTC_OK;
  }
  if (s->visits < 2)
    return ZTC_OK;
  char label[16];
  *skip = s->label != 0;
  if (s->label == 0)
    s->label = ++p->labels;
  snprintf(label, sizeof label, "%c%" PRIu32, *skip ? '*' : '&', s->label);
  put_text(p, label);
  return ZTC_OK;
}

/* ------------------------------------------------------------------------------- the walk -- */

static const char *opening(uint8_t type) {
  return type == ZTC_TYPE_MAP ? "{" : "[";
}
static const char *closing(uint8_t type) {
  return type == ZTC_TYPE_MAP ? "}" : "]";
}

static ztc_status push(printer *p, const frame *f) {
  if (p->depth == p->room) {
    const uint32_t room = p->room == 0 ? 64 : p->room * 2;
    frame *stack = realloc(p->stack, room * sizeof *stack);
    if (stack == NULL)
      return ZTC_NO_MEMORY;
    p->stack = stack;
    p->room = room;
  }
  p->stack[p->depth++] = *f;
  return ZTC_OK;
}

/* Prints a value, or pushes it if it is a container with children, with this level. */
static ztc_status begin(printer *p, const ztc__value *v, uint32_t level) {
  if (v->type < ZTC_TYPE_LIST)
    return p->sink != NULL ? put_scalar(p, v) : ZTC_OK;
  ztc__node node;
  bool empty, skip = false;
  ztc_status status = ztc__value_node(v, &node, &empty);
  if (status != ZTC_OK)
    return status;
  if (empty) {
    put_text(p, opening(v->type));
    put_text(p, closing(v->type));
    return ZTC_OK;
  }
  const uint64_t identity = ztc_value_identity((const ztc_value *)(const void *)v, NULL);
  if (v->shared || identity == p->root)
    status = meet(p, identity, &skip);
  if (status != ZTC_OK || skip)
    return status;
  if (node.row == 0)
    status = charge(p, node.data_at - node.at); /* a row is part of its list */
  if (status != ZTC_OK)
    return status;
  if (v->type == ZTC_TYPE_ARRAY) {
    if (p->sink != NULL)
      put_array(p, &v->image, &node);
    return ZTC_OK;
  }
  if (level > ZTC_MAX_DEPTH)
    return ZTC_TOO_DEEP;
  if (v->type == ZTC_TYPE_EXT) {
    char head[24];
    snprintf(head, sizeof head, "ext(%" PRIu32 ",", node.arg);
    put_text(p, head);
  } else {
    put_text(p, opening(v->type));
  }
  /* The children of all rows of a list lie behind each other in one node. */
  const bool is_next_row = node.row > 1 && p->depth > 0;
  const uint32_t floor = is_next_row ? p->stack[p->depth - 1].floor : node.data_at;
  return push(p, &(frame){.image = v->image, .node = node, .floor = floor, .level = level});
}

static ztc_status put_key(printer *p, const frame *f) {
  ztc_string key;
  ztc_status status = ztc__map_key(&f->image, &f->node, f->next, &key);
  if (status == ZTC_OK && f->node.kind == ZTC__KIND_DICT) {
    status = charge(p, key.size > ZTC__STRING_INLINE_MAX ? key.size : 0);
  }
  if (status != ZTC_OK || p->sink == NULL)
    return status;
  put_string(p, &key);
  put_text(p, ":");
  return f->node.kind == ZTC__KIND_DICT ? ZTC_OK : charge_repeat(p, key.size);
}

/* Bytes that a slot has outside itself, if it is of a string or of bytes. */
static uint64_t data_size(uint8_t type, uint64_t slot) {
  if (type == ZTC_TYPE_BYTES)
    return slot >> 32;
  if (type != ZTC_TYPE_STRING || slot >> ZTC__STRING_KIND_SHIFT == ZTC__STRING_FORM_INLINE)
    return 0;
  return slot >> ZTC__STRING_SIZE_SHIFT & ZTC__STRING_SIZE_MASK;
}

static ztc_status step(printer *p) {
  frame *f = &p->stack[p->depth - 1];
  const uint8_t type = ztc__type_of_kind(f->node.kind);
  if (f->next == f->node.count) {
    put_text(p, type == ZTC_TYPE_EXT ? ")" : closing(type));
    p->depth--;
    if (f->node.row != 0 && p->depth > 0)
      p->stack[p->depth - 1].floor = f->floor;
    return ZTC_OK;
  }
  ztc_status status = ZTC_OK;
  if (f->next > 0)
    put_text(p, ",");
  if (type == ZTC_TYPE_MAP)
    status = put_key(p, f);
  if (status != ZTC_OK)
    return status;
  const ztc__entry entry = ztc__node_entry(&f->image, &f->node, f->next++);
  const bool owned = entry.type >= ZTC_TYPE_LIST && entry.type <= ZTC_TYPE_EXT && entry.slot != 0;
  if (owned) {
    const uint32_t from = f->node.at + (uint32_t)entry.slot;
    if (from < f->floor)
      return ZTC_CORRUPT;
    f->floor = from + (uint32_t)(entry.slot >> 32);
  }
  status = charge(p, data_size(entry.type, entry.slot));
  if (status != ZTC_OK)
    return status;
  ztc__value value;
  status = ztc__value_of_entry(&f->image, &f->node, &entry, &value);
  if (status != ZTC_OK)
    return status;
  const bool is_ref = entry.type == ZTC__TYPE_REF;
  status = begin(p, &value, is_ref ? 1 : f->level + 1);
  if (status != ZTC_OK || p->sink == NULL || !is_ref)
    return status;
  return charge_repeat(p, data_size(value.type, value.slot));
}

static ztc_status walk(printer *p, const ztc__value *root) {
  p->budget = root->image.size;
  p->repeats = repeats_of(root->image.size);
  ztc_status status = begin(p, root, 1);
  while (status == ZTC_OK && p->depth > 0 && !p->stopped)
    status = step(p);
  p->depth = 0;
  return status;
}

ztc_status ztc_value_text(const ztc_value *value, ztc_text_sink sink, void *context,
                          ztc_error *error) {
  if (sink == NULL) {
    return ztc__fail(error, ZTC_INVALID_ARGUMENT, ZTC_NO_OFFSET, "sink must not be NULL");
  }
  printer p = {.context = context, .root = ztc_value_identity(value, NULL)};
  ztc_status status = walk(&p, ztc__value_in(value));
  p.sink = sink;
  if (status == ZTC_OK)
    status = walk(&p, ztc__value_in(value));
  free(p.table);
  free(p.stack);
  if (status == ZTC_OK)
    return status;
  return ztc__fail(error, status, ZTC_NO_OFFSET, "cannot print: %s", ztc_status_text(status));
}
