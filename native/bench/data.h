/* Regions to measure on, built once in a directory and kept there. */
#ifndef ZTC_BENCH_DATA_H
#define ZTC_BENCH_DATA_H

#include <stddef.h>
#include <stdint.h>

#include "ztc/ztc.h"

typedef struct bench_region {
  ztc_region *region;
  char name[64];
  uint64_t count;
  uint64_t *order; /* a random permutation of the indices, repeated as needed */
  size_t order_count;
  uint64_t record_size; /* bytes of a typical copy */
} bench_region;

/* A region of `count` closed records of about `record_size` bytes; size 0: a mix of 64 B, 600 B and
   32 KiB. */
bench_region closed_region(const char *directory, uint64_t record_size, uint64_t count);
/* The same with keys: records of 600 bytes; string i is "user:" and i, or the number i if
 * `numbers`. */
bench_region keyed_region(const char *directory, int numbers, uint64_t count);
enum { BENCH_KEY_SIZE = 32 };
/* Key i of such a region; the text goes to `room`. */
ztc_key bench_key(uint64_t i, int numbers, char room[BENCH_KEY_SIZE]);
/* How the shared nodes of a record are: */
typedef enum graph_kind {
  GRAPH_TOGETHER,  /* written one after the other */
  GRAPH_SCATTERED, /* far from each other in the file */
  GRAPH_CYCLE      /* written one after the other, each with a reference to the next */
} graph_kind;
/* A region whose records of about 600 bytes reference `nodes` (> 0) shared nodes twice each. */
bench_region graph_region(const char *directory, uint32_t nodes, graph_kind kind, uint64_t count);
void release(bench_region *r);
/* Ends the program with a message if the status is not OK. */
void must(ztc_status status, const char *what);
/* Called as ztc_copy is, and does nothing, in two instructions. */
ztc_status not_copied(const ztc_region *region, uint64_t index, void *dst, uint64_t capacity,
                      uint64_t *size, ztc_workspace *workspace);

#endif
