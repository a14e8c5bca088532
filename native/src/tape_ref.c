/* Labels and references of a tape. */
#include "tape.h"

/* The label's slot, or the empty one where it belongs. */
static ztc__label_slot *find(const ztc__tape *tape, uint32_t label) {
  for (uint32_t i = (uint32_t)ztc__secret_hash32(&tape->interner->secret, label);; i++) {
    ztc__label_slot *slot = &tape->label_table[i & tape->label_mask];
    if (slot->stamp != tape->label_stamp)
      return slot;
    if (tape->labels.at[slot->number].label == label)
      return slot;
  }
}

/* Room for one more label, at most half full. Table and labels only hold completed labels here. */
static bool grow(ztc__tape *tape) {
  if (tape->label_table != NULL && tape->labels.count < tape->label_mask / 2)
    return true;
  const uint32_t mask = tape->label_table == NULL ? 63 : tape->label_mask * 2 + 1;
  ztc__label_slot *table = calloc((size_t)mask + 1, sizeof *table);
  if (table == NULL)
    return false;
  free(tape->label_table);
  tape->label_table = table;
  tape->label_mask = mask;
  for (uint32_t i = 0; i < tape->labels.count; i++) {
    *find(tape, tape->labels.at[i].label) = (ztc__label_slot){tape->label_stamp, i};
  }
  return true;
}

ztc_status ztc__tape_label(ztc__tape *tape, uint32_t label) {
  const ztc_status status = ztc__tape_check_value(tape);
  if (status != ZTC_OK)
    return status;
  if (tape->has_label)
    return ztc__tape_fail(tape, ZTC_WRONG_STATE, "two labels for one value");
  if (!grow(tape))
    return ztc__tape_no_memory(tape);
  if (find(tape, label)->stamp == tape->label_stamp) {
    return ztc__tape_fail(tape, ZTC_INVALID_ARGUMENT, "label %u is given twice", label);
  }
  tape->pending_label = label;
  tape->has_label = true;
  return ZTC_OK;
}

ztc_status ztc__tape_take_label(ztc__tape *tape) {
  ztc__label_slot *slot = find(tape, tape->pending_label);
  ztc__label *label = ztc__labels_push(&tape->labels);
  if (label == NULL)
    return ztc__tape_no_memory(tape);
  *label = (ztc__label){.label = tape->pending_label, .item = tape->items.count};
  *slot = (ztc__label_slot){tape->label_stamp, tape->labels.count - 1};
  tape->has_label = false;
  return ZTC_OK;
}

ztc_status ztc__tape_ref(ztc__tape *tape, uint32_t label) {
  const ztc_status status = ztc__tape_check_plain_value(tape);
  if (status != ZTC_OK)
    return status;
  const ztc__label_slot *slot = tape->labels.count == 0 ? NULL : find(tape, label);
  if (slot == NULL || slot->stamp != tape->label_stamp) {
    return ztc__tape_fail(tape, ZTC_INVALID_ARGUMENT, "no container has label %u so far", label);
  }
  const uint32_t number = slot->number;
  tape->labels.at[number].referenced = true;
  tape->refs++;
  return ztc__tape_add(tape, (ztc__item){.value = number, .type = ZTC__TYPE_REF}, 0, 0);
}

ztc_status ztc__tape_shared(ztc__tape *tape, uint32_t id, uint32_t reserved) {
  const ztc_status status = ztc__tape_check_plain_value(tape);
  if (status != ZTC_OK)
    return status;
  if (id >= reserved) {
    return ztc__tape_fail(tape, ZTC_INVALID_ARGUMENT,
                          "shared node %u is not reserved; there are %u", id, reserved);
  }
  if (tape->shared_node && tape->depth == 0) {
    return ztc__tape_fail(tape, ZTC_INVALID_ARGUMENT,
                          "a shared node cannot be just another one; use that one itself");
  }
  ztc__use *use = ztc__uses_push(&tape->uses);
  if (use == NULL)
    return ztc__tape_no_memory(tape);
  *use = (ztc__use){.id = id, .depth = tape->depth};
  return ztc__tape_add(
      tape, (ztc__item){.value = id, .type = ZTC__TYPE_REF, .flags = ZTC__ITEM_SHARED_ID}, 0, 0);
}
