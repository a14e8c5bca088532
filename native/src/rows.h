/*
 * Finds the lists of a complete tape that are to be laid out as ROWS: all their elements are maps
 * of one shape with the same types, and no reference leads to any of them.
 */
#ifndef ZTC_ROWS_H
#define ZTC_ROWS_H

#include "tape.h"

/* A container whose children are being looked at. */
typedef struct ztc__row_frame {
  uint32_t item;
  uint32_t left;   /* children to come */
  uint32_t column; /* of a row: next child */
  uint32_t types;  /* of a list: where its rows' types begin in `types` */
  bool list;       /* may still become ROWS */
  bool first;      /* of a list: no row was seen yet */
  bool row;        /* an element of such a list */
} ztc__row_frame;

typedef struct ztc__rows {
  ztc__buffer types; /* of the first row of each list that is open */
  uint32_t depth;
  ztc__row_frame frames[ZTC_MAX_DEPTH];
} ztc__rows;

/* Sets ZTC__ITEM_ROWS on those lists. O(items). False: out of memory. */
bool ztc__rows_mark(ztc__rows *rows, ztc__tape *tape);
void ztc__rows_free(ztc__rows *rows);

#endif
