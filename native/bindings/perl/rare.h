/* Copies of the rarer scalars. All are looked at, and not written to. */
#ifndef ZT_RARE_H
#define ZT_RARE_H

#include "zt.h"

/* A pattern is compiled again: its program has a count of its users. NULL with a reason if it
   cannot be. */
SV *zt_copy_pattern(pTHX_ SV *from, const char **reason);
/* Dual values, and strings that are also numbers. `flags` are those of `from`. */
SV *zt_copy_mixed(pTHX_ SV *from, U32 flags);
/* Makes a version string of the copy of one. */
void zt_copy_vstring(pTHX_ SV *from, SV *to);

#endif
