#include "rows.h"

typedef struct finder {
  ztc__rows *rows;
  ztc__tape *tape;
  uint32_t next_label;
} finder;

void ztc__rows_free(ztc__rows *rows) {
  ztc__buffer_free(&rows->types);
}

/* Whether a reference leads to this item. Labels are in the order of their items. */
static bool is_referenced(finder *f, uint32_t item) {
  const ztc__labels *labels = &f->tape->labels;
  while (f->next_label < labels->count && labels->at[f->next_label].item < item)
    f->next_label++;
  return f->next_label < labels->count && labels->at[f->next_label].item == item &&
         labels->at[f->next_label].referenced;
}

static ztc__row_frame *parent_of(const finder *f) {
  return f->rows->depth > 0 ? &f->rows->frames[f->rows->depth - 1] : NULL;
}

/* Can this element of a list that may become ROWS be one of its rows? */
static bool fits(finder *f, const ztc__row_frame *list, uint32_t index) {
  const ztc__item *items = f->tape->items.at;
  const ztc__item *item = &items[index];
  if (item->type != ZTC_TYPE_MAP || (item->flags & ZTC__ITEM_DICT) != 0)
    return false;
  if (is_referenced(f, index))
    return false;
  return list->first || items[list->item + 1].value == item->value; /* the shape */
}

/* Notes the type of a row's child, or compares it with the first row's. */
static void visit_cell(const finder *f, ztc__row_frame *row, uint8_t type) {
  ztc__row_frame *list = row - 1;
  uint8_t *known = f->rows->types.data + list->types + row->column++;
  if (list->first) {
    *known = type;
    f->rows->types.size++;
  } else if (*known != type) {
    list->list = false;
  }
}

static bool push(finder *f, uint32_t index, bool row) {
  const ztc__item *item = &f->tape->items.at[index];
  ztc__row_frame *frame = &f->rows->frames[f->rows->depth++];
  *frame = (ztc__row_frame){.item = index, .left = item->size, .row = row};
  frame->types = (uint32_t)f->rows->types.size;
  frame->list = frame->first = item->type == ZTC_TYPE_LIST;
  return !row || ztc__buffer_reserve(&f->rows->types, item->size);
}

static void pop(const finder *f) {
  const ztc__row_frame *frame = &f->rows->frames[--f->rows->depth];
  if (frame->row)
    f->rows->frames[f->rows->depth - 1].first = false;
  if (frame->list)
    f->tape->items.at[frame->item].flags |= ZTC__ITEM_ROWS;
  if (!frame->row)
    f->rows->types.size = frame->types;
}

bool ztc__rows_mark(ztc__rows *rows, ztc__tape *tape) {
  finder f = {.rows = rows, .tape = tape};
  rows->depth = 0;
  rows->types.size = 0;
  for (uint32_t i = 0; i < tape->items.count; i++) {
    const ztc__item *item = &tape->items.at[i];
    ztc__row_frame *parent = parent_of(&f);
    bool row = false;
    if (parent != NULL) {
      parent->left--;
      if (parent->list)
        row = parent->list = fits(&f, parent, i);
      if (parent->row && parent[-1].list)
        visit_cell(&f, parent, item->type);
    }
    const bool container =
        item->type == ZTC_TYPE_LIST || item->type == ZTC_TYPE_MAP || item->type == ZTC_TYPE_EXT;
    if (container && item->size > 0 && !push(&f, i, row))
      return false;
    while (rows->depth > 0 && rows->frames[rows->depth - 1].left == 0)
      pop(&f);
  }
  return true;
}
