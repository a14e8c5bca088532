/* A worker's reading of counted objects. */
#include <stdlib.h>
#include <string.h>

#include "heap.h"
#include "heap_layout.h"

/* Shared objects met in this visit, by address: a worker's own memory. */
struct memo {
  size_t slots; /* a power of two */
  size_t count;
  const struct object **met;
};

struct visit {
  struct pd_buffer *buffer;
  uint64_t used;
  struct memo memo;
};

static bool append(struct visit *visit, const void *bytes, size_t size) {
  if (!pd_buffer_reserve(visit->buffer, (size_t)visit->used + size))
    return false;
  if (size > 0)
    memcpy(visit->buffer->data + visit->used, bytes, size);
  visit->used += size;
  return true;
}

static size_t slot_of(const struct memo *memo, const struct object *object) {
  size_t at = ((uintptr_t)object >> 4) * (size_t)UINT64_C(0x9E3779B97F4A7C15) & (memo->slots - 1);
  while (memo->met[at] != NULL && memo->met[at] != object)
    at = (at + 1) & (memo->slots - 1);
  return at;
}

static bool grow(struct memo *memo) {
  struct memo larger = {.slots = memo->slots == 0 ? 64 : memo->slots * 2, .count = memo->count};
  larger.met = calloc(larger.slots, sizeof *larger.met);
  if (larger.met == NULL)
    return false;
  for (size_t i = 0; i < memo->slots; i++) {
    if (memo->met[i] != NULL)
      larger.met[slot_of(&larger, memo->met[i])] = memo->met[i];
  }
  free(memo->met);
  *memo = larger;
  return true;
}

/* True with *again set when this object was already copied in this visit. */
static bool meet(struct memo *memo, const struct object *object, bool *again) {
  *again = false;
  if (memo->count * 2 >= memo->slots && !grow(memo))
    return false;
  size_t at = slot_of(memo, object);
  *again = memo->met[at] == object;
  memo->count += *again ? 0 : 1;
  memo->met[at] = object;
  return true;
}

static void take(struct object *object) {
  ++*(volatile uint64_t *)&object->references;
}

static void give_back(struct object *object) {
  --*(volatile uint64_t *)&object->references;
}

static bool copy_object(struct visit *visit, struct object *object);

static bool copy_value(struct visit *visit, struct object *object) {
  bool ok = true;
  switch ((enum kind)object->kind) {
    case NUMBER:
      return append(visit, &((struct number *)object)->bits, sizeof(uint64_t));
    case STRING:
      return append(visit, ((struct string *)object)->bytes, object->size);
    case LIST:
      for (uint32_t i = 0; ok && i < object->size; i++)
        ok = copy_object(visit, ((struct list *)object)->items[i]);
      return ok;
    case MAP:
      for (uint32_t i = 0; ok && i < object->size; i++) {
        struct entry *entry = &((struct map *)object)->entries[i];
        ok = copy_object(visit, &entry->key->head) && copy_object(visit, entry->value);
      }
      return ok;
    case NIL:
      return true;
  }
  return true;
}

static bool copy_object(struct visit *visit, struct object *object) {
  bool again = false;
  take(object);
  bool ok = object->shared == 0 || meet(&visit->memo, object, &again);
  if (ok && !again)
    ok = copy_value(visit, object);
  give_back(object);
  return ok;
}

bool pd_heap_visit(const struct pd_heap *heap, uint64_t index, struct pd_buffer *buffer,
                   uint64_t *bytes) {
  struct visit visit = {.buffer = buffer};
  bool ok = index < heap->index.count && copy_object(&visit, heap->inside->roots[index]);
  free(visit.memo.met);
  *bytes = visit.used;
  return ok;
}
