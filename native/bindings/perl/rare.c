/* Copies of the rarer scalars. */
#include "rare.h"

#include "fresh.h"

SV *zt_copy_pattern(pTHX_ SV *from, const char **reason) {
  REGEXP *rx = (REGEXP *)from;
  if ((RX_EXTFLAGS(rx) & RXf_EVAL_SEEN) != 0) {
    *reason = "a pattern that runs code";
    return NULL;
  }
  SV *text = zt_fresh_pv(aTHX_ RX_PRECOMP(rx), RX_PRELEN(rx), RX_UTF8(rx) ? SVf_UTF8 : 0);
  SV *to = (SV *)pregcomp(text, RX_EXTFLAGS(rx) & RXf_PMf_FLAGCOPYMASK);
  SvREFCNT_dec_NN(text);
  return to;
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
