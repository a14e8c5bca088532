/* Models (model.h) on their way into a writer: builder calls, or the same as an event stream. */
#ifndef ZTC_TEST_MODEL_WRITE_H
#define ZTC_TEST_MODEL_WRITE_H

#include "model.h"

/* Builder calls go to `writer`; events are collected in `bytes` if `feed` is set. */
typedef struct sink {
  ztc_writer *writer;
  bool feed;
  uint64_t *seed; /* chooses encodings and needless labels */
  uint8_t *bytes;
  size_t size, capacity;
  uint32_t labels;
} sink;

static inline void put(sink *s, const void *data, size_t size) {
  if (s->size + size > s->capacity) {
    s->capacity = 2 * (s->size + size);
    s->bytes = realloc(s->bytes, s->capacity);
  }
  if (size > 0)
    memcpy(s->bytes + s->size, data, size);
  s->size += size;
}

static inline void put_event(sink *s, int opcode, const void *operand, size_t size) {
  const uint8_t byte = (uint8_t)opcode;
  put(s, &byte, 1);
  put(s, operand, size);
}

/* An encoding that can hold the string, and its bytes in it. */
static inline ztc_encoding choose_encoding(const model *m, uint64_t *seed, uint8_t **bytes,
                                           uint32_t *size) {
  uint32_t widest = 0;
  for (uint32_t i = 0; i < m->size; i++)
    widest = widest > m->points[i] ? widest : m->points[i];
  ztc_encoding encoding = (ztc_encoding)below(seed, 4);
  if (encoding == ZTC_ASCII && widest > 0x7F)
    encoding = ZTC_UTF8;
  if (encoding == ZTC_LATIN1 && widest > 0xFF)
    encoding = ZTC_UTF16;
  char *text = NULL;
  size_t length = 0;
  FILE *out = open_memstream(&text, &length);
  for (uint32_t i = 0; i < m->size; i++) {
    const uint32_t c = m->points[i];
    if (encoding == ZTC_UTF8) {
      print_utf8(out, c);
    } else if (encoding != ZTC_UTF16) {
      fputc((int)c, out);
    } else if (c < 0x10000) {
      fwrite(&c, 1, 2, out);
    } else {
      const uint16_t pair[] = {(uint16_t)(0xD800 + ((c - 0x10000) >> 10)),
                               (uint16_t)(0xDC00 + ((c - 0x10000) & 0x3FF))};
      fwrite(pair, 1, 4, out);
    }
  }
  fclose(out);
  *bytes = (uint8_t *)text;
  *size = (uint32_t)length;
  return encoding;
}

static inline void write_text(sink *s, const model *m, bool key) {
  uint8_t *bytes;
  uint32_t size;
  const ztc_encoding encoding = choose_encoding(m, s->seed, &bytes, &size);
  if (s->feed) {
    put_event(s, (key ? 0x28 : 0x10) + (int)encoding, &size, 4);
    put(s, bytes, size);
  } else if (key) {
    ck_assert_ztc(ztc_writer_key(s->writer, bytes, size, encoding));
  } else {
    ck_assert_ztc(ztc_writer_string(s->writer, bytes, size, encoding));
  }
  free(bytes);
}

static inline void write_raw(sink *s, const model *m) {
  uint8_t *bytes = calloc(m->size + 1, 1);
  for (uint32_t i = 0; i < m->size; i++)
    bytes[i] = (uint8_t)m->points[i];
  if (s->feed) {
    put_event(s, 0x14, &m->size, 4);
    put(s, bytes, m->size);
  } else {
    ck_assert_ztc(ztc_writer_bytes(s->writer, bytes, m->size));
  }
  free(bytes);
}

static inline void write_array(sink *s, const model *m) {
  static const uint8_t widths[] = {1, 2, 4, 8, 4, 8};
  const size_t width = widths[m->element - ZTC_TYPE_I8];
  uint8_t *bytes = calloc(m->size + 1, 8);
  for (uint32_t i = 0; i < m->size; i++) {
    const float narrow = (float)m->floats[i];
    const void *from = m->element == ZTC_TYPE_F64   ? (const void *)&m->floats[i]
                       : m->element == ZTC_TYPE_F32 ? (const void *)&narrow
                                                    : (const void *)&m->ints[i];
    memcpy(bytes + i * width, from, width);
  }
  if (s->feed) {
    const uint8_t element = (uint8_t)m->element;
    put_event(s, 0x15, &element, 1);
    put(s, &m->size, 4);
    put(s, bytes, m->size * width);
  } else {
    ck_assert_ztc(ztc_writer_array(s->writer, m->element, bytes, m->size));
  }
  free(bytes);
}

static inline void write_number(sink *s, const model *m) {
  const float narrow = (float)m->f;
  static const uint8_t widths[] = {0, 0, 1, 2, 4, 8, 4, 8};
  if (!s->feed) {
    if (m->type == ZTC_TYPE_F32) {
      ck_assert_ztc(ztc_writer_f32(s->writer, narrow));
    } else if (m->type == ZTC_TYPE_F64) {
      ck_assert_ztc(ztc_writer_f64(s->writer, m->f));
    } else {
      ck_assert_ztc(ztc_writer_int(s->writer, m->type, m->i));
    }
    return;
  }
  const void *from = m->type == ZTC_TYPE_F32   ? (const void *)&narrow
                     : m->type == ZTC_TYPE_F64 ? (const void *)&m->f
                                               : (const void *)&m->i;
  put_event(s, 0x03 + (int)m->type - ZTC_TYPE_I8, from, widths[m->type]);
}

static inline void write_plain(sink *s, int opcode, ztc_status (*call)(ztc_writer *)) {
  if (s->feed) {
    put_event(s, opcode, NULL, 0);
  } else {
    ck_assert_ztc(call(s->writer));
  }
}

static inline void write_numbered(sink *s, int opcode, uint32_t number,
                                  ztc_status (*call)(ztc_writer *, uint32_t)) {
  if (s->feed) {
    put_event(s, opcode, &number, 4);
  } else {
    ck_assert_ztc(call(s->writer, number));
  }
}

static inline ztc_status end_record(ztc_writer *w) {
  return ztc_writer_end_record(w, NULL);
}
static inline ztc_status write_false(ztc_writer *w) {
  return ztc_writer_bool(w, false);
}
static inline ztc_status write_true(ztc_writer *w) {
  return ztc_writer_bool(w, true);
}

/* `defined` is the shared node whose definition this is part of, or NULL. */
static inline void write_model(sink *s, model *m, const model *defined, bool root) {
  if (m->shared >= 0 && (m != defined || !root) && m->label == 0) {
    write_numbered(s, 0x32, (uint32_t)m->shared, ztc_writer_shared);
    return;
  }
  if (m->label > 0) {
    write_numbered(s, 0x31, m->label * 7, ztc_writer_ref);
    return;
  }
  if (is_container(m)) {
    m->label = ++s->labels;
    write_numbered(s, 0x30, m->label * 7, ztc_writer_label);
  }
  switch (m->type) {
    case ZTC_TYPE_NULL:
      write_plain(s, 0x00, ztc_writer_null);
      break;
    case ZTC_TYPE_BOOL:
      write_plain(s, m->i ? 0x02 : 0x01, m->i ? write_true : write_false);
      break;
    case ZTC_TYPE_STRING:
      write_text(s, m, false);
      break;
    case ZTC_TYPE_BYTES:
      write_raw(s, m);
      break;
    case ZTC_TYPE_ARRAY:
      write_array(s, m);
      break;
    case ZTC_TYPE_EXT:
    case ZTC_TYPE_LIST:
    case ZTC_TYPE_MAP:
      if (m->type == ZTC_TYPE_EXT) {
        write_numbered(s, 0x22, (uint32_t)m->i, ztc_writer_begin_ext);
      } else if (m->type == ZTC_TYPE_LIST) {
        write_plain(s, 0x20, ztc_writer_begin_list);
      } else {
        write_plain(s, 0x21, ztc_writer_begin_map);
      }
      for (uint32_t i = 0; i < m->count; i++) {
        if (m->type == ZTC_TYPE_MAP)
          write_text(s, m->keys[i], true);
        write_model(s, m->kids[i], defined, false);
      }
      write_plain(s, 0x23, ztc_writer_end);
      break;
    default:
      write_number(s, m);
  }
}

static inline void write_record(sink *s, model *root) {
  s->labels = 0;
  clear_marks(root);
  write_model(s, root, NULL, true);
  write_plain(s, 0x3f, end_record);
  clear_marks(root);
}

static inline void write_definition(sink *s, model *root) {
  s->labels = 0;
  clear_marks(root);
  write_numbered(s, 0x33, (uint32_t)root->shared, ztc_writer_begin_shared);
  write_model(s, root, root, true);
  write_plain(s, 0x34, ztc_writer_end_shared);
  clear_marks(root);
}

#endif
