/* Handlers of signals are Perl code, and may change data that is just being looked at. */
#include "zt.h"

static void restore(pTHX_ void *before) {
  PL_signalhook = *(despatch_signals_proc_t *)before;
  Safefree(before);
}

static void later(pTHX) { PERL_UNUSED_CONTEXT; }

void zt_signals_wait(pTHX) {
  despatch_signals_proc_t *before; /* not mortal: an exception frees those first */
  Newx(before, 1, despatch_signals_proc_t);
  *before = PL_signalhook;
  SAVEDESTRUCTOR_X(restore, before);
  PL_signalhook = later;
}
