/* Live data into a region: one pass that writes the events of the format document, section 8. */
#include "zt.h"

#include "common/events.h"
#include "number.h"

enum {
  EVENT_LATIN1 = ZTB_EVENT_STRING + ZTC_LATIN1,
  EVENT_UTF8 = ZTB_EVENT_STRING + ZTC_UTF8
};
enum { SORTED_SMALL = 64 };

typedef struct publisher {
  ztc_writer *writer;
  SV *events; /* mortal */
  zt_seen labels; /* of this record: address to label + 1 */
  zt_seen keys;   /* address of a shared key to its number + 1 */
  AV *held_keys;  /* keeps those keys where they are; mortal */
  UV records;
  SV *key; /* NULL, or where records have their key */
} publisher;

/* The way to the value being written, for errors. */
typedef struct place {
  const struct place *up;
  const HEK *key; /* NULL: an element, or no step at all */
  SSize_t index;  /* -1: no step */
  uint32_t depth;
} place;

/* --------------------------------------------------------------------------------- errors -- */

static void add_steps(pTHX_ SV *path, const place *at) {
  if (at->up == NULL) return;
  add_steps(aTHX_ path, at->up);
  if (at->key != NULL) {
    zt_path_add_key(aTHX_ path, HEK_KEY(at->key), (STRLEN)HEK_LEN(at->key),
                    HEK_UTF8(at->key) != 0);
  } else if (at->index >= 0) {
    zt_path_add_index(aTHX_ path, (size_t)at->index);
  }
}

static void refuse(pTHX_ const publisher *p, const place *at, const char *reason) {
  SV *path = newSVpvs_flags("$", SVs_TEMP);
  add_steps(aTHX_ path, at);
  croak("ZeroTouch: record %" UVuf ": %" SVf ": %s cannot be published (UNSTORABLE)", p->records,
        SVfARG(path), reason);
}

static void fail(pTHX_ ztc_error *error) {
  croak("ZeroTouch: %s (%s)", error->message, ztc_status_name(error->status));
}

/* --------------------------------------------------------------------------------- events -- */

static char *room(pTHX_ publisher *p, STRLEN size) {
  const STRLEN used = SvCUR(p->events);
  if (SvLEN(p->events) - used < size + 1) {
    SvGROW(p->events, (used + size + 1) * 3 / 2);
  }
  SvCUR_set(p->events, used + size);
  return SvPVX(p->events) + used;
}

static void put_op(pTHX_ publisher *p, uint8_t op) { *room(aTHX_ p, 1) = (char)op; }

static void put_op32(pTHX_ publisher *p, uint8_t op, uint32_t value) {
  char *out = room(aTHX_ p, 5);
  *out = (char)op;
  memcpy(out + 1, &value, 4);
}

static void put_op64(pTHX_ publisher *p, uint8_t op, const void *value) {
  char *out = room(aTHX_ p, 9);
  *out = (char)op;
  memcpy(out + 1, value, 8);
}

static void put_text(pTHX_ publisher *p, const place *at, uint8_t op, const char *text,
                     STRLEN size) {
  if (size > ZTC_MAX_STRING_SIZE) refuse(aTHX_ p, at, "a string of 1 GiB or more");
  put_op32(aTHX_ p, op, (uint32_t)size);
  memcpy(room(aTHX_ p, size), text, size);
}

/* A string with surrogates, which perl can hold, as UTF-16 code units. */
static void put_utf16(pTHX_ publisher *p, const place *at, const U8 *text, STRLEN size) {
  put_op32(aTHX_ p, ZTB_EVENT_EXT, ZTB_EXT_UTF16);
  char *head = room(aTHX_ p, 6);
  const STRLEN head_at = (STRLEN)(head - SvPVX(p->events));
  uint32_t units = 0;
  for (const U8 *end = text + size; text < end;) {
    STRLEN length;
    const UV point = utf8n_to_uvchr(text, (STRLEN)(end - text), &length, UTF8_ALLOW_ANY);
    if (length == 0 || point > 0x10ffff) {
      refuse(aTHX_ p, at, "a string with characters above U+10FFFF");
    }
    text += length;
    uint16_t pair[2] = {(uint16_t)point, 0};
    const uint32_t count = point > 0xffff ? 2 : 1;
    if (count == 2) {
      pair[0] = (uint16_t)(0xd800 + ((point - 0x10000) >> 10));
      pair[1] = (uint16_t)(0xdc00 + ((point - 0x10000) & 0x3ff));
    }
    memcpy(room(aTHX_ p, 2 * count), pair, 2 * count);
    units += count;
  }
  head = SvPVX(p->events) + head_at;
  head[0] = ZTB_EVENT_ARRAY;
  head[1] = ZTC_TYPE_I16;
  memcpy(head + 2, &units, 4);
  put_op(aTHX_ p, ZTB_EVENT_END);
}

static void put_string(pTHX_ publisher *p, const place *at, const char *text, STRLEN size,
                       bool utf8) {
  if (utf8 && !is_c9strict_utf8_string((const U8 *)text, size)) {
    put_utf16(aTHX_ p, at, (const U8 *)text, size);
  } else {
    put_text(aTHX_ p, at, utf8 ? EVENT_UTF8 : EVENT_LATIN1, text, size);
  }
}

static void put_key(pTHX_ publisher *p, const place *at, const HEK *key, bool shared) {
  const STRLEN size = (STRLEN)HEK_LEN(key);
  const uint8_t encoding = HEK_UTF8(key) ? ZTC_UTF8 : ZTC_LATIN1;
  if (!shared) {
    put_text(aTHX_ p, at, (uint8_t)(ZTB_EVENT_KEY + encoding), HEK_KEY(key), size);
    return;
  }
  const uintptr_t *known = ztb_seen_find(&p->keys, key);
  if (known != NULL) {
    put_op32(aTHX_ p, ZTB_EVENT_USE_KEY, (uint32_t)*known - 1);
  } else if (p->keys.used < ZTB_MOST_KEYS) {
    zt_seen_add(&p->keys, key, (void *)(uintptr_t)(p->keys.used + 1));
    av_push(p->held_keys, newSVhek((HEK *)(uintptr_t)key));
    char *out = room(aTHX_ p, 2);
    out[0] = ZTB_EVENT_DEFINE_KEY;
    out[1] = (char)encoding;
    const uint32_t length = (uint32_t)size;
    memcpy(room(aTHX_ p, 4), &length, 4);
    memcpy(room(aTHX_ p, size), HEK_KEY(key), size);
  } else {
    put_text(aTHX_ p, at, (uint8_t)(ZTB_EVENT_KEY + encoding), HEK_KEY(key), size);
  }
}

/* --------------------------------------------------------------------------------- values -- */

static void put_target(pTHX_ publisher *p, const place *at, SV *target);

static void put_value(pTHX_ publisher *p, const place *at, SV *sv) {
  if (sv != NULL && SvTYPE(sv) >= SVt_PVMG) sv = zt_existing(aTHX_ sv);
  if (sv == NULL) {
    put_op(aTHX_ p, ZTB_EVENT_NULL);
    return;
  }
  if (SvTYPE(sv) > SVt_PVNV) {
    const char *reason = zt_refusal(aTHX_ sv);
    if (reason == NULL && SvTYPE(sv) == SVt_REGEXP) reason = "a compiled pattern";
    if (reason != NULL) refuse(aTHX_ p, at, reason);
  }
  if (SvROK(sv)) {
    if (SvWEAKREF(sv)) put_op32(aTHX_ p, ZTB_EVENT_EXT, ZTB_EXT_WEAK);
    put_target(aTHX_ p, at, SvRV(sv));
    if (SvWEAKREF(sv)) put_op(aTHX_ p, ZTB_EVENT_END);
  } else if (SvIsBOOL(sv)) {
    put_op(aTHX_ p, SvPVX_const(sv) == PL_Yes ? ZTB_EVENT_TRUE : ZTB_EVENT_FALSE);
  } else if (SvPOK(sv)) {
    put_string(aTHX_ p, at, SvPVX_const(sv), SvCUR(sv), SvUTF8(sv) != 0);
  } else if (SvIOK(sv) && SvIsUV(sv) && SvUVX(sv) > (UV)IV_MAX) {
    const UV number = SvUVX(sv);
    put_op32(aTHX_ p, ZTB_EVENT_EXT, ZTB_EXT_UINT64);
    put_op64(aTHX_ p, ZTB_EVENT_I64, &number);
    put_op(aTHX_ p, ZTB_EVENT_END);
  } else if (SvIOK(sv)) {
    const IV number = SvIVX(sv);
    put_op64(aTHX_ p, ZTB_EVENT_I64, &number);
  } else if (SvNOK(sv)) {
    const double number = SvNVX(sv);
    put_op64(aTHX_ p, ZTB_EVENT_F64, &number);
  } else if (SvPOKp(sv)) {
    put_string(aTHX_ p, at, SvPVX_const(sv), SvCUR(sv), SvUTF8(sv) != 0);
  } else if (SvNOKp(sv)) {
    const double number = SvNVX(sv);
    put_op64(aTHX_ p, ZTB_EVENT_F64, &number);
  } else {
    put_op(aTHX_ p, ZTB_EVENT_NULL);
  }
}

static int compare_entries(const void *a, const void *b) {
  const HEK *x = HeKEY_hek(*(HE *const *)a), *y = HeKEY_hek(*(HE *const *)b);
  const I32 shorter = HEK_LEN(x) < HEK_LEN(y) ? HEK_LEN(x) : HEK_LEN(y);
  const int order = memcmp(HEK_KEY(x), HEK_KEY(y), (size_t)shorter);
  if (order != 0) return order;
  if (HEK_LEN(x) != HEK_LEN(y)) return HEK_LEN(x) < HEK_LEN(y) ? -1 : 1;
  return (HEK_UTF8(x) != 0) - (HEK_UTF8(y) != 0);
}

/* Sorted, so that hashes with the same keys have the same shape, whatever perl's random order. */
static void put_hash(pTHX_ publisher *p, const place *at, HV *hv) {
  put_op(aTHX_ p, ZTB_EVENT_MAP);
  HE *small[SORTED_SMALL];
  HE **sorted = small;
  const size_t keys = HvARRAY(hv) != NULL ? HvTOTALKEYS(hv) : 0;
  if (keys > SORTED_SMALL) {
    SV *block = sv_2mortal(newSV(keys * sizeof *sorted));
    sorted = (HE **)(void *)SvPVX(block);
  }
  size_t count = 0;
  for (STRLEN b = 0; keys > 0 && b <= HvMAX(hv); b++) {
    for (HE *he = HvARRAY(hv)[b]; he != NULL; he = HeNEXT(he)) {
      if (HeVAL(he) != &PL_sv_placeholder && count < keys) sorted[count++] = he;
    }
  }
  qsort(sorted, count, sizeof *sorted, compare_entries);
  for (size_t i = 0; i < count; i++) {
    const HEK *key = HeKEY_hek(sorted[i]);
    const place inside = {.up = at, .key = key, .index = -1, .depth = at->depth + 1};
    put_key(aTHX_ p, &inside, key, HvSHAREKEYS(hv) != 0);
    put_value(aTHX_ p, &inside, HeVAL(sorted[i]));
  }
  put_op(aTHX_ p, ZTB_EVENT_END);
}

static void put_array(pTHX_ publisher *p, const place *at, AV *av) {
  put_op(aTHX_ p, ZTB_EVENT_LIST);
  for (SSize_t i = 0; i <= AvFILLp(av); i++) {
    const place inside = {.up = at, .index = i, .depth = at->depth + 1};
    put_value(aTHX_ p, &inside, AvARRAY(av)[i]);
  }
  put_op(aTHX_ p, ZTB_EVENT_END);
}

/* ------------------------------------------------------------------------------- objects -- */

static void put_bytes(pTHX_ publisher *p, const void *bytes, STRLEN size) {
  put_op32(aTHX_ p, ZTB_EVENT_BYTES, (uint32_t)size);
  memcpy(room(aTHX_ p, size), bytes, size);
}

/* An object of Math::BigInt or Math::BigFloat. */
static void put_number(pTHX_ publisher *p, const place *at, SV *object, bool decimal) {
  zt_number number;
  SV *const text = zt_number_text(aTHX_ object);
  if (!SvOK(text)) refuse(aTHX_ p, at, "a number without digits");
  STRLEN size;
  const char *const digits = SvPV_const(text, size);
  if (!zt_number_parse(digits, size, &number)) {
    refuse(aTHX_ p, at, "a number of more than 9,863 digits, or with an exponent beyond 10,000,");
  }
  put_op32(aTHX_ p, ZTB_EVENT_EXT, decimal ? ZTB_EXT_DECIMAL : ZTB_EXT_BIG_INTEGER);
  if (decimal) {
    put_op(aTHX_ p, ZTB_EVENT_LIST);
    put_op32(aTHX_ p, ZTB_EVENT_I32, (uint32_t)number.scale);
  }
  put_bytes(aTHX_ p, number.data, number.size);
  if (decimal) put_op(aTHX_ p, ZTB_EVENT_END);
  put_op(aTHX_ p, ZTB_EVENT_END);
}

/* Bytes, where the format has them and Perl a string; else false. */
static bool put_as_bytes(pTHX_ publisher *p, SV *sv) {
  if (sv == NULL || !SvPOK(sv) || SvUTF8(sv) || SvCUR(sv) > ZTC_MAX_STRING_SIZE) return false;
  put_bytes(aTHX_ p, SvPVX_const(sv), SvCUR(sv));
  return true;
}

/* The payload of a ZeroTouch::Ext. Numbers too large for Perl and UUIDs have bytes in it. */
static void put_payload(pTHX_ publisher *p, const place *at, UV id, SV *payload) {
  if ((id == ZTB_EXT_BIG_INTEGER || id == ZTB_EXT_UUID) && put_as_bytes(aTHX_ p, payload)) return;
  AV *const list = id == ZTB_EXT_DECIMAL && payload != NULL && SvROK(payload) ? (AV *)SvRV(payload) : NULL;
  if (list == NULL || SvTYPE(list) != SVt_PVAV || SvMAGICAL(list) || AvFILLp(list) != 1) {
    put_value(aTHX_ p, at, payload);
    return;
  }
  put_op(aTHX_ p, ZTB_EVENT_LIST);
  put_value(aTHX_ p, at, AvARRAY(list)[0]);
  if (!put_as_bytes(aTHX_ p, AvARRAY(list)[1])) put_value(aTHX_ p, at, AvARRAY(list)[1]);
  put_op(aTHX_ p, ZTB_EVENT_END);
}

static void put_ext(pTHX_ publisher *p, const place *at, AV *ext) {
  const place inside = {.up = at, .index = 1, .depth = at->depth + 1};
  SV *const id = AvFILLp(ext) == 1 ? AvARRAY(ext)[0] : NULL;
  if (id == NULL || !SvIOK(id) || (!SvIsUV(id) && SvIVX(id) < 0) || SvUVX(id) > UINT32_MAX) {
    refuse(aTHX_ p, at, "a ZeroTouch::Ext that is not [$id, $payload]");
  }
  put_op32(aTHX_ p, ZTB_EVENT_EXT, (uint32_t)SvUVX(id));
  put_payload(aTHX_ p, &inside, SvUVX(id), AvARRAY(ext)[1]);
  put_op(aTHX_ p, ZTB_EVENT_END);
}

static bool is_class(const HEK *class, const char *name) {
  return (size_t)HEK_LEN(class) == strlen(name) && memcmp(HEK_KEY(class), name, strlen(name)) == 0;
}

/* Objects that stand for a type of the format; false if this is none. */
static bool put_typed(pTHX_ publisher *p, const place *at, SV *object, const HEK *class) {
  if (SvTYPE(object) == SVt_PVHV && is_class(class, "Math::BigInt")) {
    put_number(aTHX_ p, at, object, false);
  } else if (SvTYPE(object) == SVt_PVHV && is_class(class, "Math::BigFloat")) {
    put_number(aTHX_ p, at, object, true);
  } else if (SvTYPE(object) == SVt_PVAV && is_class(class, "ZeroTouch::Ext")) {
    put_ext(aTHX_ p, at, (AV *)object);
  } else if (SvTYPE(object) == SVt_PVAV && is_class(class, "ZeroTouch::Map")) {
    if (AvFILLp((AV *)object) % 2 == 0) refuse(aTHX_ p, at, "a ZeroTouch::Map with a key that has no value");
    put_op32(aTHX_ p, ZTB_EVENT_EXT, ZTB_EXT_MAP);
    put_array(aTHX_ p, at, (AV *)object);
    put_op(aTHX_ p, ZTB_EVENT_END);
  } else {
    return false;
  }
  return true;
}

static void put_content(pTHX_ publisher *p, const place *at, SV *target) {
  const place inside = {.up = at, .index = -1, .depth = at->depth + 1};
  switch (SvTYPE(target)) {
    case SVt_PVHV:
      put_hash(aTHX_ p, at, (HV *)target);
      break;
    case SVt_PVAV:
      put_array(aTHX_ p, at, (AV *)target);
      break;
    default:
      put_op32(aTHX_ p, ZTB_EVENT_EXT, ZT_EXT_SCALAR_REF);
      put_value(aTHX_ p, &inside, target);
      put_op(aTHX_ p, ZTB_EVENT_END);
      break;
  }
}

/* What a reference points to: by its label, if it was here before. */
static void put_target(pTHX_ publisher *p, const place *at, SV *target) {
  if (at->depth > ZTC_MAX_DEPTH) refuse(aTHX_ p, at, "data nested more than 512 levels deep");
  const char *reason = zt_refusal(aTHX_ target);
  if (reason == NULL && SvTYPE(target) == SVt_REGEXP) reason = "a compiled pattern";
  if (reason != NULL) refuse(aTHX_ p, at, reason);
  if (SvREFCNT(target) > 1 || zt_has_backrefs(target)) {
    const uintptr_t *known = ztb_seen_find(&p->labels, target);
    if (known != NULL) {
      put_op32(aTHX_ p, ZTB_EVENT_REF, (uint32_t)*known - 1);
      return;
    }
    const uint32_t label = (uint32_t)p->labels.used;
    zt_seen_add(&p->labels, target, (void *)(uintptr_t)(label + 1));
    put_op32(aTHX_ p, ZTB_EVENT_LABEL, label);
  }
  if (!SvOBJECT(target)) {
    put_content(aTHX_ p, at, target);
    return;
  }
  const HEK *class = HvNAME_HEK(SvSTASH(target));
  if (class == NULL) refuse(aTHX_ p, at, "an object without a class name");
  if (put_typed(aTHX_ p, at, target, class)) return;
  if (HEK_UTF8(class) && !is_c9strict_utf8_string((const U8 *)HEK_KEY(class), HEK_LEN(class))) {
    refuse(aTHX_ p, at, "an object whose class name is no Unicode");
  }
  put_op32(aTHX_ p, ZTB_EVENT_EXT, ZTB_EXT_OBJECT);
  put_op(aTHX_ p, ZTB_EVENT_LIST);
  put_string(aTHX_ p, at, HEK_KEY(class), (STRLEN)HEK_LEN(class), HEK_UTF8(class) != 0);
  put_content(aTHX_ p, at, target);
  put_op(aTHX_ p, ZTB_EVENT_END);
  put_op(aTHX_ p, ZTB_EVENT_END);
}

/* -------------------------------------------------------------------------------- records -- */

static void feed(pTHX_ publisher *p) {
  ztc_error error;
  if (SvCUR(p->events) == 0) return;
  if (ztc_writer_feed(p->writer, SvPVX(p->events), SvCUR(p->events), &error) != ZTC_OK) {
    fail(aTHX_ &error);
  }
  SvCUR_set(p->events, 0);
}

static void put_record_key(pTHX_ publisher *p, SV *record) {
  ztc_key key;
  if (!zt_key_of_record(aTHX_ record, p->records, p->key, &key)) return;
  if (key.type == ZTC_KEY_I64) {
    put_op64(aTHX_ p, ZTB_EVENT_RECORD_KEY_I64, &key.number);
    return;
  }
  if (key.size > ZTC_MAX_KEY_SIZE) {
    croak("ZeroTouch: record %" UVuf ": its key has more than %d bytes (TOO_LARGE)", p->records,
          (int)ZTC_MAX_KEY_SIZE);
  }
  put_op32(aTHX_ p,
           key.type == ZTC_KEY_BYTES ? ZTB_EVENT_RECORD_KEY_BYTES
                                     : (uint8_t)(ZTB_EVENT_RECORD_KEY + (int)key.encoding),
           (uint32_t)key.size);
  memcpy(room(aTHX_ p, key.size), key.data, key.size);
}

static void put_record(pTHX_ publisher *p, SV *record) {
  const place root = {.index = -1, .depth = 1};
  ENTER;
  SAVETMPS;
  ztb_seen_clear(&p->labels);
  SAVEFREESV(SvREFCNT_inc(record)); /* code may let go of it */
  if (p->key != NULL) put_record_key(aTHX_ p, record);
  put_value(aTHX_ p, &root, record);
  put_op(aTHX_ p, ZTB_EVENT_END_RECORD);
  p->records++;
  if (SvCUR(p->events) >= ZTB_FEED_AT) feed(aTHX_ p);
  FREETMPS;
  LEAVE;
}

/* Calls the iterator for the next records; false at its end. */
static bool put_next(pTHX_ publisher *p, SV *iterator) {
  dSP;
  ENTER;
  SAVETMPS;
  PUSHMARK(SP);
  const SSize_t count = call_sv(iterator, G_LIST | G_NOARGS);
  for (SSize_t i = 0; i < count; i++) {
    SPAGAIN;
    put_record(aTHX_ p, SP[i + 1 - count]);
  }
  SPAGAIN;
  SP -= count;
  PUTBACK;
  FREETMPS;
  LEAVE;
  return count > 0;
}

static void end(pTHX_ void *context) {
  publisher *p = context;
  ztc_writer_abort(p->writer);
  ztb_seen_free(&p->labels);
  ztb_seen_free(&p->keys);
  Safefree(p);
}

UV zt_publish(pTHX_ SV *path, SV *source, SV *key) {
  SV *const data = SvROK(source) ? SvRV(source) : NULL;
  if (data == NULL || (SvTYPE(data) != SVt_PVAV && SvTYPE(data) != SVt_PVCV)) {
    croak("ZeroTouch::publish: the source must be an array reference or a code reference");
  }
  if (SvTYPE(data) == SVt_PVAV && zt_refusal(aTHX_ data) != NULL) {
    croak("ZeroTouch::publish: %s cannot be published (UNSTORABLE)", zt_refusal(aTHX_ data));
  }
  publisher *p;
  Newxz(p, 1, publisher);
  ztb_seen_init(&p->labels);
  ztb_seen_init(&p->keys);
  ENTER;
  SAVEDESTRUCTOR_X(end, p);
  SAVEFREESV(SvREFCNT_inc_simple_NN(data)); /* code that is called may let go of it */
  if (key != NULL) {
    p->key = newSVsv(key);
    SAVEFREESV(p->key);
    zt_check_key_path(aTHX_ p->key);
  }
  p->events = newSV_type_mortal(SVt_PV);
  SvGROW(p->events, ZTB_FEED_AT + 4096);
  SvPOK_only(p->events);
  p->held_keys = (AV *)sv_2mortal((SV *)newAV());
  ztc_error error;
  if (ztc_writer_create(zt_path_of(aTHX_ path, "::publish"), 0, &p->writer, &error) != ZTC_OK) fail(aTHX_ &error);

  if (SvTYPE(data) == SVt_PVCV) {
    while (put_next(aTHX_ p, data)) continue;
  } else {
    AV *av = (AV *)data;
    for (SSize_t i = 0; i <= AvFILLp(av); i++) {
      put_record(aTHX_ p, AvARRAY(av)[i]);
      PERL_ASYNC_CHECK(); /* handlers wait inside a record only */
    }
  }
  feed(aTHX_ p);
  ztc_writer *writer = p->writer;
  p->writer = NULL;
  const UV records = p->records;
  if (ztc_writer_publish(writer, &error) != ZTC_OK) fail(aTHX_ &error);
  LEAVE;
  return records;
}
