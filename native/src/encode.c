#include "encode.h"

void ztc__encoder_free(ztc__encoder *encoder) {
  ztc__buffer_free(&encoder->out);
  ztc__targets_free(&encoder->targets);
  ztc__patches_free(&encoder->patches);
  ztc__rows_free(&encoder->rows);
}

/* Fills up with zeros to a multiple of 8. */
static inline uint64_t pad(uint8_t *out, uint64_t at) {
  ztc__store64(out + at, 0);
  return ztc__align8(at);
}

static inline void put_header(uint8_t *node, uint8_t kind, uint8_t flags, uint8_t elem,
                              uint32_t arg) {
  ztc__store64(node, (uint64_t)arg << 32 | (uint64_t)elem << 16 | (uint64_t)flags << 8 | kind);
}

/* The label number of the item, if a reference leads to it. Items come in order. */
static inline uint32_t label_of(ztc__encoder *e, uint32_t item) {
  const ztc__labels *labels = &e->tape->labels;
  if (e->next_label == labels->count || labels->at[e->next_label].item != item)
    return ZTC__NONE;
  const uint32_t number = e->next_label++;
  return labels->at[number].referenced ? number : ZTC__NONE;
}

static inline uint8_t shared_flag(const ztc__encoder *e, uint32_t label) {
  const bool root_of_shared = e->depth == 0 && e->tape->shared_node;
  return label != ZTC__NONE || root_of_shared ? ZTC__NODE_SHARED : 0;
}

static inline ztc__open_node *push(ztc__encoder *e, uint64_t parent_slot, uint32_t label,
                                   uint32_t children) {
  ztc__open_node *node = &e->nodes[e->depth++];
  *node = (ztc__open_node){.start = e->at,
                           .slot = e->at + ZTC__NODE_HEADER_SIZE,
                           .parent_slot = parent_slot,
                           .least = INT64_MAX,
                           .left = children,
                           .label = label};
  if (label != ZTC__NONE)
    e->targets.at[label].start = (uint32_t)e->at;
  return node;
}

/* Opens the node of a container; its children follow. */
static void open_container(ztc__encoder *e, const ztc__item *item, uint64_t parent_slot,
                           uint32_t label) {
  uint8_t *out = e->out.data;
  e->at = pad(out, e->at);
  const uint64_t start = e->at;
  uint8_t flags = shared_flag(e, label), kind = ZTC__KIND_LIST, elem = item->kind;
  const bool dict = (item->flags & ZTC__ITEM_DICT) != 0;
  const bool types = (item->flags & ZTC__ITEM_TYPES) != 0;
  if (types)
    flags |= ZTC__NODE_TYPES;
  uint32_t arg = item->size;
  if (item->type == ZTC_TYPE_MAP)
    kind = dict ? ZTC__KIND_DICT : ZTC__KIND_MAP;
  if (item->type == ZTC_TYPE_EXT)
    kind = ZTC__KIND_EXT;
  if (kind == ZTC__KIND_MAP || kind == ZTC__KIND_EXT)
    arg = (uint32_t)item->value;
  ztc__open_node *node = push(e, parent_slot, label, item->size);
  put_header(out + start, kind, flags, elem, arg);
  e->at += ZTC__NODE_HEADER_SIZE + (uint64_t)ZTC__SLOT_SIZE * item->size;
  if (dict) {
    const ztc__dict *entry = &e->tape->dicts.at[item->value];
    e->at += (uint64_t)ZTC__SLOT_SIZE * item->size;
    if (item->size > 0) {
      node->keys = e->tape->dict_keys.at + entry->keys;
      memcpy(out + e->at, e->tape->dict_order.at + entry->order, UINT64_C(4) * item->size);
      e->at += UINT64_C(4) * item->size;
    }
  }
  if (types) {
    node->types = e->at;
    e->at += item->size;
  }
}

/* Opens a list whose elements are rows: their slots, and the types of the first, are its own. */
static void open_rows(ztc__encoder *e, const ztc__item *list, uint64_t parent_slot,
                      uint32_t label) {
  uint8_t *out = e->out.data;
  e->at = pad(out, e->at);
  const ztc__item *first = list + 1;
  const bool types = (first->flags & ZTC__ITEM_TYPES) != 0;
  const uint8_t flags = shared_flag(e, label) | (types ? ZTC__NODE_TYPES : 0);
  ztc__store64(out + e->at, (uint64_t)list->size << 32 | first->value << 16 | (uint64_t)flags << 8 |
                                ZTC__KIND_ROWS);
  ztc__open_node *node = push(e, parent_slot, label, list->size);
  node->rows = true;
  e->at += ZTC__NODE_HEADER_SIZE + (uint64_t)ZTC__SLOT_SIZE * list->size * first->size;
  if (types) {
    node->types = e->at;
    e->at += first->size;
  }
}

/* Opens the next row of the innermost node. */
static void open_row(ztc__encoder *e, const ztc__item *map) {
  ztc__open_node *rows = &e->nodes[e->depth - 1];
  ztc__open_node *row = &e->nodes[e->depth++];
  *row = (ztc__open_node){.start = rows->start,
                          .slot = rows->slot,
                          .types = rows->types,
                          .least = INT64_MAX,
                          .left = map->size,
                          .label = ZTC__NONE,
                          .row = true};
  rows->slot += (uint64_t)ZTC__SLOT_SIZE * map->size;
  rows->types = 0; /* one row writes them */
  rows->left--;
}

/* A string or bytes out of line, at the end of what is laid out. */
static inline void put_data(ztc__encoder *e, const ztc__open_node *node, uint64_t slot,
                            const uint8_t *data, uint32_t size, uint8_t kind) {
  uint8_t *out = e->out.data;
  ztc__store64(out + slot, (uint64_t)kind << ZTC__STRING_KIND_SHIFT |
                               (uint64_t)size << ZTC__STRING_SIZE_SHIFT | (e->at - node->start));
  ztc__copy_slack(out + e->at, data, size);
  e->at += size;
}

static void put_key(ztc__encoder *e, ztc__open_node *node) {
  const ztc__text key = ztc__tape_key_text(e->tape, node->keys++);
  if (key.size > ZTC__STRING_INLINE_MAX) {
    put_data(e, node, node->slot, key.data, key.size, key.kind);
  } else {
    ztc__store64(e->out.data + node->slot, ztc__text_inline(&key));
  }
  node->slot += ZTC__SLOT_SIZE;
}

static void put_array(ztc__encoder *e, const ztc__item *item, uint64_t parent_slot,
                      uint32_t label) {
  uint8_t *out = e->out.data;
  e->at = pad(out, e->at);
  const uint64_t start = e->at;
  const uint64_t size = (uint64_t)item->size * ztc__element_size(item->kind);
  put_header(out + start, ZTC__KIND_ARRAY, ZTC__NODE_CLOSED | shared_flag(e, label), item->kind,
             item->size);
  if (size > 0) {
    ztc__copy_slack(out + start + ZTC__NODE_HEADER_SIZE, e->tape->text.data + item->value, size);
  }
  e->at = pad(out, start + ZTC__NODE_HEADER_SIZE + size);
  const uint32_t extent = (uint32_t)(e->at - start);
  if (label != ZTC__NONE)
    e->targets.at[label] = (ztc__target){(uint32_t)start, extent};
  if (e->depth > 0) {
    const uint64_t offset = start - e->nodes[e->depth - 1].start;
    ztc__store64(out + parent_slot, offset | (uint64_t)extent << 32);
  }
}

static void put_ref(ztc__encoder *e, const ztc__item *item, ztc__open_node *node, uint64_t slot) {
  if (item->flags & ZTC__ITEM_SHARED_ID) {
    ztc__store64(e->out.data + slot, item->value);
    e->next_use->node = (uint32_t)node->start;
    e->next_use++->slot = (uint32_t)slot;
    node->least = -1;
    return;
  }
  const uint32_t label = (uint32_t)item->value;
  const uint32_t target = e->targets.at[label].start;
  ztc__store64(e->out.data + slot, (uint32_t)(target - (uint32_t)node->start));
  e->patches.at[e->patches.count++] = (ztc__patch){slot, label};
  if (target < node->least)
    node->least = target;
}

/* Closes the innermost node, whose children are complete. */
static void close_node(ztc__encoder *e) {
  uint8_t *out = e->out.data;
  const ztc__open_node *node = &e->nodes[--e->depth];
  if (node->row) {
    ztc__open_node *rows = &e->nodes[e->depth - 1];
    if (node->least < rows->least)
      rows->least = node->least;
    return;
  }
  e->at = pad(out, e->at);
  const uint64_t extent = e->at - node->start;
  if (node->least >= (int64_t)node->start)
    out[node->start + 1] |= ZTC__NODE_CLOSED;
  if (node->label != ZTC__NONE)
    e->targets.at[node->label].extent = (uint32_t)extent;
  if (e->depth == 0)
    return;
  ztc__open_node *parent = &e->nodes[e->depth - 1];
  ztc__store64(out + node->parent_slot, (node->start - parent->start) | extent << 32);
  if (node->least < parent->least)
    parent->least = node->least;
}

static void put_item(ztc__encoder *e, uint32_t index) {
  const ztc__item *item = &e->tape->items.at[index];
  ztc__open_node *node = NULL;
  uint64_t slot = 0;
  if (e->depth > 0) {
    node = &e->nodes[e->depth - 1];
    if (node->rows) {
      label_of(e, index); /* a label that nobody references */
      open_row(e, item);
      return;
    }
    if (node->keys != NULL)
      put_key(e, node);
    slot = node->slot;
    node->slot += ZTC__SLOT_SIZE;
    node->left--;
    if (node->types != 0)
      e->out.data[node->types++] = item->type;
  }
  if (item->flags & ZTC__ITEM_IMMEDIATE) {
    ztc__store64(e->out.data + slot, item->value);
  } else if (item->type <= ZTC_TYPE_BYTES) {
    put_data(e, node, slot, e->tape->text.data + item->value, item->size, item->kind);
  } else if (item->type == ZTC__TYPE_REF) {
    put_ref(e, item, node, slot);
  } else {
    const uint32_t label = label_of(e, index);
    if (item->type == ZTC_TYPE_ARRAY) {
      put_array(e, item, slot, label);
    } else if ((item->flags & ZTC__ITEM_ROWS) != 0) {
      open_rows(e, item, slot, label);
    } else if (item->size > 0 || label != ZTC__NONE || e->depth == 0) {
      open_container(e, item, slot, label);
    } else {
      ztc__store64(e->out.data + slot, 0);
    }
  }
}

/*
 * Puts the leaves that come next in the innermost node: numbers, strings, bytes. Most items are
 * such, so where they go is kept in locals meanwhile. Returns the first item that is none.
 */
static uint32_t put_leaves(ztc__encoder *e, uint32_t index) {
  if (e->depth == 0)
    return index;
  ztc__open_node *node = &e->nodes[e->depth - 1];
  if (node->rows || node->keys != NULL)
    return index;
  uint8_t *out = e->out.data;
  const uint8_t *text = e->tape->text.data;
  const ztc__item *item = e->tape->items.at + index;
  const uint64_t start = node->start;
  uint64_t at = e->at, slot = node->slot, types = node->types;
  uint32_t left = node->left;
  for (; left > 0; left--, item++, slot += ZTC__SLOT_SIZE) {
    uint64_t value = item->value;
    if ((item->flags & ZTC__ITEM_IMMEDIATE) == 0) {
      if (item->type > ZTC_TYPE_BYTES)
        break;
      ztc__copy_slack(out + at, text + value, item->size);
      value = (uint64_t)item->kind << ZTC__STRING_KIND_SHIFT |
              (uint64_t)item->size << ZTC__STRING_SIZE_SHIFT | (at - start);
      at += item->size;
    }
    ztc__store64(out + slot, value);
    if (types != 0)
      out[types++] = item->type;
  }
  e->at = at;
  node->slot = slot;
  node->types = types;
  index += node->left - left;
  node->left = left;
  return index;
}

ztc_status ztc__encode(ztc__encoder *e, ztc__tape *tape, uint64_t head) {
  e->tape = tape;
  e->out.size = 0;
  e->targets.count = 0;
  e->patches.count = 0;
  if ((tape->maybe_rows && !ztc__rows_mark(&e->rows, tape)) ||
      !ztc__buffer_reserve(&e->out, head + tape->bound) ||
      !ztc__targets_reserve(&e->targets, tape->labels.count) ||
      !ztc__patches_reserve(&e->patches, tape->refs)) {
    return ztc__tape_no_memory(tape);
  }
  e->closed = head == 0;
  e->root = (uint32_t)head;
  e->at = head;
  e->next_label = 0;
  e->next_use = tape->uses.at;
  e->depth = 0;
  const uint8_t type = tape->items.at[0].type;
  if (type < ZTC_TYPE_LIST || type == ZTC__TYPE_REF) {
    put_header(e->out.data + e->at, ZTC__KIND_BOX, shared_flag(e, ZTC__NONE), type, 0);
    push(e, 0, ZTC__NONE, 1);
    e->at += ZTC__NODE_HEADER_SIZE + ZTC__SLOT_SIZE;
  }
  for (uint32_t i = 0; i < tape->items.count;) {
    const uint32_t next = put_leaves(e, i);
    if (next == i)
      put_item(e, i++);
    i = next > i ? next : i;
    while (e->depth > 0 && e->nodes[e->depth - 1].left == 0)
      close_node(e);
  }
  if (e->at > ZTC_MAX_RECORD_SIZE) {
    return ztc__tape_fail(tape, ZTC_TOO_LARGE, "it takes %llu bytes; the limit is %llu",
                          (unsigned long long)e->at, (unsigned long long)ZTC_MAX_RECORD_SIZE);
  }
  for (uint32_t i = 0; i < e->patches.count; i++) {
    const ztc__patch *patch = &e->patches.at[i];
    ztc__store32(e->out.data + patch->slot + 4, e->targets.at[patch->label].extent);
  }
  e->out.size = e->at;
  return ZTC_OK;
}
