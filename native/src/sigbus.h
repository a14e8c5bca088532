#ifndef ZTC_SIGBUS_H
#define ZTC_SIGBUS_H

#include <stdbool.h>

/*
 * Does the kernel hand a SIGBUS to this library before anybody else? Not if ztc_sigbus_install was
 * not called, nor if another handler was put, or kept, in front of it. Any thread.
 */
bool ztc__sigbus_is_first(void);

#endif
