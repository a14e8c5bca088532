/* What is done to the copies when all are there, or when they are given up. */
#include "clone.h"

#include "fresh.h"
#include "rare.h"

/* Of locked hashes and their values, too. */
static U32 unlock(SV *sv) {
  const U32 locked = SvFLAGS(sv) & (SVf_READONLY | SVf_PROTECT);
  SvFLAGS(sv) &= ~locked;
  return locked;
}

void zt_clone_bless(pTHX_ cloner *c) {
  for (size_t i = 0; i < c->blessed; i++) {
    SV *const to = c->objects[i].to;
    const U32 locked = unlock(to);
    SV *reference = zt_fresh_rv(aTHX_ SvREFCNT_inc_simple_NN(to));
    sv_bless(reference, SvSTASH(c->objects[i].from));
    SvREFCNT_dec_NN(reference);
    SvFLAGS(to) |= locked;
  }
}

static void empty(pTHX_ SV *sv) {
  if (SvTYPE(sv) == SVt_PVAV) {
    av_undef((AV *)sv);
  } else if (SvTYPE(sv) == SVt_PVHV) {
    hv_undef((HV *)sv);
  } else if (SvROK(sv)) {
    SV *target = SvRV(sv);
    SvROK_off(sv);
    SvRV_set(sv, NULL);
    SvREFCNT_dec(target);
  }
}

/* Every cycle passes through a value that was reached more than once. */
void zt_clone_drop(pTHX_ cloner *c, SV *copy) {
  const ztb_seen *seen = &c->seen;
  const size_t slots = seen->used > 0 ? seen->mask + 1 : 0;
  for (size_t i = 0; i < slots; i++) {
    if (seen->entries[i].key != NULL)
      SvREFCNT_inc_simple_void_NN((SV *)seen->entries[i].value);
  }
  for (size_t i = 0; i < slots; i++) {
    if (seen->entries[i].key != NULL)
      empty(aTHX_(SV *) seen->entries[i].value);
  }
  for (size_t i = 0; i < slots; i++) {
    if (seen->entries[i].key != NULL)
      SvREFCNT_dec_NN((SV *)seen->entries[i].value);
  }
  SvREFCNT_dec(c->weak);
  SvREFCNT_dec(c->patterns);
  SvREFCNT_dec_NN(copy);
}

void zt_clone_compile(pTHX_ cloner *c, SV *copy) {
  ENTER;
  SAVEFREESV(copy);
  SAVEFREESV(c->patterns);
  if (c->weak != NULL)
    SAVEFREESV(c->weak);
  for (SSize_t i = 0; i < AvFILLp(c->patterns); i += 2) {
    SV *const to = AvARRAY(c->patterns)[i];
    const U32 locked = unlock(to);
    zt_compile_pattern(aTHX_ to, AvARRAY(c->patterns)[i + 1]);
    SvFLAGS(to) |= locked;
  }
  SvREFCNT_inc_simple_void_NN(copy);
  SvREFCNT_inc_simple_void(c->weak);
  LEAVE;
}

void zt_clone_weaken(pTHX_ cloner *c) {
  if (c->weak == NULL)
    return;
  for (SSize_t i = 0; i <= AvFILLp(c->weak); i++) {
    SV *reference = AvARRAY(c->weak)[i];
    if (!SvROK(reference) || SvWEAKREF(reference))
      continue;
    const U32 locked = unlock(reference);
    sv_rvweaken(reference);
    SvFLAGS(reference) |= locked;
  }
  SvREFCNT_dec_NN(c->weak);
}
