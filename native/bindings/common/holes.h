/*
 * The holes of malloc's heap. A forked child that allocates takes them first, and each one lies in
 * a page that it shares until then. So a parent fills them before it forks.
 */
#ifndef ZTB_HOLES_H
#define ZTB_HOLES_H

#include <stddef.h>

typedef struct ztb_filling {
  struct ztb_filling *next;
} ztb_filling;

/* With glibc 2.33 or newer: fills holes, of at most about `most` bytes together; returns what fills
   them, or NULL. Nothing grows by more than a few hundred kB: what is filled was free. */
ztb_filling *ztb_holes_fill(size_t most);
/* Makes holes of them again. */
void ztb_holes_free(ztb_filling *filling);

#endif
