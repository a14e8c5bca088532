/* Copies of the rarer scalars. All are looked at, and not written to. */
#ifndef ZT_RARE_H
#define ZT_RARE_H

#include "zt.h"

/* A pattern is compiled again: its program has a count of its users. NULL with a reason if it
   cannot be. Compiling one that names a property of a package may call that package, so such a copy
   is empty, and waits in `later` (made when needed) with what to compile it from. */
SV *zt_copy_pattern(pTHX_ SV *from, AV **later, const char **reason);
/* Fills such a copy. Calls Perl code. Croaks. */
void zt_compile_pattern(pTHX_ SV *to, SV *source);
/* Dual values, and strings that are also numbers. `flags` are those of `from`. */
SV *zt_copy_mixed(pTHX_ SV *from, U32 flags);
/* Makes a version string of the copy of one. */
void zt_copy_vstring(pTHX_ SV *from, SV *to);

#endif
