#include "pageset.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static size_t words_for(size_t pages) {
  return pages / 64 + 1;
}

bool pd_pageset_init(struct pd_pageset *set, size_t pages) {
  set->pages = pages;
  set->count = 0;
  set->words = calloc(words_for(pages), sizeof *set->words);
  return set->words != NULL;
}

void pd_pageset_free(struct pd_pageset *set) {
  free(set->words);
  memset(set, 0, sizeof *set);
}

void pd_pageset_clear(struct pd_pageset *set) {
  if (set->words != NULL)
    memset(set->words, 0, words_for(set->pages) * sizeof *set->words);
  set->count = 0;
}

void pd_pageset_add(struct pd_pageset *set, size_t page) {
  if (page >= set->pages)
    return;
  uint64_t bit = UINT64_C(1) << (page % 64);
  if ((set->words[page / 64] & bit) != 0)
    return;
  set->words[page / 64] |= bit;
  set->count++;
}

void pd_pageset_add_all(struct pd_pageset *set, const struct pd_pageset *other) {
  size_t first = 0;
  size_t length = 0;
  for (size_t at = 0; pd_pageset_next_run(other, at, &first, &length); at = first + length) {
    for (size_t i = 0; i < length; i++)
      pd_pageset_add(set, first + i);
  }
}

bool pd_pageset_has(const struct pd_pageset *set, size_t page) {
  return page < set->pages && (set->words[page / 64] >> (page % 64) & 1) != 0;
}

bool pd_pageset_equal(const struct pd_pageset *a, const struct pd_pageset *b) {
  return a->pages == b->pages && a->count == b->count &&
         memcmp(a->words, b->words, words_for(a->pages) * sizeof *a->words) == 0;
}

size_t pd_pageset_count_in(const struct pd_pageset *set, size_t first, size_t pages) {
  size_t end = pages > set->pages - first ? set->pages : first + pages;
  size_t n = 0;
  for (size_t i = first; i < end; i++)
    n += pd_pageset_has(set, i) ? 1 : 0;
  return n;
}

bool pd_pageset_next_run(const struct pd_pageset *set, size_t from, size_t *first, size_t *length) {
  if (set->words == NULL)
    return false;
  size_t at = from;
  while (at < set->pages && !pd_pageset_has(set, at)) {
    at = set->words[at / 64] == 0 ? (at / 64 + 1) * 64 : at + 1;
  }
  if (at >= set->pages)
    return false;
  size_t end = at;
  while (pd_pageset_has(set, end))
    end++;
  *first = at;
  *length = end - at;
  return true;
}

void pd_pageset_format(const struct pd_pageset *set, char *out, size_t capacity) {
  const size_t tail = 32; /* kept free for "... (n pages)" */
  size_t used = 0;
  size_t first = 0;
  size_t length = 0;
  if (capacity == 0)
    return;
  out[0] = '\0';
  for (size_t at = 0; pd_pageset_next_run(set, at, &first, &length); at = first + length) {
    char run[64];
    int n = length == 1 ? snprintf(run, sizeof run, "%s%zu", used == 0 ? "" : ", ", first)
                        : snprintf(run, sizeof run, "%s%zu-%zu", used == 0 ? "" : ", ", first,
                                   first + length - 1);
    if (n < 0)
      return;
    if (used + (size_t)n + tail >= capacity) {
      snprintf(out + used, capacity - used, " ... (%zu pages)", set->count);
      return;
    }
    memcpy(out + used, run, (size_t)n + 1);
    used += (size_t)n;
  }
}
