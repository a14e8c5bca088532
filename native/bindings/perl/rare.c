/* Copies of the rarer scalars. */
#include "rare.h"

#include "fresh.h"

/* Does a name mean the same in every package? Calls code of this module. */
static bool is_perls_own(pTHX_ const char *name, size_t size) {
  dSP;
  ENTER;
  SAVETMPS;
  zt_signals_wait(aTHX);
  PUSHMARK(SP);
  XPUSHs(newSVpvn_flags(name, size, SVs_TEMP));
  PUTBACK;
  const SSize_t count = call_pv("ZeroTouch::Clone::Nowhere::knows", G_SCALAR);
  SPAGAIN;
  const bool known = count > 0 && SvTRUE(*SP);
  SP -= count;
  PUTBACK;
  FREETMPS;
  LEAVE;
  return known;
}

typedef enum properties {
  PROPERTIES_PERLS, /* no others */
  PROPERTIES_NAMED, /* such as \p{My::IsMine} */
  PROPERTIES_BARE   /* such as \p{IsMine}: nothing in a pattern says of which package */
} properties;

/* The character properties in a pattern, by what a package may have to say of them. */
static properties properties_of(pTHX_ const char *text, size_t size) {
  const char *const end = text + size;
  properties found = PROPERTIES_PERLS;
  for (const char *at = text; (at = memchr(at, '\\', (size_t)(end - at))) != NULL; at += 2) {
    if (end - at < 2)
      break;
    if ((at[1] != 'p' && at[1] != 'P') || end - at < 6 || at[2] != '{')
      continue;
    const char *name = at + 3;
    while (name < end && (*name == '^' || isSPACE_A(*name)))
      name++;
    const char *const close = memchr(name, '}', (size_t)(end - name));
    if (close == NULL)
      continue;
    if (memchr(name, ':', (size_t)(close - name)) != NULL) {
      found = PROPERTIES_NAMED;
      continue;
    }
    if (close - name < 3 || name[0] != 'I' || (name[1] != 's' && name[1] != 'n'))
      continue;
    if (!is_perls_own(aTHX_ name, (size_t)(close - name)))
      return PROPERTIES_BARE;
  }
  return found;
}

/* Handlers of signals wait: this may be called while the source is looked at. */
static SV *compile(pTHX_ SV *text, U32 flags) {
  ENTER;
  zt_signals_wait(aTHX);
  SAVEFREESV(text);
  /* Whoever wrote the pattern was warned then, if he wanted to be. */
  COP quiet = *PL_curcop;
  quiet.cop_warnings = pWARN_NONE;
  SAVEVPTR(PL_curcop);
  PL_curcop = &quiet;
  SV *to = (SV *)pregcomp(text, flags);
  LEAVE;
  return to;
}

SV *zt_copy_pattern(pTHX_ SV *from, AV **later, const char **reason) {
  REGEXP *rx = (REGEXP *)from;
  if ((RX_EXTFLAGS(rx) & RXf_EVAL_SEEN) != 0) {
    *reason = "a pattern that runs code";
    return NULL;
  }
  const properties found = properties_of(aTHX_ RX_PRECOMP(rx), RX_PRELEN(rx));
  if (found == PROPERTIES_BARE) {
    *reason = "a pattern with a character property that a package defines";
    return NULL;
  }
  SV *const text = zt_fresh_pv(aTHX_ RX_PRECOMP(rx), RX_PRELEN(rx), RX_UTF8(rx) ? SVf_UTF8 : 0);
  const U32 flags = RX_EXTFLAGS(rx) & RXf_PMf_FLAGCOPYMASK;
  if (found == PROPERTIES_PERLS)
    return compile(aTHX_ text, flags);
  SV *const to = zt_fresh_undef(aTHX);
  AV *const source = newAV();
  av_push(source, text);
  av_push(source, newSVuv(flags));
  if (*later == NULL)
    *later = newAV();
  av_push(*later, SvREFCNT_inc_simple_NN(to));
  av_push(*later, (SV *)source);
  return to;
}

void zt_compile_pattern(pTHX_ SV *to, SV *source) {
  SV *const *const parts = AvARRAY((AV *)source);
  SV *const compiled = compile(aTHX_ SvREFCNT_inc_simple_NN(parts[0]), (U32)SvUVX(parts[1]));
  sv_setsv_nomg(to, compiled); /* shares the program, as all uses of one qr do */
  SvREFCNT_dec_NN(compiled);
}

SV *zt_copy_mixed(pTHX_ SV *from, U32 flags) {
  if (SvIsBOOL(from))
    return newSVsv(SvPVX_const(from) == PL_Yes ? &PL_sv_yes : &PL_sv_no);
  SV *to = newSV_type(SVt_PVNV);
  if ((flags & SVf_POK) != 0) {
    zt_set_pv(aTHX_ to, SvPVX_const(from), SvCUR(from), flags & SVf_UTF8);
  }
  if ((flags & SVf_IOK) != 0)
    SvIV_set(to, SvIVX(from));
  if ((flags & SVf_NOK) != 0)
    SvNV_set(to, SvNVX(from));
  SvFLAGS(to) |= flags & (SVf_IOK | SVp_IOK | SVf_NOK | SVp_NOK | SVf_IVisUV);
  return to;
}

void zt_copy_vstring(pTHX_ SV *from, SV *to) {
  const MAGIC *mg = mg_find(from, PERL_MAGIC_vstring);
  if (mg == NULL)
    return;
  sv_magic(to, NULL, PERL_MAGIC_vstring, mg->mg_ptr, (I32)mg->mg_len);
  SvRMAGICAL_on(to);
}
