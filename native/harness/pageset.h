/* A set of page numbers of one range of memory, counted from the start of the range. */
#ifndef PD_PAGESET_H
#define PD_PAGESET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pd_pageset {
  uint64_t *words;
  size_t pages; /* the universe: page numbers 0 .. pages - 1 */
  size_t count; /* members */
};

/* Makes an empty set over `pages` pages; false when memory is short. Free with pd_pageset_free. */
bool pd_pageset_init(struct pd_pageset *set, size_t pages);

/* Frees and zeroes; harmless on a zeroed set. */
void pd_pageset_free(struct pd_pageset *set);

void pd_pageset_clear(struct pd_pageset *set);

/* Adds one page; a page outside the universe is ignored. */
void pd_pageset_add(struct pd_pageset *set, size_t page);

void pd_pageset_add_all(struct pd_pageset *set, const struct pd_pageset *other);

bool pd_pageset_has(const struct pd_pageset *set, size_t page);

/* The same universe and the same members. */
bool pd_pageset_equal(const struct pd_pageset *a, const struct pd_pageset *b);

/* Members within [first, first + pages). */
size_t pd_pageset_count_in(const struct pd_pageset *set, size_t first, size_t pages);

/* The next run of consecutive members at or after `from`; false when there is none. */
bool pd_pageset_next_run(const struct pd_pageset *set, size_t from, size_t *first, size_t *length);

/* "2-4, 7, 9-10", cut short with "... (n pages)"; always terminates `out`. */
void pd_pageset_format(const struct pd_pageset *set, char *out, size_t capacity);

#endif
