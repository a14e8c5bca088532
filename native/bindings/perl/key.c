/* Keys of records: what a Perl value is as a key, where publish finds it, and look-ups. */
#include "zt.h"

/* A value as a key, without a write to it. A reference to a string means bytes. */
static bool key_of(pTHX_ SV *sv, ztc_key *key) {
  *key = (ztc_key){.type = ZTC_KEY_STRING, .encoding = ZTC_LATIN1};
  sv = zt_fetched(aTHX_ sv);
  if (SvROK(sv) && SvTYPE(SvRV(sv)) < SVt_PVAV && !SvOBJECT(SvRV(sv))) {
    SV *const bytes = zt_fetched(aTHX_ SvRV(sv));
    if (SvPOK(bytes) && !SvUTF8(bytes)) {
      key->type = ZTC_KEY_BYTES;
      sv = bytes;
    }
  }
  if (SvPOK(sv)) {
    key->data = SvPVX_const(sv);
    key->size = SvCUR(sv);
    if (SvUTF8(sv)) key->encoding = ZTC_UTF8;
    return true;
  }
  key->type = ZTC_KEY_I64;
  if (SvIOK(sv) && (!SvIsUV(sv) || SvUVX(sv) <= (UV)IV_MAX)) {
    key->number = SvIVX(sv);
    return true;
  }
  /* Whole numbers that a double holds exactly. */
  if (!SvIOK(sv) && SvNOK(sv) && SvNVX(sv) > -9007199254740992.0 &&
      SvNVX(sv) < 9007199254740992.0 && SvNVX(sv) == (NV)(IV)SvNVX(sv)) {
    key->number = (IV)SvNVX(sv);
    return true;
  }
  return false;
}

/* ----------------------------------------------------------------------------- publishing -- */

static void no_key(pTHX_ UV record, const char *reason) {
  croak("ZeroTouch: record %" UVuf ": %s (UNSTORABLE)", record, reason);
}

static void next_step(pTHX_ const char *path, size_t *at, ztc_path_step *step) {
  ztc_error error;
  if (ztc_path_next(path, at, step, &error) != ZTC_OK) {
    croak("ZeroTouch::publish: %s (%s)", error.message, ztc_status_name(error.status));
  }
}

static bool is_code(SV *by) { return SvROK(by) && SvTYPE(SvRV(by)) == SVt_PVCV; }

void zt_check_key_path(pTHX_ SV *by) {
  size_t at = 0;
  ztc_path_step step;
  if (is_code(by)) return;
  by = sv_mortalcopy(by);
  (void)SvPVutf8_nolen(by);
  const char *const path = zt_path_of(aTHX_ by, "::publish");
  do {
    next_step(aTHX_ path, &at, &step);
  } while (step.kind != ZTC_STEP_END);
}

/* What a path leads to in a live value; NULL if nowhere. */
static SV *follow(pTHX_ SV *sv, const char *path) {
  size_t at = 0;
  ztc_path_step step;
  for (;;) {
    next_step(aTHX_ path, &at, &step);
    if (step.kind == ZTC_STEP_END) return sv;
    SV *const target = sv != NULL && SvROK(sv) ? SvRV(sv) : NULL;
    if (target == NULL || SvRMAGICAL(target) || step.key_size > I32_MAX) return NULL;
    SV **found = NULL;
    if (step.kind == ZTC_STEP_KEY && SvTYPE(target) == SVt_PVHV) {
      found = hv_fetch((HV *)target, step.key, -(I32)step.key_size, 0);
    } else if (step.kind == ZTC_STEP_INDEX && SvTYPE(target) == SVt_PVAV &&
               step.index <= (uint64_t)SSize_t_MAX) {
      found = av_fetch((AV *)target, (SSize_t)step.index, 0);
    }
    if (found == NULL) return NULL;
    sv = *found;
  }
}

/* What the code says of a record; mortal. */
static SV *ask(pTHX_ SV *code, SV *record) {
  dSP;
  PUSHMARK(SP);
  XPUSHs(record != NULL ? record : &PL_sv_undef);
  PUTBACK;
  const SSize_t count = call_sv(code, G_SCALAR);
  SPAGAIN;
  SV *const answer = count > 0 ? POPs : &PL_sv_undef;
  PUTBACK;
  return zt_fetched(aTHX_ answer);
}

bool zt_key_of_record(pTHX_ SV *record, UV number, SV *by, ztc_key *key) {
  const bool code = is_code(by);
  SV *const found =
      code ? ask(aTHX_ by, record) : follow(aTHX_ record, SvPVutf8_nolen(sv_mortalcopy(by)));
  if (found == NULL) no_key(aTHX_ number, "it has no value where its key should be");
  if (code && !SvOK(found)) return false;
  if (!key_of(aTHX_ found, key)) {
    no_key(aTHX_ number, "its key is no string, no integer and no reference to bytes");
  }
  return true;
}

/* -------------------------------------------------------------------------------- look-up -- */

static bool find(pTHX_ const zt_region *region, const ztc_key *key, uint64_t *index) {
  const ztc_status status = ztc_index_of(region->region, key, index);
  if (status != ZTC_OK && status != ZTC_NO_SUCH_KEY) {
    croak("ZeroTouch: %s: looking up a key: %s (%s)", region->path, ztc_status_text(status),
          ztc_status_name(status));
  }
  return status == ZTC_OK;
}

/* The integer that a string is, if it is written as Perl would print it. */
static bool as_number(pTHX_ ztc_key *key) {
  char digits[24];
  UV number;
  const char *const text = key->data;
  if (key->size == 0 || key->size > 20) return false;
  const int kind = grok_number(text, key->size, &number);
  const bool negative = (kind & IS_NUMBER_NEG) != 0;
  if ((kind & ~IS_NUMBER_NEG) != IS_NUMBER_IN_UV || number > (UV)IV_MAX + (negative ? 1 : 0)) {
    return false;
  }
  const int64_t value = (int64_t)(negative ? (UV)0 - number : number);
  const int size = snprintf(digits, sizeof digits, "%lld", (long long)value);
  if ((uint64_t)size != key->size || memcmp(digits, text, key->size) != 0) return false;
  *key = (ztc_key){.type = ZTC_KEY_I64, .number = value};
  return true;
}

bool zt_region_find(pTHX_ const zt_region *region, SV *sv, uint64_t *index) {
  char digits[24];
  ztc_key key;
  if (!key_of(aTHX_ sv, &key)) {
    croak("ZeroTouch: a key is a string, an integer or a reference to bytes, not '%" SVf "'",
          SVfARG(sv));
  }
  if (find(aTHX_ region, &key, index)) return true;
  if (key.type == ZTC_KEY_BYTES) return false;
  /* Perl does not tell 42 from "42"; other hosts do, so the other one counts as well. */
  if (key.type == ZTC_KEY_STRING) return as_number(aTHX_ &key) && find(aTHX_ region, &key, index);
  const int size = snprintf(digits, sizeof digits, "%lld", (long long)key.number);
  key = (ztc_key){
      .type = ZTC_KEY_STRING, .encoding = ZTC_ASCII, .data = digits, .size = (uint64_t)size};
  return find(aTHX_ region, &key, index);
}
