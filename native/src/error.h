/* Filling in a caller's ztc_error. */
#ifndef ZTC_ERROR_H
#define ZTC_ERROR_H

#include "ztc/ztc.h"

/* Fills *error (may be NULL) and returns status, so that callers can `return ztc__fail(…)`. */
__attribute__((cold, format(printf, 4, 5))) ztc_status
ztc__fail(ztc_error *error, ztc_status status, uint64_t offset, const char *format, ...);
/* The same for a failed system call: NOT_FOUND, ACCESS, NO_MEMORY or IO by errnum; the message
   ends with the system's text for it. */
__attribute__((cold, format(printf, 3, 4))) ztc_status
ztc__fail_system(ztc_error *error, int errnum, const char *format, ...);

/*
 * The name of a file as messages show it: in full, or "..." and its end, so that a path of any
 * length leaves room for what went wrong. ZTC__SHOWN's result lives as long as the block around it.
 */
enum { ZTC__SHOWN_ROOM = 104 };
const char *ztc__shown(char room[ZTC__SHOWN_ROOM], const char *name);
#define ZTC__SHOWN(name) ztc__shown((char[ZTC__SHOWN_ROOM]){0}, name)

#endif
