#include "path.h"

#include <string.h>

#include "error.h"
#include "value.h"

void ztc__path_begin(ztc__path *path, const char *text) {
  path->text = text;
  path->at = text[0] == '$' ? 1 : 0;
  path->step = 0;
  path->too_long = false;
}

static ztc_status bad(ztc__path *path, size_t at) {
  path->step = at;
  return ZTC_BAD_PATH;
}

static bool is_name_byte(char c) {
  return c != '.' && c != '[' && c != ']' && c != '"' && (unsigned char)c >= 0x20 && c != 0x7f;
}

static ztc_status read_name(ztc__path *path) {
  const size_t from = path->at;
  while (is_name_byte(path->text[path->at]))
    path->at++;
  if (path->at == from)
    return bad(path, from);
  path->key = path->text + from;
  path->key_size = path->at - from;
  return ZTC_OK;
}

static ztc_status read_index(ztc__path *path) {
  path->is_index = true;
  path->index = 0;
  for (char c; (c = path->text[path->at]) >= '0' && c <= '9'; path->at++) {
    if (path->index > (UINT64_MAX - 9) / 10)
      return bad(path, path->at);
    path->index = path->index * 10 + (uint64_t)(c - '0');
  }
  return ZTC_OK;
}

static int32_t read_hex4(const char *text) {
  int32_t value = 0;
  for (int i = 0; i < 4; i++) {
    const char c = text[i];
    const int digit = c >= '0' && c <= '9'   ? c - '0'
                      : c >= 'a' && c <= 'f' ? c - 'a' + 10
                      : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                             : -1;
    if (digit < 0)
      return -1;
    value = value << 4 | digit;
  }
  return value;
}

static size_t put_utf8(char *out, uint32_t point) {
  if (point < 0x80) {
    out[0] = (char)point;
    return 1;
  }
  const size_t size = point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
  for (size_t i = size - 1; i > 0; i--, point >>= 6)
    out[i] = (char)(0x80 | (point & 0x3F));
  out[0] = (char)((0xF00 >> size & 0xFF) | point);
  return size;
}

/* A \u escape, with its second half if it begins a surrogate pair; text is behind the u. Returns
   the bytes consumed, 0 if ill-formed. */
static size_t read_unicode_escape(const char *text, uint32_t *point) {
  const int32_t first = read_hex4(text);
  if (first < 0 || (first >= 0xDC00 && first < 0xE000))
    return 0;
  *point = (uint32_t)first;
  if (first < 0xD800 || first >= 0xDC00)
    return 4;
  if (text[4] != '\\' || text[5] != 'u')
    return 0;
  const int32_t second = read_hex4(text + 6);
  if (second < 0xDC00 || second >= 0xE000)
    return 0;
  *point = 0x10000 + (((uint32_t)first - 0xD800) << 10) + ((uint32_t)second - 0xDC00);
  return 10;
}

/* A JSON string; path->at is behind the opening quote. Without escapes the key stays in the text.
 */
static ztc_status read_string(ztc__path *path) {
  const char *text = path->text;
  size_t at = path->at;
  while (text[at] != '"' && text[at] != '\\' && (unsigned char)text[at] >= 0x20)
    at++;
  if (text[at] == '"') {
    path->key = text + path->at;
    path->key_size = at - path->at;
    path->at = at + 1;
    return ZTC_OK;
  }
  size_t used = 0;
  for (at = path->at; text[at] != '"';) {
    if ((unsigned char)text[at] < 0x20)
      return bad(path, at);
    path->too_long = used > sizeof path->unescaped - 4;
    if (path->too_long)
      return bad(path, at);
    if (text[at] != '\\') {
      path->unescaped[used++] = text[at++];
      continue;
    }
    static const char escapes[] = "\"\\/bfnrt", meanings[] = "\"\\/\b\f\n\r\t";
    const char escape = text[at + 1];
    const char *found = escape != 0 ? strchr(escapes, escape) : NULL;
    if (found != NULL) {
      path->unescaped[used++] = meanings[found - escapes];
      at += 2;
      continue;
    }
    uint32_t point = 0;
    const size_t consumed = escape == 'u' ? read_unicode_escape(text + at + 2, &point) : 0;
    if (consumed == 0)
      return bad(path, at);
    used += put_utf8(path->unescaped + used, point);
    at += 2 + consumed;
  }
  path->too_long = used > sizeof path->unescaped - 4;
  if (path->too_long)
    return bad(path, at);
  path->key = path->unescaped;
  path->key_size = used;
  path->at = at + 1;
  return ZTC_OK;
}

ztc_status ztc__path_next(ztc__path *path, bool *end) {
  const char *text = path->text;
  path->step = path->at;
  path->is_index = false;
  *end = text[path->at] == 0;
  if (*end)
    return ZTC_OK;
  if (text[path->at] == '.') {
    path->at++;
    return read_name(path);
  }
  if (text[path->at] != '[')
    return path->at == 0 ? read_name(path) : bad(path, path->at);
  path->at++;
  ztc_status status;
  if (text[path->at] == '"') {
    path->at++;
    status = read_string(path);
  } else if (text[path->at] >= '0' && text[path->at] <= '9') {
    status = read_index(path);
  } else {
    return bad(path, path->at);
  }
  if (status == ZTC_OK && text[path->at] != ']')
    return bad(path, path->at);
  if (status == ZTC_OK)
    path->at++;
  return status;
}

ztc_status ztc_path_next(const char *text, size_t *at, ztc_path_step *step, ztc_error *error) {
  ztc__path path;
  bool end;
  ztc__path_begin(&path, text);
  if (*at > 0)
    path.at = *at;
  const ztc_status status = ztc__path_next(&path, &end);
  if (status != ZTC_OK)
    return ztc__path_fail(&path, status, error);
  *at = path.at;
  step->kind = end ? ZTC_STEP_END : path.is_index ? ZTC_STEP_INDEX : ZTC_STEP_KEY;
  step->index = path.is_index && !end ? path.index : 0;
  step->key = NULL;
  step->key_size = 0;
  if (step->kind != ZTC_STEP_KEY)
    return ZTC_OK;
  step->key = path.key;
  step->key_size = path.key_size;
  if (path.key == path.unescaped) {
    memcpy(step->room, path.unescaped, path.key_size);
    step->key = step->room;
  }
  return ZTC_OK;
}

static ztc__entry array_element(const ztc__image *image, const ztc__node *array, uint32_t i) {
  const uint32_t size = ztc__element_size(array->elem);
  ztc__entry entry = {.type = array->elem, .slot_at = array->at + ZTC__NODE_HEADER_SIZE + i * size};
  switch (array->elem) {
    case ZTC_TYPE_I8:
      entry.slot = (uint64_t)(int64_t)(int8_t)ztc__load8(image->base, entry.slot_at);
      break;
    case ZTC_TYPE_I16:
      entry.slot = (uint64_t)(int64_t)(int16_t)ztc__load16(image->base, entry.slot_at);
      break;
    case ZTC_TYPE_I32:
      entry.slot = (uint64_t)(int64_t)(int32_t)ztc__load32(image->base, entry.slot_at);
      break;
    case ZTC_TYPE_F32:
      entry.slot = ztc__load32(image->base, entry.slot_at);
      break;
    default:
      entry.slot = ztc__load64(image->base, entry.slot_at);
  }
  return entry;
}

ztc_status ztc__path_entry(const ztc__path *path, const ztc__image *image, const ztc__node *node,
                           ztc__entry *out) {
  uint32_t index;
  if (path->is_index) {
    const uint8_t type = ztc__type_of_kind(node->kind);
    if (type != ZTC_TYPE_LIST && type != ZTC_TYPE_ARRAY)
      return ZTC_TYPE_MISMATCH;
    if (path->index >= node->count)
      return ZTC_OUT_OF_RANGE;
    index = (uint32_t)path->index;
    *out = node->kind == ZTC__KIND_ARRAY ? array_element(image, node, index)
                                         : ztc__node_entry(image, node, index);
    return ZTC_OK;
  }
  if (node->kind != ZTC__KIND_MAP && node->kind != ZTC__KIND_DICT)
    return ZTC_TYPE_MISMATCH;
  ztc__key key;
  if (!ztc__key_init(&key, path->key, path->key_size, ZTC_UTF8))
    return ZTC_NO_SUCH_KEY;
  const ztc_status status = ztc__map_find(image, node, &key, &index);
  if (status == ZTC_OK)
    *out = ztc__node_entry(image, node, index);
  return status;
}

ztc_status ztc__path_entry_of_empty(const ztc__path *path, uint8_t type) {
  if (type != (path->is_index ? ZTC_TYPE_LIST : ZTC_TYPE_MAP))
    return ZTC_TYPE_MISMATCH;
  return path->is_index ? ZTC_OUT_OF_RANGE : ZTC_NO_SUCH_KEY;
}

ztc_status ztc__path_fail(const ztc__path *path, ztc_status status, ztc_error *error) {
  const int size = (int)(path->at - path->step);
  const char *step = path->text + path->step;
  switch (status) {
    case ZTC_BAD_PATH:
      if (path->too_long) {
        return ztc__fail(error, status, path->step,
                         "the key before byte %zu of the path is too long to be written with "
                         "escapes, at most %d bytes: %.80s",
                         path->step, ZTC__PATH_ESCAPED_MAX - 4, path->text);
      }
      return ztc__fail(error, status, path->step, "malformed path at byte %zu: %.80s", path->step,
                       path->text);
    case ZTC_TYPE_MISMATCH:
      return ztc__fail(error, status, path->step, "path %.80s: %.*s needs a %s there", path->text,
                       size, step, path->is_index ? "list" : "map");
    case ZTC_NO_SUCH_KEY:
    case ZTC_OUT_OF_RANGE:
      return ztc__fail(error, status, path->step, "path %.80s: there is no %.*s", path->text, size,
                       step);
    default:
      return ztc__fail(error, status, path->step, "path %.80s: %s at %.*s", path->text,
                       ztc_status_text(status), size, step);
  }
}

ztc_status ztc_value_path(const ztc_value *value, const char *text, ztc_value *out,
                          ztc_error *error) {
  ztc__path path;
  ztc__value current = *ztc__value_in(value);
  ztc__path_begin(&path, text);
  for (;;) {
    bool end, empty = false;
    ztc__node node;
    ztc__entry entry;
    ztc_status status = ztc__path_next(&path, &end);
    if (status == ZTC_OK && end)
      break;
    if (status == ZTC_OK)
      status = ztc__value_node(&current, &node, &empty);
    if (status == ZTC_OK && empty)
      status = ztc__path_entry_of_empty(&path, current.type);
    const ztc__image image = current.image;
    if (status == ZTC_OK)
      status = ztc__path_entry(&path, &image, &node, &entry);
    if (status == ZTC_OK)
      status = ztc__value_of_entry(&image, &node, &entry, &current);
    if (status != ZTC_OK)
      return ztc__path_fail(&path, status, error);
  }
  *ztc__value_out(out) = current;
  return ZTC_OK;
}
