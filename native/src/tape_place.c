/* Where a tape is, in the path grammar of the format document; and errors that say it. */
#include <stdarg.h>
#include <stdio.h>

#include "error.h"
#include "key.h"
#include "tape.h"

/* Text with a limit: once something does not fit, nothing more is added. */
typedef struct line {
  char *at;
  size_t size;
  size_t capacity;
  bool full;
} line;

static void put(line *l, const char *text, size_t size) {
  if (l->full || size > l->capacity - l->size) {
    l->full = true;
    return;
  }
  memcpy(l->at + l->size, text, size);
  l->size += size;
}

static bool is_plain_name(const ztc__text *key) {
  if (key->kind != ZTC_ASCII || key->size == 0)
    return false;
  for (uint32_t i = 0; i < key->size; i++) {
    const uint8_t c = key->data[i];
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
    const bool inner = (c >= '0' && c <= '9') || c == '-';
    if (!letter && !(inner && i > 0))
      return false;
  }
  return true;
}

/* One character of a JSON string, whole or not at all. */
static void put_escaped(line *l, const uint8_t *p, uint32_t size) {
  char escape[8];
  if (size == 1 && (p[0] == '"' || p[0] == '\\')) {
    put(l, (char[]){'\\', (char)p[0]}, 2);
  } else if (size == 1 && (p[0] < 0x20 || p[0] == 0x7F)) {
    put(l, escape, (size_t)snprintf(escape, sizeof escape, "\\u%04x", p[0]));
  } else {
    put(l, (const char *)p, size);
  }
}

static void put_string_step(line *l, const ztc__text *key) {
  put(l, "[\"", 2);
  for (uint32_t at = 0; at < key->size && !l->full;) {
    const uint8_t byte = key->data[at];
    uint32_t length = 1;
    if (key->kind == ZTC_LATIN1 && byte >= 0x80) {
      put(l, (char[]){(char)(0xC0 | byte >> 6), (char)(0x80 | (byte & 0x3F))}, 2);
    } else {
      if (key->kind == ZTC_UTF8)
        ztc__utf8_decode(key->data + at, key->size - at, &length);
      put_escaped(l, key->data + at, length);
    }
    at += length;
  }
  put(l, "\"]", 2);
}

static void put_step(line *l, const ztc__tape *tape, uint32_t depth) {
  const ztc__frame *frame = &tape->frames[depth];
  const bool innermost = depth + 1 == tape->depth;
  if (frame->type == ZTC_TYPE_LIST) {
    char step[16];
    const uint32_t index = innermost ? frame->count : frame->count - 1;
    put(l, step, (size_t)snprintf(step, sizeof step, "[%u]", index));
  } else if (frame->type == ZTC_TYPE_MAP && (!innermost || frame->key_given)) {
    const uint32_t entry = innermost ? frame->count : frame->count - 1;
    const ztc__text key = ztc__tape_key_text(tape, &tape->keys.at[frame->key_base + entry]);
    if (is_plain_name(&key)) {
      put(l, ".", 1);
      put(l, (const char *)key.data, key.size);
    } else {
      put_string_step(l, &key);
    }
  }
}

void ztc__tape_place(const ztc__tape *tape, char *buffer, size_t capacity) {
  const int used =
      snprintf(buffer, capacity, "%s %llu: $", tape->shared_node ? "shared node" : "record",
               (unsigned long long)tape->number);
  if (used < 0 || (size_t)used + 4 >= capacity)
    return;
  line l = {.at = buffer, .size = (size_t)used, .capacity = capacity - 4};
  for (uint32_t depth = 0; depth < tape->depth && !l.full; depth++)
    put_step(&l, tape, depth);
  memcpy(buffer + l.size, l.full ? "..." : "", l.full ? 4 : 1);
}

ztc_status ztc__tape_fail(ztc__tape *tape, ztc_status status, const char *format, ...) {
  char place[128], what[ZTC_ERROR_MESSAGE_SIZE];
  ztc__tape_place(tape, place, sizeof place);
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(what, sizeof what, format, arguments);
  va_end(arguments);
  tape->status = status;
  return ztc__fail(&tape->error, status, ZTC_NO_OFFSET, "%s: %s", place, what);
}
