/* Integers of any size and decimals: their bytes (format document, section 3.7) and the digits that the
   classes Math::BigInt and Math::BigFloat are made of. */
#include "number.h"

enum { CHUNK = 9, LIMBS = ZT_NUMBER_BYTES / 4 };
static const uint32_t CHUNK_VALUE = 1000000000u;

/* The digits of a number in two's complement, big-endian. The time is the square of the size, which
   is why that has a limit. */
static void append_digits(pTHX_ SV *to, const uint8_t *bytes, uint32_t size) {
  uint32_t limbs[LIMBS] = {0}, chunks[LIMBS * 32 / 29 + 2];
  const bool negative = bytes[0] >= 0x80;
  uint32_t used = (size + 3) / 4, count = 0, carry = negative;
  for (uint32_t i = 0; i < 4 * used; i++) {
    uint32_t byte = i < size ? bytes[size - 1 - i] : negative ? 0xff : 0;
    if (negative) {
      byte = (byte ^ 0xff) + carry;
      carry = byte >> 8;
    }
    limbs[i / 4] |= (byte & 0xff) << i % 4 * 8;
  }
  do {
    uint64_t rest = 0;
    for (uint32_t i = used; i-- > 0;) {
      rest = rest << 32 | limbs[i];
      limbs[i] = (uint32_t)(rest / CHUNK_VALUE);
      rest %= CHUNK_VALUE;
    }
    while (used > 0 && limbs[used - 1] == 0) used--;
    chunks[count++] = (uint32_t)rest;
  } while (used > 0);
  sv_catpvf(to, "%s%u", negative ? "-" : "", (unsigned)chunks[--count]);
  while (count > 0) {
    char text[CHUNK + 1];
    const int length = snprintf(text, sizeof text, "%09u", (unsigned)chunks[--count]);
    sv_catpvn_nomg(to, text, (STRLEN)length);
  }
}

static SV *wait_for_digits(pTHX_ zt_decoder *d, SV *digits) {
  HV *const number = newHV();
  if (d->region->numbers == NULL) d->region->numbers = newAV();
  av_push(d->region->numbers, newRV_inc((SV *)number));
  av_push(d->region->numbers, digits);
  zt_bless_later(aTHX_ d, (SV *)number, NULL, 0, false);
  return (SV *)number;
}

SV *zt_number_integer(pTHX_ zt_decoder *d, const zt_node *ext, bool *too_large) {
  const char *bytes;
  uint32_t size;
  const uint64_t slot = zt_load64(d, ext->slots);
  if (ext->elem != ZTC_TYPE_BYTES) return zt_corrupt(d);
  *too_large = slot >> 32 > ZT_NUMBER_BYTES;
  if (*too_large) return NULL;
  if (!zt_slot_bytes(d, ext, slot, &bytes, &size) || size == 0) return zt_corrupt(d);
  SV *const digits = newSVpvs("");
  append_digits(aTHX_ digits, (const uint8_t *)bytes, size);
  return wait_for_digits(aTHX_ d, digits);
}

SV *zt_number_decimal(pTHX_ zt_decoder *d, const zt_node *ext, bool *too_large) {
  zt_node list;
  const char *bytes;
  uint32_t size;
  if (ext->elem != ZTC_TYPE_LIST ||
      !zt_node_child(aTHX_ d, ext, ext->elem, zt_load64(d, ext->slots), &list) ||
      list.kind != ZT_LIST || list.count != 2 || zt_type_at(d, &list, 0) < ZTC_TYPE_I8 ||
      zt_type_at(d, &list, 0) > ZTC_TYPE_I64 || zt_type_at(d, &list, 1) != ZTC_TYPE_BYTES) {
    return zt_corrupt(d);
  }
  const int64_t scale = (int64_t)zt_load64(d, list.slots);
  const uint64_t slot = zt_load64(d, list.slots + ZT_SLOT);
  *too_large = slot >> 32 > ZT_NUMBER_BYTES || scale > ZT_NUMBER_SCALE || scale < -ZT_NUMBER_SCALE;
  if (*too_large) return NULL;
  if (!zt_slot_bytes(d, &list, slot, &bytes, &size) || size == 0) return zt_corrupt(d);
  SV *const digits = newSVpvs("");
  append_digits(aTHX_ digits, (const uint8_t *)bytes, size);
  sv_catpvf(digits, "e%d", (int)-scale);
  return wait_for_digits(aTHX_ d, digits);
}

void zt_numbers_finish(pTHX_ zt_region *region) {
  dSP;
  ENTER;
  SAVETMPS;
  SV *const pending = sv_2mortal(newRV_noinc((SV *)region->numbers));
  region->numbers = NULL; /* what is called may copy from this region */
  PUSHMARK(SP);
  XPUSHs(pending);
  SV *const path = sv_2mortal(newSVpv(region->path, 0)); /* which may let go of the region, too */
  PUTBACK;
  const SSize_t count = call_pv("ZeroTouch::Number::fill", G_SCALAR);
  SPAGAIN;
  SV *const missing = count > 0 ? POPs : &PL_sv_undef;
  PUTBACK;
  if (SvTRUE(missing)) {
    croak("ZeroTouch: %" SVf ": it holds a number for which Perl needs %" SVf ", which is not installed (%s)",
          SVfARG(path), SVfARG(missing), ztc_status_name(ZTC_UNSUPPORTED));
  }
  FREETMPS;
  LEAVE;
}

/* ----------------------------------------------------------------------------- publishing -- */

bool zt_number_parse(const char *text, STRLEN size, zt_number *out) {
  uint32_t limbs[LIMBS] = {0}, used = 0;
  STRLEN at = 0;
  const bool negative = at < size && text[at] == '-';
  at += negative;
  const STRLEN first = at;
  for (; at < size && isDIGIT_A(text[at]); at++) {
    if (at - first >= ZT_NUMBER_DIGITS) return false;
  }
  const STRLEN digits = at - first;
  if (digits == 0) return false;
  for (STRLEN i = 0; i < digits;) {
    uint64_t carry = 0, scale = 1;
    do {
      carry = carry * 10 + (uint64_t)(text[first + i] - '0');
      scale *= 10;
    } while (++i < digits && scale < CHUNK_VALUE);
    for (uint32_t limb = 0; limb < used; limb++) {
      carry += limbs[limb] * scale;
      limbs[limb] = (uint32_t)carry;
      carry >>= 32;
    }
    if (carry != 0) limbs[used++] = (uint32_t)carry; /* at most LIMBS, of so many digits */
  }
  /* From the least byte up, with one more where the sign needs it. */
  uint32_t count = 4 * used, borrow = negative;
  uint8_t *const end = out->bytes + sizeof out->bytes;
  for (uint32_t i = 0; i <= count; i++) {
    uint32_t byte = i < count ? limbs[i / 4] >> i % 4 * 8 & 0xff : 0;
    if (negative) {
      byte = (byte ^ 0xff) + borrow;
      borrow = byte >> 8;
    }
    end[-1 - (ptrdiff_t)i] = (uint8_t)byte;
  }
  out->data = end - count - 1;
  while (out->data + 1 < end && (out->data[0] == 0 || out->data[0] == 0xff) &&
         out->data[0] >> 7 == out->data[1] >> 7) {
    out->data++;
  }
  out->size = (uint32_t)(end - out->data);
  if (out->size > ZT_NUMBER_BYTES) return false;
  out->scale = 0;
  if (at == size) return true;
  char *rest;
  if (text[at] != 'e' || (!isDIGIT_A(text[at + 1]) && text[at + 1] != '-' && text[at + 1] != '+')) {
    return false;
  }
  const long exponent = strtol(text + at + 1, &rest, 10);
  if (rest != text + size || exponent > ZT_NUMBER_SCALE || exponent < -ZT_NUMBER_SCALE) return false;
  out->scale = (int32_t)-exponent;
  return true;
}

/* Handlers of signals wait meanwhile: they might change the data that is being published. */
SV *zt_number_text(pTHX_ SV *number) {
  dSP;
  ENTER;
  zt_signals_wait(aTHX);
  PUSHMARK(SP);
  mXPUSHs(newRV_inc(number));
  PUTBACK;
  const SSize_t count = call_pv("ZeroTouch::Number::text", G_SCALAR);
  SPAGAIN;
  SV *const text = count > 0 ? POPs : &PL_sv_undef;
  PUTBACK;
  LEAVE;
  return text;
}
