#include "holes.h"

#include <stdint.h>
#include <stdlib.h>

/* Another malloc does not tell what it has free, and its holes are left as they are. */
#if defined(__GLIBC__) && (__GLIBC__ > 2 || __GLIBC_MINOR__ >= 33)
#include <malloc.h>
#include <unistd.h>

enum { LARGEST = 64 * 1024, STEP = 16, EXACT = 2048 };

typedef struct filler {
  ztb_filling *all;
  uintptr_t top; /* above it memory was never used */
  size_t left;
} filler;

/* Takes blocks of this size as long as they lie in holes. The last one does not, and is kept as
   well: it would be a hole. */
static void fill(filler *f, size_t size) {
  while (f->left >= size) {
    ztb_filling *block = malloc(size);
    if (block == NULL)
      return;
    f->left -= size;
    block->next = f->all;
    f->all = block;
    if ((uintptr_t)block >= f->top)
      return;
  }
}

ztb_filling *ztb_holes_fill(size_t most) {
  /* Whole pages of holes go back to the kernel: what remains is what a child would share. */
  malloc_trim(0);
  filler f = {.top = (uintptr_t)sbrk(0) - mallinfo2().keepcost, .left = most};
  for (size_t size = LARGEST; size > EXACT; size /= 2)
    fill(&f, size);
  for (size_t size = EXACT; size >= 2 * STEP; size -= STEP)
    fill(&f, size - 8);
  return f.all;
}

#else

ztb_filling *ztb_holes_fill(size_t most) {
  (void)most;
  return NULL;
}

#endif

void ztb_holes_free(ztb_filling *filling) {
  while (filling != NULL) {
    ztb_filling *const next = filling->next;
    free(filling);
    filling = next;
  }
}
