#include "heap.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "heap_layout.h"
#include "pagemap.h"

enum { MOST_DEPTH = 512 };

struct frame {
  struct object *container;
  uint32_t filled;
  struct string *key;
};

struct known {
  uint64_t identity;
  struct object *object;
};

struct builder {
  struct pd_heap *heap;
  struct object *root;
  bool full;
  int depth;
  struct frame frames[MOST_DEPTH];
  struct known *known; /* shared containers of this record */
  size_t known_count;
  size_t known_room;
};

/* As malloc hands it out: a size word before, 16-byte steps. */
static void *allocate(struct builder *builder, size_t size) {
  struct pd_heap_private *inside = builder->heap->inside;
  size_t step = (size + 8 + 15) / 16 * 16;
  if (step > builder->heap->arena.size - inside->used) {
    builder->full = true;
    return NULL;
  }
  uint8_t *at = builder->heap->arena.base + inside->used;
  inside->used += step;
  uint64_t word = step;
  memcpy(at, &word, sizeof word);
  return at + 8;
}

static void *new_object(struct builder *builder, size_t size, enum kind kind, uint32_t elements) {
  struct object *object = allocate(builder, size);
  if (object == NULL)
    return NULL;
  *object = (struct object){.references = 1, .kind = (uint16_t)kind, .size = elements};
  builder->heap->objects++;
  return object;
}

static bool put(struct builder *builder, struct object *object) {
  if (object == NULL)
    return false;
  if (builder->depth == 0) {
    builder->root = object;
    return true;
  }
  struct frame *frame = &builder->frames[builder->depth - 1];
  if (frame->filled == frame->container->size)
    return false;
  if (frame->container->kind == MAP) {
    struct map *map = (struct map *)frame->container;
    map->entries[frame->filled++] = (struct entry){frame->key, object};
  } else {
    ((struct list *)frame->container)->items[frame->filled++] = object;
  }
  return true;
}

static uint64_t hash_of(const void *bytes, size_t size) {
  uint64_t hash = UINT64_C(0xCBF29CE484222325);
  for (size_t i = 0; i < size; i++) {
    hash = (hash ^ ((const uint8_t *)bytes)[i]) * UINT64_C(0x100000001B3);
  }
  return hash;
}

static struct string *new_string(struct builder *builder, const void *bytes, size_t size) {
  if (size > UINT32_MAX)
    return NULL;
  struct string *string = new_object(builder, sizeof *string + size + 1, STRING, (uint32_t)size);
  if (string == NULL)
    return NULL;
  string->hash = 0;
  if (size > 0)
    memcpy(string->bytes, bytes, size);
  string->bytes[size] = 0;
  return string;
}

static struct string **key_slot(struct string **keys, size_t slots, uint64_t hash,
                                const void *bytes, size_t size) {
  size_t at = (size_t)hash & (slots - 1);
  while (keys[at] != NULL && (keys[at]->hash != hash || keys[at]->head.size != size ||
                              memcmp(keys[at]->bytes, bytes, size) != 0)) {
    at = (at + 1) & (slots - 1);
  }
  return &keys[at];
}

static bool grow_keys(struct pd_heap_private *inside) {
  size_t slots = inside->key_slots == 0 ? 256 : inside->key_slots * 2;
  struct string **keys = calloc(slots, sizeof *keys);
  if (keys == NULL)
    return false;
  for (size_t i = 0; i < inside->key_slots; i++) {
    struct string *key = inside->keys[i];
    if (key != NULL)
      *key_slot(keys, slots, key->hash, key->bytes, key->head.size) = key;
  }
  free(inside->keys);
  inside->keys = keys;
  inside->key_slots = slots;
  return true;
}

static bool on_null(void *context) {
  struct builder *builder = context;
  builder->heap->inside->nil->references++;
  return put(builder, builder->heap->inside->nil);
}

static bool on_number(void *context, uint64_t bits, bool is_float) {
  struct number *number = new_object(context, sizeof *number, NUMBER, is_float ? 1 : 0);
  if (number == NULL)
    return false;
  number->bits = bits;
  return put(context, &number->head);
}

static bool on_string(void *context, const void *bytes, size_t size) {
  struct string *string = new_string(context, bytes, size);
  return string != NULL && put(context, &string->head);
}

static bool on_key(void *context, const void *bytes, size_t size) {
  struct builder *builder = context;
  struct pd_heap_private *inside = builder->heap->inside;
  if (inside->key_count * 2 >= inside->key_slots && !grow_keys(inside))
    return false;
  uint64_t hash = hash_of(bytes, size);
  struct string **slot = key_slot(inside->keys, inside->key_slots, hash, bytes, size);
  if (*slot == NULL) {
    *slot = new_string(builder, bytes, size);
    if (*slot == NULL)
      return false;
    (*slot)->hash = hash;
    inside->key_count++;
  }
  (*slot)->head.references++;
  builder->frames[builder->depth - 1].key = *slot;
  return true;
}

static bool remember(struct builder *builder, uint64_t identity, struct object *object) {
  if (builder->known_count == builder->known_room) {
    size_t room = builder->known_room == 0 ? 16 : builder->known_room * 2;
    struct known *grown = realloc(builder->known, room * sizeof *grown);
    if (grown == NULL)
      return false;
    builder->known = grown;
    builder->known_room = room;
  }
  object->shared = 1;
  builder->known[builder->known_count++] = (struct known){identity, object};
  return true;
}

static bool on_again(void *context, uint64_t identity, bool *placed) {
  struct builder *builder = context;
  *placed = false;
  for (size_t i = 0; i < builder->known_count && !*placed; i++) {
    if (builder->known[i].identity != identity)
      continue;
    builder->known[i].object->references++;
    *placed = true;
    return put(builder, builder->known[i].object);
  }
  return true;
}

static bool on_begin(void *context, bool is_map, uint64_t count, uint64_t identity) {
  struct builder *builder = context;
  if (builder->depth == MOST_DEPTH || count > UINT32_MAX)
    return false;
  struct object *object = NULL;
  if (is_map) {
    struct map *map = new_object(builder, sizeof *map, MAP, (uint32_t)count);
    if (map == NULL)
      return false;
    map->entries = allocate(builder, (size_t)count * sizeof *map->entries);
    if (map->entries == NULL)
      return false;
    object = &map->head;
  } else {
    struct list *list = new_object(builder, sizeof *list, LIST, (uint32_t)count);
    if (list == NULL)
      return false;
    list->items = allocate(builder, (size_t)count * sizeof *list->items);
    if (list->items == NULL)
      return false;
    object = &list->head;
  }
  if (!put(builder, object) || (identity != 0 && !remember(builder, identity, object)))
    return false;
  builder->frames[builder->depth++] = (struct frame){.container = object};
  return true;
}

static bool on_end(void *context) {
  struct builder *builder = context;
  builder->depth--;
  return true;
}

static const struct pd_events BUILD = {on_null,  on_number, on_string, on_key,
                                       on_again, on_begin,  on_end};

static bool extent(const struct pd_source *source, uint64_t index, uint64_t *offset,
                   uint64_t *size) {
  const struct pd_heap_private *inside = source->state;
  if (index >= source->count)
    return false;
  *offset = inside->starts[index];
  *size = inside->starts[index + 1] - *offset;
  return true;
}

static bool prepare(struct pd_heap *heap, uint64_t records, size_t limit, struct pd_error *error) {
  size_t roots = (size_t)(records + 2) * sizeof(struct object *);
  size_t smallest = roots + 64 * pd_page_size();
  struct builder builder = {.heap = heap};
  heap->inside = calloc(1, sizeof *heap->inside);
  if (heap->inside == NULL)
    return pd_fail(error, "no memory for the control's objects");
  heap->inside->starts = malloc((size_t)(records + 1) * sizeof(uint64_t));
  if (heap->inside->starts == NULL)
    return pd_fail(error, "no memory for the control's objects");
  if (!pd_mapping_reserve(&heap->arena, limit < smallest ? smallest : limit, error))
    return false;
  heap->inside->roots = allocate(&builder, roots);
  heap->inside->nil = new_object(&builder, sizeof(struct number), NIL, 0);
  heap->complete = true;
  return true;
}

/* Cuts the arena down to what is used, on its own pages. */
static bool trim(struct pd_heap *heap, struct pd_error *error) {
  size_t page = pd_page_size();
  size_t before = heap->arena.pages;
  heap->arena.size = heap->inside->used;
  heap->arena.pages = (heap->inside->used + page - 1) / page;
  volatile uint8_t *last = heap->arena.base + heap->arena.pages * page - 1;
  *last = 0;
  size_t rest = (before - heap->arena.pages) * page;
  if (rest == 0 || mprotect(heap->arena.base + heap->arena.pages * page, rest, PROT_NONE) == 0) {
    return true;
  }
  return pd_fail_errno(error, "the control's memory cannot be trimmed");
}

static bool build_all(struct pd_heap *heap, const struct pd_source *source, uint64_t records,
                      pd_mapping_progress *progress, void *context, struct builder *builder,
                      struct pd_error *error) {
  struct pd_buffer buffer = {0};
  bool ok = true;
  uint64_t at = 0;
  for (; ok && at < records; at++) {
    uint64_t bytes = 0;
    heap->inside->starts[at] = heap->inside->used;
    builder->depth = 0;
    builder->known_count = 0;
    builder->root = NULL;
    ok = source->copy(source, at, &buffer, &bytes, error);
    if (!ok)
      break;
    if (!source->walk(source, &buffer, bytes, &BUILD, builder, error)) {
      ok = builder->full;
      heap->complete = false;
      break;
    }
    heap->inside->roots[at] = builder->root;
    if (progress != NULL && at % 4096 == 0)
      progress(context, at, records);
  }
  heap->inside->starts[at] = heap->inside->used;
  heap->index =
      (struct pd_source){.name = "heap", .count = at, .extent = extent, .state = heap->inside};
  source->release((struct pd_source *)(uintptr_t)source, &buffer);
  return ok;
}

bool pd_heap_build(struct pd_heap *heap, const struct pd_source *source, uint64_t records,
                   size_t limit, pd_mapping_progress *progress, void *context,
                   struct pd_error *error) {
  memset(heap, 0, sizeof *heap);
  struct builder *builder = calloc(1, sizeof *builder);
  bool ok = builder != NULL && prepare(heap, records, limit, error);
  if (ok) {
    builder->heap = heap;
    ok = build_all(heap, source, records, progress, context, builder, error) && trim(heap, error);
  }
  if (builder != NULL)
    free(builder->known);
  free(builder);
  if (!ok)
    pd_heap_close(heap);
  return ok;
}

void pd_heap_close(struct pd_heap *heap) {
  pd_mapping_close(&heap->arena);
  if (heap->inside != NULL) {
    free(heap->inside->starts);
    free(heap->inside->keys);
    free(heap->inside);
  }
  memset(heap, 0, sizeof *heap);
}
