/* The event stream (format document): bytes that somebody else made, checked as such. */
#include "error.h"
#include "format.h"
#include "writer.h"

enum {
  EVENT_NULL = 0x00,
  EVENT_FALSE = 0x01,
  EVENT_TRUE = 0x02,
  EVENT_I8 = 0x03,
  EVENT_I16 = 0x04,
  EVENT_I32 = 0x05,
  EVENT_I64 = 0x06,
  EVENT_F32 = 0x07,
  EVENT_F64 = 0x08,
  EVENT_STRING = 0x10, /* and the next three, by encoding */
  EVENT_BYTES = 0x14,
  EVENT_ARRAY = 0x15,
  EVENT_BEGIN_LIST = 0x20,
  EVENT_BEGIN_MAP = 0x21,
  EVENT_BEGIN_EXT = 0x22,
  EVENT_END = 0x23,
  EVENT_KEY = 0x28, /* and the next three, by encoding */
  EVENT_DEFINE_KEY = 0x2c,
  EVENT_USE_KEY = 0x2d,
  EVENT_DEFINE_LIST = 0x2e,
  EVENT_BEGIN_LISTED = 0x2f,
  EVENT_LABEL = 0x30,
  EVENT_REF = 0x31,
  EVENT_SHARED = 0x32,
  EVENT_BEGIN_SHARED = 0x33,
  EVENT_END_SHARED = 0x34,
  EVENT_RECORD_KEY = 0x38, /* and the next three, by encoding */
  EVENT_RECORD_KEY_I64 = 0x3c,
  EVENT_RECORD_KEY_BYTES = 0x3d,
  EVENT_END_RECORD = 0x3f
};

/* What is left of the events. */
typedef struct cursor {
  const uint8_t *at;
  const uint8_t *end;
} cursor;

static inline bool take(cursor *c, uint64_t size, const uint8_t **bytes) {
  if (size > (uint64_t)(c->end - c->at))
    return false;
  *bytes = c->at;
  c->at += size;
  return true;
}

static inline bool take8(cursor *c, uint8_t *value) {
  const uint8_t *p;
  if (!take(c, 1, &p))
    return false;
  *value = *p;
  return true;
}

static inline bool take32(cursor *c, uint32_t *value) {
  const uint8_t *p;
  if (!take(c, 4, &p))
    return false;
  memcpy(value, p, 4);
  return true;
}

/* A u32 size and that many bytes. */
static inline bool take_sized(cursor *c, const uint8_t **bytes, uint32_t *size) {
  return take32(c, size) && take(c, *size, bytes);
}

static ztc_status cut_short(ztc_writer *writer) {
  return ztc__tape_fail(&writer->tape, ZTC_INVALID_ARGUMENT, "the event is cut short");
}

static ztc_status feed_number(ztc_writer *writer, uint8_t opcode, cursor *c) {
  ztc__tape *tape = &writer->tape;
  const uint8_t *p;
  int8_t i8;
  int16_t i16;
  int32_t i32;
  int64_t i64;
  uint32_t f32;
  static const uint8_t sizes[] = {1, 2, 4, 8, 4, 8};
  if (!take(c, sizes[opcode - EVENT_I8], &p))
    return cut_short(writer);
  switch (opcode) {
    case EVENT_I8:
      memcpy(&i8, p, sizeof i8);
      return ztc__tape_scalar(tape, ZTC_TYPE_I8, (uint64_t)(int64_t)i8);
    case EVENT_I16:
      memcpy(&i16, p, sizeof i16);
      return ztc__tape_scalar(tape, ZTC_TYPE_I16, (uint64_t)(int64_t)i16);
    case EVENT_I32:
      memcpy(&i32, p, sizeof i32);
      return ztc__tape_scalar(tape, ZTC_TYPE_I32, (uint64_t)(int64_t)i32);
    case EVENT_F32:
      memcpy(&f32, p, sizeof f32);
      return ztc__tape_scalar(tape, ZTC_TYPE_F32, f32);
    default:
      memcpy(&i64, p, sizeof i64);
      return ztc__tape_scalar(tape, opcode == EVENT_I64 ? ZTC_TYPE_I64 : ZTC_TYPE_F64,
                              (uint64_t)i64);
  }
}

static ztc_status feed_sized(ztc_writer *writer, uint8_t opcode, cursor *c) {
  ztc__tape *tape = &writer->tape;
  const uint8_t *bytes = NULL;
  uint32_t size;
  uint8_t encoding = 0;
  if (opcode == EVENT_DEFINE_KEY && !take8(c, &encoding))
    return cut_short(writer);
  if (!take_sized(c, &bytes, &size))
    return cut_short(writer);
  if (opcode == EVENT_BYTES)
    return ztc__tape_bytes(tape, bytes, size);
  if (opcode == EVENT_DEFINE_KEY) {
    return ztc__keybook_define(&writer->keybook, tape, bytes, size, encoding);
  }
  return opcode >= EVENT_KEY ? ztc__tape_key(tape, bytes, size, (uint32_t)opcode - EVENT_KEY)
                             : ztc__tape_string(tape, bytes, size, (uint32_t)opcode - EVENT_STRING);
}

static ztc_status feed_array(ztc_writer *writer, cursor *c) {
  uint8_t element;
  uint32_t count;
  const uint8_t *bytes;
  if (!take8(c, &element) || !take32(c, &count) ||
      !take(c, (uint64_t)count * ztc__element_size(element), &bytes)) {
    return cut_short(writer);
  }
  return ztc__tape_array(&writer->tape, element, bytes, count);
}

static ztc_status feed_list(ztc_writer *writer, cursor *c) {
  uint32_t count;
  const uint8_t *numbers;
  if (!take32(c, &count) || !take(c, (uint64_t)count * sizeof(uint32_t), &numbers))
    return cut_short(writer);
  return ztc__keybook_define_list(&writer->keybook, &writer->tape, numbers, count);
}

/* Events with one u32. */
static ztc_status feed_numbered(ztc_writer *writer, uint8_t opcode, cursor *c) {
  ztc__tape *tape = &writer->tape;
  uint32_t number;
  if (!take32(c, &number))
    return cut_short(writer);
  switch (opcode) {
    case EVENT_BEGIN_EXT:
      return ztc__tape_begin(tape, ZTC_TYPE_EXT, number);
    case EVENT_USE_KEY:
      return ztc__keybook_use(&writer->keybook, tape, number);
    case EVENT_BEGIN_LISTED:
      return ztc__keybook_begin_map(&writer->keybook, tape, number);
    case EVENT_LABEL:
      return ztc__tape_label(tape, number);
    case EVENT_REF:
      return ztc__tape_ref(tape, number);
    case EVENT_SHARED:
      return ztc_writer_shared(writer, number);
    default:
      return ztc_writer_begin_shared(writer, number);
  }
}

static ztc_status feed_record_key(ztc_writer *writer, uint8_t opcode, cursor *c) {
  const uint8_t *bytes;
  uint32_t size;
  ztc_key key = {.type = ZTC_KEY_I64};
  if (opcode == EVENT_RECORD_KEY_I64) {
    if (!take(c, sizeof key.number, &bytes))
      return cut_short(writer);
    memcpy(&key.number, bytes, sizeof key.number);
    return ztc_writer_record_key(writer, &key);
  }
  if (!take_sized(c, &bytes, &size))
    return cut_short(writer);
  key = (ztc_key){.type = ZTC_KEY_BYTES, .data = bytes, .size = size};
  if (opcode != EVENT_RECORD_KEY_BYTES) {
    key.type = ZTC_KEY_STRING;
    key.encoding = (ztc_encoding)(opcode - EVENT_RECORD_KEY);
  }
  return ztc_writer_record_key(writer, &key);
}

static ztc_status feed_event(ztc_writer *writer, cursor *c) {
  ztc__tape *tape = &writer->tape;
  const uint8_t opcode = *c->at++;
  switch (opcode) {
    case EVENT_NULL:
      return ztc__tape_scalar(tape, ZTC_TYPE_NULL, 0);
    case EVENT_FALSE:
    case EVENT_TRUE:
      return ztc__tape_scalar(tape, ZTC_TYPE_BOOL, opcode == EVENT_TRUE);
    case EVENT_I8:
    case EVENT_I16:
    case EVENT_I32:
    case EVENT_I64:
    case EVENT_F32:
    case EVENT_F64:
      return feed_number(writer, opcode, c);
    case EVENT_STRING + ZTC_ASCII:
    case EVENT_STRING + ZTC_LATIN1:
    case EVENT_STRING + ZTC_UTF8:
    case EVENT_STRING + ZTC_UTF16:
    case EVENT_BYTES:
    case EVENT_KEY + ZTC_ASCII:
    case EVENT_KEY + ZTC_LATIN1:
    case EVENT_KEY + ZTC_UTF8:
    case EVENT_KEY + ZTC_UTF16:
    case EVENT_DEFINE_KEY:
      return feed_sized(writer, opcode, c);
    case EVENT_ARRAY:
      return feed_array(writer, c);
    case EVENT_DEFINE_LIST:
      return feed_list(writer, c);
    case EVENT_BEGIN_LIST:
      return ztc__tape_begin(tape, ZTC_TYPE_LIST, 0);
    case EVENT_BEGIN_MAP:
      return ztc__tape_begin(tape, ZTC_TYPE_MAP, 0);
    case EVENT_END:
      return ztc__tape_end(tape);
    case EVENT_BEGIN_EXT:
    case EVENT_USE_KEY:
    case EVENT_BEGIN_LISTED:
    case EVENT_LABEL:
    case EVENT_REF:
    case EVENT_SHARED:
    case EVENT_BEGIN_SHARED:
      return feed_numbered(writer, opcode, c);
    case EVENT_RECORD_KEY + ZTC_ASCII:
    case EVENT_RECORD_KEY + ZTC_LATIN1:
    case EVENT_RECORD_KEY + ZTC_UTF8:
    case EVENT_RECORD_KEY + ZTC_UTF16:
    case EVENT_RECORD_KEY_I64:
    case EVENT_RECORD_KEY_BYTES:
      return feed_record_key(writer, opcode, c);
    case EVENT_END_SHARED:
      return ztc_writer_end_shared(writer);
    case EVENT_END_RECORD:
      return ztc_writer_end_record(writer, NULL);
    default:
      return ztc__tape_fail(tape, ZTC_INVALID_ARGUMENT, "0x%02x is not an event", opcode);
  }
}

ztc_status ztc_writer_feed(ztc_writer *writer, const void *events, uint64_t size,
                           ztc_error *error) {
  if (writer == NULL) {
    return ztc__fail(error, ZTC_INVALID_ARGUMENT, ZTC_NO_OFFSET, "writer is NULL");
  }
  ztc__tape *tape = &writer->tape;
  cursor c = {.at = events};
  c.end = events != NULL ? c.at + size : NULL;
  const uint8_t *event = c.at;
  ztc_status status = tape->status;
  if (status == ZTC_OK && events == NULL && size > 0) {
    status = ztc__tape_fail(tape, ZTC_INVALID_ARGUMENT, "events is NULL");
  }
  while (status == ZTC_OK && c.at < c.end) {
    event = c.at;
    status = feed_event(writer, &c);
  }
  if (status != ZTC_OK && error != NULL) {
    *error = tape->error;
    error->offset = (uint64_t)(event - (const uint8_t *)events);
  }
  return status;
}
