/*
 * A depth-first pass over the nodes of one extent, with its own stack. `cursor` is the first byte
 * that no part has claimed yet: every part must begin exactly there (after zero padding), so no
 * byte is left unchecked and nothing overlaps.
 */
#include "strict.h"

#include <stdlib.h>
#include <string.h>

#include "graph.h"
#include "node.h"
#include "value.h"

typedef struct frame {
  ztc__node node;
  uint32_t next;  /* slot to look at; of a DICT, keys and values count */
  uint32_t least; /* where the references of the node and of what lies in it lead: the first */
  uint32_t most;  /* byte of all, and the end */
} frame;

enum { OUTSIDE = UINT32_MAX }; /* as `most`: behind the end of any extent */

/* A local reference, to be held against the shared nodes once all are known. */
typedef struct local_ref {
  uint32_t slot_at;
  uint32_t target;
  uint32_t extent;
} local_ref;

typedef struct shared_node {
  uint32_t at;
  uint32_t extent;
} shared_node;

struct ztc__checker {
  const ztc_schema *schema;
  uint64_t shared_count;
  frame stack[ZTC_MAX_DEPTH + 1];
  local_ref *refs;
  size_t ref_count, ref_capacity;
  shared_node *shared;
  size_t node_count, node_capacity;
  ztc__outgoing *outgoing; /* as they are met: depth first */
  size_t outgoing_count, outgoing_capacity;
};

typedef struct pass {
  ztc__checker *checker;
  ztc__image image;
  const uint8_t *bytes;
  uint32_t cursor;
  uint32_t depth;  /* of the stack */
  uint32_t levels; /* containers inside each other */
  uint32_t at;     /* for errors */
  const char *what;
  bool is_record;
  bool closed;
} pass;

ztc__checker *ztc__checker_create(const ztc_schema *schema, uint64_t shared_count) {
  ztc__checker *checker = calloc(1, sizeof *checker);
  if (checker == NULL)
    return NULL;
  checker->schema = schema;
  checker->shared_count = shared_count;
  return checker;
}

void ztc__checker_free(ztc__checker *checker) {
  if (checker == NULL)
    return;
  free(checker->refs);
  free(checker->shared);
  free(checker->outgoing);
  free(checker);
}

static ztc_status corrupt(pass *p, uint32_t at, const char *what) {
  p->at = at;
  p->what = what;
  return ZTC_CORRUPT;
}

static bool grow(void **array, size_t *capacity, size_t needed, size_t element) {
  if (needed <= *capacity)
    return true;
  const size_t larger = needed * 2 + 64;
  void *bigger = realloc(*array, larger * element);
  if (bigger == NULL)
    return false;
  *array = bigger;
  *capacity = larger;
  return true;
}

/* Moves the cursor to the next multiple of 8; the bytes between must be zero. */
static ztc_status skip_padding(pass *p) {
  for (; p->cursor % 8 != 0; p->cursor++) {
    if (p->bytes[p->cursor] != 0)
      return corrupt(p, p->cursor, "padding is not zero");
  }
  return ZTC_OK;
}

static bool is_text(const uint8_t *bytes, uint32_t size, uint32_t kind) {
  if (kind == ZTC_ASCII)
    return ztc__is_ascii(bytes, size);
  ztc__key key; /* narrowest kind and well-formedness are what a key needs too */
  return ztc__key_init(&key, (const char *)bytes, size, (ztc_encoding)kind) && key.kind == kind;
}

static ztc_status check_string(pass *p, const ztc__node *node, const ztc__entry *entry) {
  ztc__text text;
  if (ztc__entry_text(entry, node->at, node->end, &text) != ZTC_OK) {
    return corrupt(p, entry->slot_at, "string lies outside its node");
  }
  const bool is_inline =
      text.at == entry->slot_at && entry->slot >> ZTC__STRING_KIND_SHIFT == ZTC__STRING_FORM_INLINE;
  if (is_inline) {
    for (uint32_t i = text.size; i < ZTC__STRING_INLINE_MAX; i++) {
      if (p->bytes[text.at + i] != 0)
        return corrupt(p, text.at + i, "padding is not zero");
    }
  } else {
    if (text.size <= ZTC__STRING_INLINE_MAX) {
      return corrupt(p, entry->slot_at, "short string is not inline");
    }
    if (text.at != p->cursor)
      return corrupt(p, entry->slot_at, "string is out of place");
    p->cursor += text.size;
  }
  if (!is_text(p->bytes + text.at, text.size, text.kind)) {
    return corrupt(p, text.at, "string is ill-formed or not in its narrowest kind");
  }
  return ZTC_OK;
}

static ztc_status check_bytes(pass *p, const ztc__node *node, const ztc__entry *entry) {
  uint32_t from, size;
  if (entry->slot == 0)
    return ZTC_OK;
  if (ztc__entry_bytes(entry, node->at, node->end, &from, &size) != ZTC_OK || size == 0) {
    return corrupt(p, entry->slot_at, "bytes lie outside their node");
  }
  if (from != p->cursor)
    return corrupt(p, entry->slot_at, "bytes are out of place");
  p->cursor += size;
  return ZTC_OK;
}

static void reach(frame *f, uint32_t least, uint32_t most) {
  if (least < f->least)
    f->least = least;
  if (most > f->most)
    f->most = most;
}

/* A reference out of the extent: by id in a shared extent, by distance in a record. */
static ztc_status check_outgoing(pass *p, const ztc__node *node, const ztc__entry *entry) {
  ztc__checker *c = p->checker;
  const ztc__outgoing out = {.node = node->at,
                             .slot = entry->slot_at,
                             .target = node->at + (uint32_t)entry->slot,
                             .extent = (uint32_t)(entry->slot >> 32)};
  if (p->closed)
    return corrupt(p, entry->slot_at, "closed extent references shared ones");
  if (p->is_record != (out.extent != 0))
    return corrupt(p, entry->slot_at, "reference is not of the form for this extent");
  if (!p->is_record && (uint32_t)entry->slot >= c->shared_count)
    return corrupt(p, entry->slot_at, "reference to an unknown shared extent");
  if (!grow((void **)&c->outgoing, &c->outgoing_capacity, c->outgoing_count + 1,
            sizeof *c->outgoing)) {
    return ZTC_NO_MEMORY;
  }
  c->outgoing[c->outgoing_count++] = out;
  c->stack[p->depth - 1].most = OUTSIDE;
  return ZTC_OK;
}

static ztc_status check_ref(pass *p, const ztc__node *node, const ztc__entry *entry) {
  ztc__checker *c = p->checker;
  const int64_t at = (int64_t)node->at + (int32_t)(uint32_t)entry->slot;
  if (entry->slot >> 32 == 0 || at >= (int64_t)p->image.size)
    return check_outgoing(p, node, entry);
  ztc__node target;
  if (ztc__node_target(&p->image, node, entry, &target) != ZTC_OK) {
    return corrupt(p, entry->slot_at, "reference to something that is not a shared node");
  }
  if (!grow((void **)&c->refs, &c->ref_capacity, c->ref_count + 1, sizeof *c->refs)) {
    return ZTC_NO_MEMORY;
  }
  c->refs[c->ref_count++] =
      (local_ref){.slot_at = entry->slot_at, .target = target.at, .extent = target.end - target.at};
  reach(&c->stack[p->depth - 1], target.at, target.end);
  return ZTC_OK;
}

static ztc_status check_scalar(pass *p, const ztc__node *node, const ztc__entry *entry) {
  if (entry->type == ZTC_TYPE_STRING)
    return check_string(p, node, entry);
  if (entry->type == ZTC_TYPE_BYTES)
    return check_bytes(p, node, entry);
  if (!ztc__scalar_is_valid(entry->type, entry->slot))
    return corrupt(p, entry->slot_at, "number does not fit its type");
  return ZTC_OK;
}

/* elem must say what the kind wants: a type that occurs, or nothing. */
static bool elem_is_right(const pass *p, const ztc__node *node) {
  const bool typed = node->kind == ZTC__KIND_MAP || node->kind == ZTC__KIND_ROWS ||
                     (node->flags & ZTC__NODE_TYPES) != 0 ||
                     (node->count == 0 && node->kind != ZTC__KIND_ARRAY);
  if (typed)
    return node->elem == 0;
  if (node->kind != ZTC__KIND_BOX || node->elem <= ZTC_TYPE_BYTES)
    return ztc__is_type(node->elem);
  /* The record is a shared extent: a reference to itself would lead nowhere. */
  return node->elem == ZTC__TYPE_REF && p->is_record && !p->closed && p->depth == 0;
}

static ztc_status check_order(pass *p, const ztc__node *node) {
  const uint64_t order = node->at + ZTC__NODE_HEADER_SIZE + 16ull * node->count;
  ztc_string previous = {0};
  for (uint32_t k = 0; k < node->count; k++) {
    const uint32_t at = (uint32_t)(order + 4ull * k);
    const uint32_t i = ztc__load32(p->image.base, at);
    ztc_string key;
    if (i >= node->count || ztc__map_key(&p->image, node, i, &key) != ZTC_OK) {
      return corrupt(p, at, "order names no key");
    }
    ztc__key last;
    if (k > 0 &&
        (!ztc__key_init(&last, previous.data, previous.size, (ztc_encoding)previous.encoding) ||
         ztc__key_compare(&last, key.encoding, key.data, key.size) >= 0)) {
      return corrupt(p, at, "keys are not in order, or occur twice");
    }
    previous = key;
  }
  return ZTC_OK;
}

/* Containers inside each other that the node stands for: rows are a list and its maps, an array
   holds nothing that could go deeper. */
static uint32_t levels_of(const ztc__node *node) {
  return node->kind == ZTC__KIND_ROWS ? 2 : node->kind == ZTC__KIND_ARRAY ? 0 : 1;
}

/* Opens the node that must begin at the cursor, and pushes it. */
static ztc_status enter(pass *p, const ztc__node *node) {
  if (node->at != p->cursor)
    return corrupt(p, node->at, "node is out of place");
  const uint32_t levels = levels_of(node);
  if (p->levels + levels > ZTC_MAX_DEPTH)
    return corrupt(p, node->at, "nested too deeply");
  if (!elem_is_right(p, node))
    return corrupt(p, node->at + 2, "elem is not what the kind wants");
  if (node->kind == ZTC__KIND_BOX && node->arg != 0) {
    return corrupt(p, node->at + 4, "reserved field is not zero");
  }
  if ((node->flags & ZTC__NODE_SHARED) != 0) {
    ztc__checker *c = p->checker;
    if (!grow((void **)&c->shared, &c->node_capacity, c->node_count + 1, sizeof *c->shared)) {
      return ZTC_NO_MEMORY;
    }
    c->shared[c->node_count++] = (shared_node){.at = node->at, .extent = node->end - node->at};
  }
  p->levels += levels;
  p->checker->stack[p->depth++] = (frame){.node = *node, .least = node->at};
  p->cursor = node->data_at;
  return ZTC_OK;
}

static ztc_status leave(pass *p) {
  const frame *f = &p->checker->stack[p->depth - 1];
  const ztc__node *node = &f->node;
  ztc_status status = ZTC_OK;
  if (node->kind == ZTC__KIND_DICT)
    status = check_order(p, node);
  if (status == ZTC_OK)
    status = skip_padding(p);
  if (status != ZTC_OK)
    return status;
  if (p->cursor != node->end)
    return corrupt(p, p->cursor, "node does not fill its extent");
  const bool leaks = f->least < node->at || f->most > node->end;
  if (((node->flags & ZTC__NODE_CLOSED) != 0) == leaks) {
    return corrupt(p, node->at + 1, "flag CLOSED does not tell the truth");
  }
  p->levels -= levels_of(node);
  p->depth--;
  if (p->depth > 0)
    reach(&p->checker->stack[p->depth - 1], f->least, f->most);
  return ZTC_OK;
}

/* One slot of the innermost node. */
static ztc_status visit(pass *p, frame *f) {
  const ztc__node *node = &f->node;
  ztc__entry entry;
  if (node->kind == ZTC__KIND_ROWS) {
    const uint32_t width = node->shape->count;
    entry = ztc__node_cell(&p->image, node, f->next / width, f->next % width);
  } else if (node->kind == ZTC__KIND_DICT) {
    const uint32_t i = f->next / 2;
    entry = f->next % 2 == 0 ? ztc__node_key_entry(&p->image, node, i)
                             : ztc__node_entry(&p->image, node, i);
  } else {
    entry = ztc__node_entry(&p->image, node, f->next);
  }
  f->next++;
  if (entry.type <= ZTC_TYPE_BYTES)
    return check_scalar(p, node, &entry);
  if (entry.type == ZTC__TYPE_REF)
    return check_ref(p, node, &entry);
  if (!ztc__is_type(entry.type))
    return corrupt(p, entry.slot_at, "unknown type");
  ztc__node child;
  bool empty;
  if (entry.slot == 0 && (entry.type == ZTC_TYPE_LIST || entry.type == ZTC_TYPE_MAP)) {
    return ZTC_OK;
  }
  const ztc_status status = skip_padding(p);
  if (status != ZTC_OK)
    return status;
  if (ztc__node_child(&p->image, node, &entry, &child, &empty) != ZTC_OK || empty) {
    return corrupt(p, entry.slot_at, "child is ill-formed or lies outside its parent");
  }
  const bool is_container =
      child.kind == ZTC__KIND_LIST || ztc__kind_fits(child.kind, ZTC_TYPE_MAP);
  if (is_container && child.count == 0 && (child.flags & ZTC__NODE_SHARED) == 0) {
    return corrupt(p, entry.slot_at, "empty container has a node");
  }
  return enter(p, &child);
}

static uint32_t slots_of(const ztc__node *node) {
  if (node->kind == ZTC__KIND_ARRAY)
    return 0;
  if (node->kind == ZTC__KIND_ROWS)
    return node->count * node->shape->count;
  return node->kind == ZTC__KIND_DICT ? 2 * node->count : node->count;
}

static ztc_status walk(pass *p, const ztc__node *root) {
  ztc_status status = enter(p, root);
  while (status == ZTC_OK && p->depth > 0) {
    frame *f = &p->checker->stack[p->depth - 1];
    status = f->next < slots_of(&f->node) ? visit(p, f) : leave(p);
  }
  return status;
}

/* Every local reference must name a SHARED node with its true extent. Nodes were met in order. */
static ztc_status check_local_refs(pass *p) {
  const ztc__checker *c = p->checker;
  for (size_t i = 0; i < c->ref_count; i++) {
    size_t low = 0, high = c->node_count;
    while (low < high) {
      const size_t middle = low + (high - low) / 2;
      if (c->shared[middle].at < c->refs[i].target) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    if (low == c->node_count || c->shared[low].at != c->refs[i].target ||
        c->shared[low].extent != c->refs[i].extent) {
      return corrupt(p, c->refs[i].slot_at, "reference does not lead to the start of a node");
    }
  }
  return ZTC_OK;
}

static ztc_status check_head(pass *p, ztc__graph_head *head) {
  const ztc_status status = p->is_record
                                ? ztc__graph_record_head(p->image.base, 0, p->image.size, head)
                                : ztc__graph_shared_head(p->image.base, 0, p->image.size, head);
  if (status != ZTC_OK || ztc__load32(p->image.base, ZTC__GRAPH_ROW) != 0)
    return corrupt(p, 0, "graph head is ill-formed");
  if (!p->is_record && (head->shared_count != 0 || head->flat_size != 0))
    return corrupt(p, ZTC__GRAPH_SHARED_COUNT, "reserved field is not zero");
  p->cursor = head->root;
  return ZTC_OK;
}

/* A shared extent lists its references; a record's are held against its list by those who know the
   other extents. */
static ztc_status check_listed_refs(pass *p, const ztc__graph_head *head) {
  const ztc__checker *c = p->checker;
  bool right = c->outgoing_count == head->ref_count &&
               head->root == ZTC__GRAPH_HEAD_SIZE + ZTC__GRAPH_REF_SIZE * head->ref_count;
  for (uint32_t i = 0; i < c->outgoing_count && right; i++) {
    const uint32_t at = ZTC__GRAPH_HEAD_SIZE + ZTC__GRAPH_REF_SIZE * i;
    right = ztc__load32(p->image.base, at) == c->outgoing[i].node &&
            ztc__load32(p->image.base, at + 4) == c->outgoing[i].slot;
  }
  return right ? ZTC_OK
               : corrupt(p, ZTC__GRAPH_HEAD_SIZE,
                         "graph head does not list the references that exist");
}

const ztc__outgoing *ztc__checker_outgoing(const ztc__checker *checker, size_t *count) {
  *count = checker->outgoing_count;
  return checker->outgoing;
}

ztc_status ztc__checker_extent(ztc__checker *checker, const uint8_t *bytes, uint32_t size,
                               bool closed, bool is_record, uint32_t *at, const char **what) {
  checker->ref_count = checker->node_count = checker->outgoing_count = 0;
  pass p = {.checker = checker,
            .image = {.base = ztc__src_of(bytes), .schema = checker->schema, .size = size},
            .bytes = bytes,
            .is_record = is_record,
            .closed = closed,
            .what = "no memory to check it"};
  ztc__graph_head head = {0};
  ztc_status status = closed ? ZTC_OK : check_head(&p, &head);
  ztc__node node;
  if (status == ZTC_OK && ztc__node_open(&p.image, head.root, size, &node) != ZTC_OK) {
    status = corrupt(&p, head.root, "root node is ill-formed");
  }
  if (status == ZTC_OK && !is_record && (node.flags & ZTC__NODE_SHARED) == 0)
    status = corrupt(&p, head.root + 1, "root of a shared extent is not SHARED");
  if (status == ZTC_OK)
    status = walk(&p, &node);
  if (status == ZTC_OK)
    status = check_local_refs(&p);
  if (status == ZTC_OK && !closed && checker->outgoing_count == 0)
    status = corrupt(&p, 0, "extent references no other and is not closed");
  if (status == ZTC_OK && !closed && !is_record)
    status = check_listed_refs(&p, &head);
  *at = p.at;
  *what = p.what;
  return status;
}
