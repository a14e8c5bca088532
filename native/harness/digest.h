/* A 64-bit digest of every page, so that changed content is named by page number. */
#ifndef PD_DIGEST_H
#define PD_DIGEST_H

#include <stddef.h>
#include <stdint.h>

/* Fills out[i] with the digest of page i from `base`. Reads only. */
void pd_digest_pages(const void *base, size_t pages, uint64_t *out);

#endif
