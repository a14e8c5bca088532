/*
 * The record under construction: builder calls and event streams both end up here, as one flat
 * list of items in depth-first order with their texts beside it. The tape checks the grammar
 * (what may follow what, balance, depth, labels), brings strings into their narrowest kind, and
 * recognises shapes; the encoder then only lays out.
 *
 * A tape reads its interner and never changes it, has its own memory, and reuses it from record to
 * record. Errors are sticky until ztc__tape_reset. One thread a tape.
 */
#ifndef ZTC_TAPE_H
#define ZTC_TAPE_H

#include "buffer.h"
#include "format.h"
#include "intern.h"
#include "text.h"

/* Item flags */
enum {
  ZTC__ITEM_IMMEDIATE = 1, /* value is the slot */
  ZTC__ITEM_TYPES = 2,     /* the container's node needs type bytes */
  ZTC__ITEM_DICT = 4,      /* a map without shape; value is its number in `dicts` */
  ZTC__ITEM_SHARED_ID = 8, /* a REF to another extent; value is the id. Without: value is a label */
  ZTC__ITEM_ROWS = 16      /* a list to be laid out as ROWS */
};

typedef struct ztc__item {
  uint64_t value; /* slot, or place in `text`, or shape, or ext id */
  uint32_t size;  /* bytes; elements of an array; children of a container */
  uint8_t type;   /* as in a slot: ZTC_TYPE_* or ZTC__TYPE_REF */
  uint8_t kind;   /* of a string; type of the elements of an array, list or dict, of a payload */
  uint8_t flags;
  uint8_t zero;
} ztc__item;

/* A container that is still open. */
typedef struct ztc__frame {
  uint32_t item;
  uint32_t count;    /* values so far */
  uint32_t key_base; /* first key of a map in `keys` */
  uint32_t context;  /* key number + 1 of the nearest map entry around, or 0: predicts keys */
  uint32_t listed;   /* map: keys that were put in `keys` before their values; else 0 */
  uint32_t shape;    /* of a map that has a value for all of them, or ZTC__NONE */
  uint8_t type;
  uint8_t first_type;
  bool mixed;
  bool key_given; /* map: a key waits for its value, or a listed one can take one */
  bool unknown;   /* map: a key has no number */
} ztc__frame;

typedef struct ztc__label {
  uint32_t label;
  uint32_t item;
  bool referenced;
} ztc__label;

/* A map that has no shape yet: its keys and their sorted order. */
typedef struct ztc__dict {
  uint32_t item;
  uint32_t keys;  /* first in `dict_keys` */
  uint32_t order; /* first in `dict_order` */
  uint32_t count;
} ztc__dict;

/* A use of a shared node, and how many containers are around it; where it came to lie is filled in
   by the encoder. */
typedef struct ztc__use {
  uint32_t id;
  uint32_t depth;
  uint32_t node; /* start of the node that holds the slot */
  uint32_t slot;
} ztc__use;

/* Key numbers + 1 that came next the last time: after a key, and first below it. */
typedef struct ztc__hint {
  uint32_t after;
  uint32_t below;
} ztc__hint;

ZTC__DEFINE_STACK(ztc__items, ztc__item);
ZTC__DEFINE_STACK(ztc__map_keys, ztc__map_key);
ZTC__DEFINE_STACK(ztc__labels, ztc__label);
ZTC__DEFINE_STACK(ztc__dicts, ztc__dict);
ZTC__DEFINE_STACK(ztc__uses, ztc__use);
ZTC__DEFINE_STACK(ztc__hints, ztc__hint);

typedef struct ztc__label_slot {
  uint32_t stamp;
  uint32_t number; /* in `labels` */
} ztc__label_slot;

typedef struct ztc__tape {
  const ztc__interner *interner;
  /* What is being built, for messages. */
  uint64_t number;
  bool shared_node;

  ztc_status status;
  ztc_error error;

  ztc__items items;
  ztc__buffer text;
  uint64_t least; /* the record has at least this many bytes */
  uint32_t max_depth;
  uint32_t refs;   /* to labels */
  uint64_t bound;  /* and at most this many, without a graph head */
  bool maybe_rows; /* a list has only maps */
  ztc__uses uses;  /* of shared nodes, in order */
  ztc__labels labels;
  ztc__dicts dicts; /* in the order of their ends */
  ztc__map_keys dict_keys;
  ztc__numbers dict_order;

  ztc__map_keys keys; /* of the open maps */
  ztc__hints hints;
  ztc__label_slot *label_table;
  uint32_t label_mask;
  uint32_t label_stamp;
  uint32_t pending_label;
  bool has_label;
  uint32_t depth;
  ztc__frame frames[ZTC_MAX_DEPTH];
} ztc__tape;

/* `tape` is zeroed by the caller. ztc__tape_free is due afterwards. */
void ztc__tape_init(ztc__tape *tape, const ztc__interner *interner);
void ztc__tape_free(ztc__tape *tape);
/* Begins the record (or shared node) with this number; keeps memory, clears errors. */
void ztc__tape_reset(ztc__tape *tape, uint64_t number, bool shared_node);
/* Whether nothing was put on it since the reset. */
static inline bool ztc__tape_empty(const ztc__tape *tape) {
  return tape->items.count == 0 && !tape->has_label;
}

/* What a key takes in a record at most, which is in a DICT: key slot, order, the key's bytes. */
static inline uint64_t ztc__tape_key_bound(uint32_t size) {
  return ZTC__SLOT_SIZE + 4 + (uint64_t)size;
}

/* A value whose slot is known: null, bool, integers, floats. */
ztc_status ztc__tape_scalar(ztc__tape *tape, uint8_t type, uint64_t slot);
ztc_status ztc__tape_int(ztc__tape *tape, uint32_t type, int64_t value);
ztc_status ztc__tape_string(ztc__tape *tape, const void *text, uint64_t size, uint32_t encoding);
ztc_status ztc__tape_bytes(ztc__tape *tape, const void *data, uint64_t size);
ztc_status ztc__tape_array(ztc__tape *tape, uint32_t element, const void *data, uint64_t count);
/* type: ZTC_TYPE_LIST, MAP or EXT (with its id). */
ztc_status ztc__tape_begin(ztc__tape *tape, uint8_t type, uint32_t id);
ztc_status ztc__tape_end(ztc__tape *tape);
ztc_status ztc__tape_key(ztc__tape *tape, const void *text, uint64_t size, uint32_t encoding);
/* A key already in its narrowest kind, with its number in the interner or ZTC__NONE. */
ztc_status ztc__tape_narrow_key(ztc__tape *tape, const ztc__text *text, uint32_t number);
/* The key with this number in the interner, which has this size and kind. */
ztc_status ztc__tape_known_key(ztc__tape *tape, uint32_t number, uint32_t size, uint8_t kind);
/*
 * Begins a map whose values take these keys in turn, until a key comes in place of a value, or the
 * end. `shape` is the shape of them all, or ZTC__NONE; keys without a number have their place in
 * `texts`. `bound` is what they take at most.
 */
ztc_status ztc__tape_begin_listed(ztc__tape *tape, const ztc__map_key *keys, uint32_t count,
                                  uint32_t shape, uint64_t bound, const uint8_t *texts);
ztc_status ztc__tape_label(ztc__tape *tape, uint32_t label);
ztc_status ztc__tape_ref(ztc__tape *tape, uint32_t label);
ztc_status ztc__tape_shared(ztc__tape *tape, uint32_t id, uint32_t reserved);
/* Checks that exactly one value is there and complete. */
ztc_status ztc__tape_complete(ztc__tape *tape);

/* Makes `status` the tape's error; the message gets its record and path in front. */
__attribute__((cold, format(printf, 3, 4))) ztc_status
ztc__tape_fail(ztc__tape *tape, ztc_status status, const char *format, ...);
ztc_status ztc__tape_no_memory(ztc__tape *tape);

/* Between the tape's own files. Whether a value may come now; and one that no label can name. */
ztc_status ztc__tape_check_value(ztc__tape *tape);
ztc_status ztc__tape_check_plain_value(ztc__tape *tape);
/* Appends a value that may come and that takes `data` bytes and at most `padding` beside its slot.
 */
ztc_status ztc__tape_add(ztc__tape *tape, ztc__item item, uint64_t data, uint64_t padding);
/* Puts the narrowed text behind the end of `to`, which the caller moves if the text is to stay. */
ztc_status ztc__tape_narrow(ztc__tape *tape, ztc__buffer *to, const void *text, uint64_t size,
                            uint32_t encoding, ztc__text *out);
/* tape_ref.c: gives the pending label to the container whose item comes next. */
ztc_status ztc__tape_take_label(ztc__tape *tape);
/* tape_map.c: no more values take listed keys of the innermost container. */
void ztc__tape_leave_list(ztc__tape *tape);
/* tape_map.c: recognises the shape of a map that ends, or keeps its keys in sorted order. */
ztc_status ztc__tape_end_map(ztc__tape *tape, const ztc__frame *frame);
/* tape_map.c: asks the interner for shapes for the maps that have none. To be called record by
   record, in order; everything before needs no order. Errors: NO_MEMORY. */
ztc_status ztc__tape_admit(ztc__tape *tape, ztc__interner *interner);
ztc__text ztc__tape_key_text(const ztc__tape *tape, const ztc__map_key *key);
/* tape_place.c: writes `record 17: $.prefs.score` into buffer, cut with "..." if it is too long. */
void ztc__tape_place(const ztc__tape *tape, char *buffer, size_t capacity);

#endif
