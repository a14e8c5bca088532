/* Ext values (format document, section 3.7): what Perl makes of the types of other languages. */
#include "decode.h"

#include "common/events.h"
#include "fresh.h"
#include "number.h"

/* Of any width: that is a hint, and not every language can give it. */
static bool is_integer(const zt_node *ext) {
  return ext->elem >= ZTC_TYPE_I8 && ext->elem <= ZTC_TYPE_I64;
}

static SV *uuid(pTHX_ zt_decoder *d, const zt_node *ext, uint64_t slot) {
  const char *bytes;
  uint32_t size;
  if (ext->elem != ZTC_TYPE_BYTES || !zt_slot_bytes(d, ext, slot, &bytes, &size) || size != 16) {
    return zt_corrupt(d);
  }
  SV *sv = newSVpvs("");
  for (uint32_t i = 0; i < 16; i++) {
    sv_catpvf(sv, i == 4 || i == 6 || i == 8 || i == 10 ? "-%02x" : "%02x", (U8)bytes[i]);
  }
  return sv;
}

/* UTF-16 code units whose surrogates need not be paired: perl's UTF-8 can hold those. */
static SV *utf16(pTHX_ zt_decoder *d, const zt_node *ext, uint64_t slot) {
  zt_node array;
  if (ext->elem != ZTC_TYPE_ARRAY || !zt_node_child(aTHX_ d, ext, ext->elem, slot, &array) ||
      array.elem != ZTC_TYPE_I16 || !zt_charge(d, 2 * (uint64_t)array.count)) {
    return zt_corrupt(d);
  }
  SV *sv = newSV((STRLEN)array.count * 3 + 1);
  U8 *out = (U8 *)SvPVX(sv);
  for (uint32_t i = 0; i < array.count; i++) {
    uint16_t unit, next = 0;
    memcpy(&unit, d->copy + array.slots + 2 * (uint64_t)i, 2);
    if (i + 1 < array.count) memcpy(&next, d->copy + array.slots + 2 * (uint64_t)i + 2, 2);
    UV point = unit;
    if (unit >> 10 == 0x36 && next >> 10 == 0x37) {
      point = 0x10000 + ((UV)(unit & 0x3ff) << 10 | (next & 0x3ff));
      i++;
    }
    out = uvchr_to_utf8_flags(out, point, 0);
  }
  *out = '\0';
  SvCUR_set(sv, (STRLEN)((char *)out - SvPVX(sv)));
  SvPOK_on(sv);
  SvUTF8_on(sv);
  return sv;
}

/* Opens a payload that must be a list of two values. */
static bool pair(pTHX_ zt_decoder *d, const zt_node *ext, uint64_t slot, zt_node *list) {
  return ext->elem == ZTC_TYPE_LIST && zt_node_child(aTHX_ d, ext, ext->elem, slot, list) &&
         list->kind == ZT_LIST && list->count == 2 &&
         zt_type_at(d, list, 0) == ZTC_TYPE_STRING;
}

/* Classes of the system's libraries keep pointers in scalars, and their destructors follow these. So
   a file makes an object of a scalar only where its class was asked for. */
static bool may_bless(pTHX_ const zt_region *region, SV *sv, const char *name, uint32_t size,
                      bool utf8) {
  if (region->bless == ZT_BLESS_LISTED) {
    return size <= I32_MAX && hv_exists(region->classes, name, utf8 ? -(I32)size : (I32)size);
  }
  return region->bless == ZT_BLESS_CONTAINERS &&
         (SvTYPE(sv) == SVt_PVHV || SvTYPE(sv) == SVt_PVAV);
}

static SV *object(pTHX_ zt_decoder *d, const zt_node *ext, uint64_t slot, uint32_t depth,
                  int *how) {
  zt_node list;
  const char *name;
  uint32_t size;
  bool utf8;
  if (!pair(aTHX_ d, ext, slot, &list) ||
      !zt_slot_text(d, &list, zt_load64(d, list.slots), list.slots, &name, &size, &utf8) ||
      size == 0) {
    return zt_corrupt(d);
  }
  const uint32_t at = list.slots + ZT_SLOT;
  SV *sv = zt_target(aTHX_ d, &list, zt_type_at(d, &list, 1), zt_load64(d, at), at, depth + 1, how);
  if (sv == NULL || !may_bless(aTHX_ d->region, sv, name, size, utf8)) return sv;
  if (*how != ZT_REFERRED) {
    SvREFCNT_dec_NN(sv);
    return zt_corrupt(d);
  }
  zt_bless_later(aTHX_ d, sv, name, size, utf8);
  return sv;
}

/* An ext value that Perl has no type for: ZeroTouch::Ext, [id, payload]. */
static SV *unknown(pTHX_ zt_decoder *d, const zt_node *ext, uint64_t slot, uint32_t depth) {
  SV *payload = zt_value(aTHX_ d, ext, ext->elem, slot, ext->slots, depth + 1);
  if (payload == NULL) return NULL;
  AV *av = newAV();
  av_push(av, newSVuv(ext->arg));
  av_push(av, payload);
  zt_bless_later(aTHX_ d, (SV *)av, STR_WITH_LEN("ZeroTouch::Ext"), false);
  return (SV *)av;
}

static SV *number(pTHX_ zt_decoder *d, const zt_node *ext, uint64_t slot, uint32_t depth) {
  bool too_large = false;
  SV *sv = ext->arg == ZTB_EXT_DECIMAL ? zt_number_decimal(aTHX_ d, ext, &too_large)
                                       : zt_number_integer(aTHX_ d, ext, &too_large);
  return too_large ? unknown(aTHX_ d, ext, slot, depth) : sv;
}

/* ZeroTouch::Map: key, value, key, value ... A list that others refer to stays one, in a ZeroTouch::Ext. */
static SV *map(pTHX_ zt_decoder *d, const zt_node *ext, uint64_t slot, uint32_t depth) {
  zt_node list;
  int how;
  if (ext->elem == ZT_TYPE_REF) return unknown(aTHX_ d, ext, slot, depth);
  if (ext->elem != ZTC_TYPE_LIST) return zt_corrupt(d);
  if (slot != 0) {
    if (!zt_node_child(aTHX_ d, ext, ext->elem, slot, &list) || list.count % 2 != 0) {
      return zt_corrupt(d);
    }
    if ((list.flags & ZT_SHARED) != 0) return unknown(aTHX_ d, ext, slot, depth);
  }
  SV *sv = zt_target(aTHX_ d, ext, ext->elem, slot, ext->slots, depth + 1, &how);
  if (sv != NULL) zt_bless_later(aTHX_ d, sv, STR_WITH_LEN("ZeroTouch::Map"), false);
  return sv;
}

SV *zt_ext_value(pTHX_ zt_decoder *d, const zt_node *ext, uint32_t depth, int *how) {
  const uint64_t slot = zt_load64(d, ext->slots);
  zt_node list;
  SV *sv;
  *how = ZT_PLAIN;
  switch (ext->arg) {
    case ZTB_EXT_UINT64:
      return is_integer(ext) ? newSVuv((UV)slot) : zt_corrupt(d);
    case ZTB_EXT_BIG_INTEGER:
    case ZTB_EXT_DECIMAL:
      *how = ZT_REFERRED;
      return number(aTHX_ d, ext, slot, depth);
    case ZTB_EXT_MAP:
      *how = ZT_REFERRED;
      return map(aTHX_ d, ext, slot, depth);
    case ZTB_EXT_CHAR: {
      if (!is_integer(ext) || slot > 0xffff) return zt_corrupt(d);
      char bytes[UTF8_MAXBYTES];
      const char *end = (char *)uvchr_to_utf8_flags((U8 *)bytes, (UV)slot, 0);
      return zt_fresh_pv(aTHX_ bytes, (STRLEN)(end - bytes), slot > 0x7f ? SVf_UTF8 : 0);
    }
    case ZTB_EXT_UUID:
      return uuid(aTHX_ d, ext, slot);
    case ZTB_EXT_ENUM:
      if (!pair(aTHX_ d, ext, slot, &list) || zt_type_at(d, &list, 1) != ZTC_TYPE_STRING) {
        return zt_corrupt(d);
      }
      return zt_text(aTHX_ d, &list, zt_load64(d, list.slots + ZT_SLOT), list.slots + ZT_SLOT);
    case ZTB_EXT_SYMBOL:
    case ZTB_EXT_URI:
      return ext->elem == ZTC_TYPE_STRING ? zt_text(aTHX_ d, ext, slot, ext->slots) : zt_corrupt(d);
    case ZTB_EXT_UTF16:
      return utf16(aTHX_ d, ext, slot);
    case ZTB_EXT_OBJECT:
      return object(aTHX_ d, ext, slot, depth, how);
    case ZTB_EXT_SET:
    case ZTB_EXT_TUPLE:
      if (ext->elem != ZTC_TYPE_LIST) return zt_corrupt(d);
      return zt_target(aTHX_ d, ext, ext->elem, slot, ext->slots, depth + 1, how);
    case ZTB_EXT_WEAK:
      sv = zt_target(aTHX_ d, ext, ext->elem, slot, ext->slots, depth + 1, how);
      if (sv != NULL && *how != ZT_PLAIN) *how |= ZT_WEAK;
      return sv;
    case ZT_EXT_SCALAR_REF:
      sv = zt_fresh_undef(aTHX);
      zt_wait(aTHX_ d, ext, sv, depth);
      *how = ZT_REFERRED;
      return sv;
    default:
      *how = ZT_REFERRED;
      return unknown(aTHX_ d, ext, slot, depth);
  }
}
