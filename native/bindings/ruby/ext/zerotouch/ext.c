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

static VALUE list_payload(zt_decoder *d, const ztb_node *ext, uint32_t depth) {
  if (ext->elem != ZTC_TYPE_LIST && ext->elem != ZTB_TYPE_REF)
    return zt_corrupt(d);
  const VALUE list = zt_value_at(d, ext, 0, depth + 1);
  if (list == Qundef || RB_TYPE_P(list, T_ARRAY))
    return list;
  return zt_corrupt(d);
}

static VALUE set(zt_decoder *d, const ztb_node *ext, uint32_t depth) {
  VALUE out = guarded(d, zt_set_class, "new", 0, 0, 0);
  if (out == Qundef || !zt_remember(d, ext, out))
    return Qundef;
  VALUE elements = list_payload(d, ext, depth);
  if (elements == Qundef)
    return Qundef;
  if (guarded(d, out, "merge", 1, elements, 0) == Qundef)
    return Qundef;
  RB_GC_GUARD(elements);
  return out;
}

/* A map with other keys: key, value, key, value ... */
static VALUE map(zt_decoder *d, const ztb_node *ext, uint32_t depth) {
  VALUE out = rb_hash_new();
  if (!zt_remember(d, ext, out))
    return Qundef;
  VALUE list = list_payload(d, ext, depth);
  if (list == Qundef)
    return Qundef;
  for (long i = 0; i + 1 < RARRAY_LEN(list); i += 2) {
    const VALUE key = RARRAY_AREF(list, i), item = RARRAY_AREF(list, i + 1);
    if (guarded(d, out, "store", 2, key, item) == Qundef)
      return Qundef;
  }
  if ((long)RHASH_SIZE(out) * 2 != RARRAY_LEN(list)) {
    return zt_fail(d, ZTC_UNSUPPORTED, "it holds a map with keys that are equal in Ruby");
  }
  RB_GC_GUARD(list);
  return out;
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
  VALUE inside = zt_value_at(d, ext, 0, depth + 1);
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
  const VALUE inside = zt_value_at(d, ext, 0, depth + 1);
  if (inside == Qundef || guarded(d, out, "payload=", 1, inside, 0) == Qundef)
    return Qundef;
  RB_GC_GUARD(out);
  return out;
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
      return set(d, ext, depth);
    case ZTB_EXT_TUPLE:
      if ((ext->flags & ZTB_SHARED) != 0 && ext->elem == ZTC_TYPE_LIST)
        d->alias = ext->at;
      inside = list_payload(d, ext, depth);
      d->alias = ZT_NO_ALIAS;
      return inside;
    case ZTB_EXT_MAP:
      return map(d, ext, depth);
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
