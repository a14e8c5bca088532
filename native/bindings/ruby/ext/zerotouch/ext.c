/* Ext values (format document, section 3.7) as Ruby values. */
#include "decode.h"

typedef struct call {
  VALUE receiver;
  ID method;
  int count;
  VALUE arguments[2];
} call;

static VALUE run(VALUE argument) {
  const call *c = (const call *)argument;
  return rb_funcallv(c->receiver, c->method, c->count, c->arguments);
}

/* Calls what may raise. */
static VALUE guarded(zt_decoder *d, VALUE receiver, const char *method, int count, VALUE first,
                     VALUE second) {
  call c = {.receiver = receiver,
            .method = rb_intern(method),
            .count = count,
            .arguments = {first, second}};
  int state = 0;
  const VALUE result = rb_protect(run, (VALUE)&c, &state);
  if (state == 0)
    return result;
  if (d->state == 0)
    d->state = state;
  return Qundef;
}

/* Of any width: that is a hint, and not every language can give it. */
static bool is_integer(const ztb_node *ext) {
  return ext->elem >= ZTC_TYPE_I8 && ext->elem <= ZTC_TYPE_I64;
}

/* The payload is a container that others refer to: it may have been met, and wait to be filled. */
static bool may_wait(const zt_decoder *d, const ztb_node *ext) {
  const uint64_t slot = ztb_load64(&d->copy, ext->slots);
  ztb_node node;
  return d->waiting.count > 0 &&
         (ext->elem == ZTB_TYPE_REF ||
          (ext->elem >= ZTC_TYPE_LIST && ext->elem <= ZTC_TYPE_EXT && slot != 0 &&
           ztb_node_child(&d->copy, ext, ext->elem, slot, &node) &&
           (node.flags & ZTB_SHARED) != 0));
}

/* The payload, complete. */
static VALUE complete_payload(zt_decoder *d, const ztb_node *ext, uint32_t depth) {
  if (may_wait(d, ext))
    return zt_too_deep(d);
  d->now++;
  const VALUE inside = zt_value_at(d, ext, 0, depth + 1);
  d->now--;
  return inside;
}

static bool is_list(const ztb_node *ext) {
  return ext->elem == ZTC_TYPE_LIST || ext->elem == ZTB_TYPE_REF;
}

static VALUE list_payload(zt_decoder *d, const ztb_node *ext, uint32_t depth) {
  if (!is_list(ext))
    return zt_corrupt(d);
  VALUE list = complete_payload(d, ext, depth);
  return list == Qundef || RB_TYPE_P(list, T_ARRAY) ? list : zt_corrupt(d);
}

/* ----------------------------------------------------------------------- what is hashed -- */

static bool is_pending(const zt_decoder *d) {
  return d->waiting.count > 0 || d->late.done < d->late.count;
}

/*
 * An element is hashed when it is added, so it has to be complete by then. Where it might not be,
 * deep in a graph, the set waits until it is.
 */
static VALUE hashed(zt_decoder *d, const ztb_node *ext, VALUE out, uint32_t depth) {
  if (out == Qundef || !zt_remember(d, ext, out))
    return Qundef;
  const bool later = d->now == 0 && (d->nested > ZT_MOST_NESTED_HASH || is_pending(d));
  const bool fine = later ? zt_wait(d, &d->late, ext, out, depth) : zt_ext_fill(d, ext, out, depth);
  return fine ? out : Qundef;
}

static long size_of(zt_decoder *d, VALUE hashed) {
  const VALUE size = guarded(d, hashed, "size", 0, 0, 0);
  return size != Qundef ? NUM2LONG(size) : -1;
}

/* After all has been added, `count` of it. */
static bool check_count(zt_decoder *d, VALUE out, long count, const char *reason) {
  const long size = size_of(d, out);
  if (size >= 0 && size != count) {
    /* Or is that only so because they are not complete? */
    return (is_pending(d) ? zt_too_deep(d) : zt_fail(d, ZTC_UNSUPPORTED, reason)) != Qundef;
  }
  if (is_pending(d)) {
    if (d->again == 0)
      d->again = rb_ary_tmp_new(8);
    rb_ary_push(d->again, out);
  }
  return size >= 0;
}

bool zt_ext_hash_again(zt_decoder *d) {
  for (long i = 0; i < RARRAY_LEN(d->again); i++) {
    const VALUE one = RARRAY_AREF(d->again, i);
    const long before = size_of(d, one);
    if (before < 0 || !zt_can_hash_again(d, one) ||
        guarded(d, one, RB_TYPE_P(one, T_HASH) ? "rehash" : "reset", 0, 0, 0) == Qundef) {
      return false;
    }
    if (size_of(d, one) != before)
      return zt_too_deep(d) != Qundef;
  }
  return true;
}

static bool fill_set(zt_decoder *d, const ztb_node *ext, VALUE out, uint32_t depth) {
  VALUE elements = list_payload(d, ext, depth);
  if (elements == Qundef)
    return false;
  const long count = RARRAY_LEN(elements);
  for (long i = 0; i < count; i++) {
    if (!zt_can_hash(d, RARRAY_AREF(elements, i)))
      return false;
  }
  if (guarded(d, out, "merge", 1, elements, 0) == Qundef)
    return false;
  RB_GC_GUARD(elements);
  return check_count(d, out, count, "it holds a set with elements that are equal in Ruby");
}

static bool store(zt_decoder *d, VALUE map, VALUE key, VALUE item) {
  return zt_can_hash(d, key) && guarded(d, map, "store", 2, key, item) != Qundef;
}

/* A map whose payload is no list of its own. */
static long fill_map_of(zt_decoder *d, VALUE list, VALUE out) {
  if (list == Qundef)
    return -1;
  for (long i = 0; i + 1 < RARRAY_LEN(list); i += 2) {
    if (!store(d, out, RARRAY_AREF(list, i), RARRAY_AREF(list, i + 1)))
      return -1;
  }
  const long count = RARRAY_LEN(list) / 2;
  RB_GC_GUARD(list);
  return count;
}

/* A map with other keys: key, value, key, value ... Only the keys have to be complete. */
static bool fill_map(zt_decoder *d, const ztb_node *ext, VALUE out, uint32_t depth) {
  const uint64_t slot = ztb_load64(&d->copy, ext->slots);
  ztb_node list;
  long count = 0;
  if (ext->elem == ZTC_TYPE_LIST && slot == 0)
    return true;
  if (ext->elem == ZTC_TYPE_LIST && ztb_node_child(&d->copy, ext, ext->elem, slot, &list) &&
      list.kind == ZTB_LIST && (list.flags & ZTB_SHARED) == 0) {
    if (list.count % 2 != 0 || !ztb_charge(&d->copy, list.data - list.at))
      return zt_corrupt(d) != Qundef;
    for (uint32_t i = 0; i < list.count; i += 2) {
      d->now++;
      const VALUE key = zt_value_at(d, &list, i, depth + 2);
      d->now--;
      const VALUE item = key != Qundef ? zt_value_at(d, &list, i + 1, depth + 2) : Qundef;
      if (item == Qundef || !store(d, out, key, item))
        return false;
    }
    count = list.count / 2;
  } else {
    count = fill_map_of(d, list_payload(d, ext, depth), out);
  }
  return count >= 0 &&
         check_count(d, out, count, "it holds a map with keys that are equal in Ruby");
}

/* A string of UTF-16 code units: Ruby's UTF-8 does not hold unpaired surrogates. */
static VALUE utf16(zt_decoder *d, const ztb_node *ext) {
  ztb_node array;
  if (ext->elem != ZTC_TYPE_ARRAY ||
      !ztb_node_child(&d->copy, ext, ext->elem, ztb_load64(&d->copy, ext->slots), &array) ||
      array.elem != ZTC_TYPE_I16 || !ztb_charge(&d->copy, 2 * (uint64_t)array.count)) {
    return zt_corrupt(d);
  }
  return rb_enc_str_new((const char *)d->copy.bytes + array.at + ZTB_NODE_HEADER,
                        2 * (long)array.count, rb_enc_find("UTF-16LE"));
}

static VALUE big_integer(zt_decoder *d, const ztb_node *ext) {
  const char *bytes;
  uint32_t size;
  if (ext->elem != ZTC_TYPE_BYTES ||
      !ztb_slot_bytes(&d->copy, ext, ztb_load64(&d->copy, ext->slots), &bytes, &size)) {
    return zt_corrupt(d);
  }
  return rb_integer_unpack(bytes, size, 1, 0, INTEGER_PACK_BIG_ENDIAN | INTEGER_PACK_2COMP);
}

/* LIST [name, rest], of which only the rest counts here. */
static VALUE second(zt_decoder *d, const ztb_node *ext, uint32_t depth, bool text) {
  ztb_node list;
  if (ext->elem != ZTC_TYPE_LIST ||
      !ztb_node_child(&d->copy, ext, ext->elem, ztb_load64(&d->copy, ext->slots), &list) ||
      list.kind != ZTB_LIST || list.count != 2 || ztb_type_at(&list, 0) != ZTC_TYPE_STRING ||
      !ztb_charge(&d->copy, list.data - list.at) ||
      (text && ztb_type_at(&list, 1) != ZTC_TYPE_STRING)) {
    return zt_corrupt(d);
  }
  if ((ext->flags & ZTB_SHARED) != 0 && ztb_type_at(&list, 1) == ZTC_TYPE_MAP)
    d->alias = ext->at;
  const VALUE rest = zt_value_at(d, &list, 1, depth + 2);
  d->alias = ZT_NO_ALIAS;
  return rest;
}

/* What the Ruby part makes of the payload. */
static VALUE restored(zt_decoder *d, const ztb_node *ext, uint32_t depth) {
  VALUE inside = complete_payload(d, ext, depth);
  if (inside == Qundef)
    return Qundef;
  const VALUE out = guarded(d, zt_convert, "restore", 2, UINT2NUM(ext->arg), inside);
  RB_GC_GUARD(inside);
  return out == Qundef || out != Qnil ? out : zt_corrupt(d);
}

/* An ext value that Ruby has no type for. */
static VALUE unknown(zt_decoder *d, const ztb_node *ext, uint32_t depth) {
  VALUE out = guarded(d, zt_ext_class, "new", 2, UINT2NUM(ext->arg), Qnil);
  if (out == Qundef || !zt_remember(d, ext, out))
    return Qundef;
  const bool fine = d->now == 0 && d->nested >= ZT_MOST_NESTED
                        ? zt_wait(d, &d->waiting, ext, out, depth)
                        : zt_ext_fill(d, ext, out, depth);
  return fine ? out : Qundef;
}

bool zt_ext_fill(zt_decoder *d, const ztb_node *ext, VALUE to, uint32_t depth) {
  if (ext->arg == ZTB_EXT_SET)
    return fill_set(d, ext, to, depth);
  if (ext->arg == ZTB_EXT_MAP)
    return fill_map(d, ext, to, depth);
  const VALUE inside = zt_value_at(d, ext, 0, depth + 1);
  return inside != Qundef && guarded(d, to, "payload=", 1, inside, 0) != Qundef;
}

static VALUE character(uint64_t unit) {
  uint8_t bytes[3] = {(uint8_t)unit};
  long size = 1;
  if (unit >= 0x800) {
    bytes[0] = (uint8_t)(0xe0 | unit >> 12);
    bytes[1] = (uint8_t)(0x80 | (unit >> 6 & 0x3f));
    bytes[2] = (uint8_t)(0x80 | (unit & 0x3f));
    size = 3;
  } else if (unit >= 0x80) {
    bytes[0] = (uint8_t)(0xc0 | unit >> 6);
    bytes[1] = (uint8_t)(0x80 | (unit & 0x3f));
    size = 2;
  }
  return rb_utf8_str_new((const char *)bytes, size);
}

VALUE zt_ext_value(zt_decoder *d, const ztb_node *ext, uint32_t depth) {
  const uint64_t slot = ztb_load64(&d->copy, ext->slots);
  ztb_text text;
  VALUE inside;
  switch (ext->arg) {
    case ZTB_EXT_UINT64:
      return is_integer(ext) ? ULL2NUM(slot) : zt_corrupt(d);
    case ZTB_EXT_BIG_INTEGER:
      return big_integer(d, ext);
    case ZTB_EXT_CHAR:
      return is_integer(ext) && slot <= 0xffff ? character(slot) : zt_corrupt(d);
    case ZTB_EXT_SET:
      return hashed(d, ext, guarded(d, zt_set_class, "new", 0, 0, 0), depth);
    case ZTB_EXT_TUPLE:
      if ((ext->flags & ZTB_SHARED) != 0 && ext->elem == ZTC_TYPE_LIST)
        d->alias = ext->at;
      inside = is_list(ext) ? zt_value_at(d, ext, 0, depth + 1) : zt_corrupt(d);
      d->alias = ZT_NO_ALIAS;
      return inside == Qundef || RB_TYPE_P(inside, T_ARRAY) ? inside : zt_corrupt(d);
    case ZTB_EXT_MAP:
      return hashed(d, ext, rb_hash_new(), depth);
    case ZTB_EXT_ENUM:
      return second(d, ext, depth, true);
    case ZTB_EXT_OBJECT:
      return second(d, ext, depth, false);
    case ZTB_EXT_SYMBOL:
      if (ext->elem != ZTC_TYPE_STRING || !ztb_slot_text(&d->copy, ext, slot, ext->slots, &text)) {
        return zt_corrupt(d);
      }
      inside = zt_text(&text);
      return inside != 0 ? guarded(d, inside, "to_sym", 0, 0, 0) : zt_corrupt(d);
    case ZTB_EXT_URI:
      return ext->elem == ZTC_TYPE_STRING ? zt_value_at(d, ext, 0, depth) : zt_corrupt(d);
    case ZTB_EXT_WEAK:
      if ((ext->flags & ZTB_SHARED) != 0 &&
          (ext->elem == ZTC_TYPE_LIST || ext->elem == ZTC_TYPE_MAP)) {
        d->alias = ext->at;
      }
      inside = zt_value_at(d, ext, 0, depth + 1);
      d->alias = ZT_NO_ALIAS;
      return inside;
    case ZTB_EXT_UTF16:
      return utf16(d, ext);
    case ZTB_EXT_DECIMAL:
    case ZTB_EXT_INSTANT:
    case 9:
    case 12:
    case ZTB_EXT_UUID:
      return restored(d, ext, depth);
    default:
      return unknown(d, ext, depth);
  }
}
