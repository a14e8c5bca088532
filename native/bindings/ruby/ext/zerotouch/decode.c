/*
 * A private copy as Ruby data. Nothing in here raises but for lack of memory: what may is called
 * through rb_protect. Shared nodes are remembered, so that identity and cycles are kept.
 */
#include "decode.h"

VALUE zt_fail(zt_decoder *d, ztc_status status, const char *reason) {
  if (d->status == ZTC_OK && d->state == 0) {
    d->status = status;
    d->reason = reason;
  }
  return Qundef;
}

VALUE zt_corrupt(zt_decoder *d) {
  return zt_fail(d, ZTC_CORRUPT, "its bytes are not well formed");
}

VALUE zt_too_deep(zt_decoder *d) {
  return zt_fail(d, ZTC_TOO_DEEP, "it is nested too deeply");
}

/* -------------------------------------------------------------------------------- shared -- */

static uint32_t hold(zt_decoder *d, VALUE value) {
  if (d->values == 0)
    d->values = rb_ary_tmp_new(8);
  rb_ary_push(d->values, value);
  return (uint32_t)RARRAY_LEN(d->values) - 1;
}

static bool remember_at(zt_decoder *d, uint32_t at, VALUE value) {
  if (ztb_seen_find(&d->shared, d->copy.bytes + at) != NULL)
    return true;
  if (ztb_seen_add(&d->shared, d->copy.bytes + at, hold(d, value)))
    return true;
  return zt_fail(d, ZTC_NO_MEMORY, "out of memory") != Qundef;
}

bool zt_remember(zt_decoder *d, const ztb_node *node, VALUE value) {
  const uint32_t alias = d->alias;
  d->alias = ZT_NO_ALIAS;
  if (alias != ZT_NO_ALIAS && !remember_at(d, alias, value))
    return false;
  return (node->flags & ZTB_SHARED) == 0 || remember_at(d, node->at, value);
}

/* ------------------------------------------------------------------------------- scalars -- */

static VALUE latin1(const ztb_text *text) {
  uint32_t high = 0;
  for (uint32_t i = 0; i < text->size; i++)
    high += (uint8_t)text->data[i] >> 7;
  VALUE string = rb_utf8_str_new(NULL, (long)text->size + (long)high);
  uint8_t *out = (uint8_t *)RSTRING_PTR(string);
  for (uint32_t i = 0; i < text->size; i++) {
    const uint8_t c = (uint8_t)text->data[i];
    if (c < 0x80) {
      *out++ = c;
    } else {
      *out++ = (uint8_t)(0xc0 | c >> 6);
      *out++ = (uint8_t)(0x80 | (c & 0x3f));
    }
  }
  ENC_CODERANGE_SET(string, high == 0 ? ENC_CODERANGE_7BIT : ENC_CODERANGE_VALID);
  return string;
}

VALUE zt_text(const ztb_text *text) {
  if (text->kind == ZTC_LATIN1)
    return latin1(text);
  if (text->kind == ZTC_ASCII) {
    uint8_t high = 0;
    for (uint32_t i = 0; i < text->size; i++)
      high |= (uint8_t)text->data[i];
    if (high >= 0x80)
      return 0;
    VALUE string = rb_utf8_str_new(text->data, text->size);
    ENC_CODERANGE_SET(string, ENC_CODERANGE_7BIT);
    return string;
  }
  VALUE string = rb_utf8_str_new(text->data, text->size);
  return rb_enc_str_coderange(string) != ENC_CODERANGE_BROKEN ? string : 0;
}

static VALUE array_value(const zt_decoder *d, const ztb_node *node) {
  VALUE array = rb_ary_new_capa(node->count);
  const uint8_t *p = d->copy.bytes + node->at + ZTB_NODE_HEADER;
  const uint32_t size = ztb_element_size(node->elem);
  for (uint32_t i = 0; i < node->count; i++, p += size) {
    int16_t i16;
    int32_t i32;
    uint64_t wide = 0;
    switch (node->elem) {
      case ZTC_TYPE_I8:
        rb_ary_push(array, INT2FIX((int8_t)*p));
        break;
      case ZTC_TYPE_I16:
        memcpy(&i16, p, sizeof i16);
        rb_ary_push(array, INT2FIX(i16));
        break;
      case ZTC_TYPE_I32:
        memcpy(&i32, p, sizeof i32);
        rb_ary_push(array, INT2FIX(i32));
        break;
      default:
        memcpy(&wide, p, size);
        rb_ary_push(array, node->elem == ZTC_TYPE_I64   ? LL2NUM((int64_t)wide)
                           : node->elem == ZTC_TYPE_F64 ? DBL2NUM(ztb_f64(wide))
                                                        : DBL2NUM(ztb_f32(wide)));
        break;
    }
  }
  return array;
}

/*
 * Small hashes (and arrays) live in Ruby's transient heap, of which a child would write to all that
 * its parent ever used. A table for more entries than those have is malloc's.
 */
enum { NOT_SMALL = 9 };
static VALUE fresh_hash(uint32_t count) {
#if defined(HAVE_RB_HASH_NEW_CAPA)
  if (zt_generation != 0)
    return rb_hash_new_capa(count > NOT_SMALL ? count : NOT_SMALL);
#elif defined(HAVE_RB_HASH_NEW_WITH_SIZE)
  VALUE rb_hash_new_with_size(st_index_t size);
  if (zt_generation != 0)
    return rb_hash_new_with_size(count > NOT_SMALL ? count : NOT_SMALL);
#endif
  return rb_hash_new();
}

/* ------------------------------------------------------------------------------- filling -- */

static inline VALUE value(zt_decoder *d, const ztb_node *holder, uint8_t type, uint64_t slot,
                          uint32_t slot_at, uint32_t depth);

/* A MAP, or a row. */
static bool fill_map(zt_decoder *d, const ztb_node *node, VALUE hash, uint32_t depth) {
  uint32_t at = node->slots;
  for (uint32_t i = 0; i < node->count; i++, at += ZTB_SLOT) {
    const VALUE item = value(d, node, node->types[i], ztb_load64(&d->copy, at), at, depth);
    if (item == Qundef)
      return false;
    const VALUE key = zt_key(d->region, ztb_shape_key(node->shape, i));
    if (key == 0)
      return zt_corrupt(d) != Qundef;
    rb_hash_aset(hash, key, item);
  }
  return true;
}

static bool fill_dict(zt_decoder *d, const ztb_node *node, VALUE hash, uint32_t depth) {
  for (uint32_t i = 0; i < node->count; i++) {
    const uint32_t at = node->slots + 2 * i * ZTB_SLOT;
    ztb_text text;
    if (!ztb_slot_text(&d->copy, node, ztb_load64(&d->copy, at), at, &text)) {
      return zt_corrupt(d) != Qundef;
    }
    const VALUE key = zt_key_of(d->region, &text);
    if (key == 0)
      return zt_corrupt(d) != Qundef;
    const VALUE item = zt_value_at(d, node, i, depth);
    if (item == Qundef)
      return false;
    rb_hash_aset(hash, key, item);
    if (RHASH_SIZE(hash) != i + 1)
      return zt_corrupt(d) != Qundef;
  }
  return true;
}

static bool fill_list(zt_decoder *d, const ztb_node *node, VALUE array, uint32_t depth) {
  uint32_t at = node->slots;
  for (uint32_t i = 0; i < node->count; i++, at += ZTB_SLOT) {
    const VALUE item = value(d, node, ztb_type_at(node, i), ztb_load64(&d->copy, at), at, depth);
    if (item == Qundef)
      return false;
    rb_ary_push(array, item);
  }
  return true;
}

static bool fill_rows(zt_decoder *d, const ztb_node *node, VALUE array, uint32_t depth) {
  if (depth >= ZTC_MAX_DEPTH)
    return zt_too_deep(d) != Qundef;
  for (uint32_t i = 0; i < node->count; i++) {
    ztb_node row;
    ztb_node_row(node, i, &row);
    const VALUE hash = fresh_hash(row.count);
    rb_ary_push(array, hash);
    if (!fill_map(d, &row, hash, depth + 1))
      return false;
  }
  return true;
}

static bool fill(zt_decoder *d, const ztb_node *node, VALUE to, uint32_t depth) {
  switch (node->kind) {
    case ZTB_MAP:
      return fill_map(d, node, to, depth + 1);
    case ZTB_DICT:
      return fill_dict(d, node, to, depth + 1);
    case ZTB_LIST:
      return fill_list(d, node, to, depth + 1);
    case ZTB_EXT:
      return zt_ext_fill(d, node, to, depth);
    default:
      return fill_rows(d, node, to, depth + 1);
  }
}

bool zt_wait(zt_decoder *d, zt_queue *queue, const ztb_node *node, VALUE to, uint32_t depth) {
  if (queue->count == queue->room) {
    const size_t room = queue->room * 2 + 64;
    zt_work *work = realloc(queue->work, room * sizeof *work);
    if (work == NULL)
      return zt_fail(d, ZTC_NO_MEMORY, "out of memory") != Qundef;
    queue->work = work;
    queue->room = room;
  }
  queue->work[queue->count++] = (zt_work){.node = *node, .to = hold(d, to), .depth = depth};
  return true;
}

/* --------------------------------------------------------------------------------- nodes -- */

static VALUE container(zt_decoder *d, const ztb_node *node, uint32_t depth) {
  const bool map = node->kind == ZTB_MAP || node->kind == ZTB_DICT;
  VALUE to = map ? fresh_hash(node->count) : rb_ary_new_capa(node->count);
  if (((node->flags & ZTB_SHARED) != 0 || d->alias != ZT_NO_ALIAS) && !zt_remember(d, node, to)) {
    return Qundef;
  }
  if (node->count == 0)
    return to;
  if (d->now == 0 && d->nested >= ZT_MOST_NESTED)
    return zt_wait(d, &d->waiting, node, to, depth) ? to : Qundef;
  if (d->nested >= ZT_MOST_NESTED_NOW)
    return zt_too_deep(d);
  d->nested++;
  const bool filled = fill(d, node, to, depth);
  d->nested--;
  RB_GC_GUARD(to);
  return filled ? to : Qundef;
}

static VALUE fresh(zt_decoder *d, const ztb_node *node, uint32_t depth) {
  if (!ztb_charge(&d->copy, node->data - node->at))
    return zt_corrupt(d);
  VALUE made;
  switch (node->kind) {
    case ZTB_MAP:
    case ZTB_DICT:
    case ZTB_LIST:
    case ZTB_ROWS:
      return container(d, node, depth);
    case ZTB_ARRAY:
      made = array_value(d, node);
      break;
    default:
      if (d->nested >= ZT_MOST_NESTED * 2)
        return zt_too_deep(d);
      d->nested++;
      made = node->kind == ZTB_EXT ? zt_ext_value(d, node, depth) : zt_value_at(d, node, 0, depth);
      d->nested--;
      break;
  }
  return made != Qundef && zt_remember(d, node, made) ? made : Qundef;
}

static VALUE of_node(zt_decoder *d, const ztb_node *node, uint32_t depth) {
  if (depth > ZTC_MAX_DEPTH)
    return zt_too_deep(d);
  if ((node->flags & ZTB_SHARED) != 0) {
    const uintptr_t *known = ztb_seen_find(&d->shared, d->copy.bytes + node->at);
    if (known != NULL) {
      const VALUE met = RARRAY_AREF(d->values, (long)*known);
      return d->alias == ZT_NO_ALIAS || zt_remember(d, node, met) ? met : Qundef;
    }
  }
  return fresh(d, node, depth);
}

static VALUE target(zt_decoder *d, const ztb_node *holder, uint8_t type, uint64_t slot,
                    uint32_t depth) {
  ztb_node node;
  if (type == ZTB_TYPE_REF) {
    return ztb_node_target(&d->copy, holder, slot, &node) ? of_node(d, &node, 1) : zt_corrupt(d);
  }
  if (slot == 0 && type == ZTC_TYPE_LIST)
    return rb_ary_new();
  if (slot == 0 && type == ZTC_TYPE_MAP)
    return rb_hash_new();
  if (type < ZTC_TYPE_LIST || type > ZTC_TYPE_EXT ||
      !ztb_node_child(&d->copy, holder, type, slot, &node)) {
    return zt_corrupt(d);
  }
  return of_node(d, &node, depth);
}

static inline VALUE value(zt_decoder *d, const ztb_node *holder, uint8_t type, uint64_t slot,
                          uint32_t slot_at, uint32_t depth) {
  ztb_text text;
  const char *bytes;
  uint32_t size;
  VALUE string;
  switch (type) {
    case ZTC_TYPE_STRING:
      if (!ztb_slot_text(&d->copy, holder, slot, slot_at, &text))
        return zt_corrupt(d);
      string = zt_text(&text);
      return string != 0 ? string : zt_corrupt(d);
    case ZTC_TYPE_I8:
    case ZTC_TYPE_I16:
    case ZTC_TYPE_I32:
    case ZTC_TYPE_I64:
      return LL2NUM((int64_t)slot);
    case ZTC_TYPE_F64:
      return DBL2NUM(ztb_f64(slot));
    case ZTC_TYPE_F32:
      return DBL2NUM(ztb_f32(slot));
    case ZTC_TYPE_NULL:
      return Qnil;
    case ZTC_TYPE_BOOL:
      return slot != 0 ? Qtrue : Qfalse;
    case ZTC_TYPE_BYTES:
      return ztb_slot_bytes(&d->copy, holder, slot, &bytes, &size) ? rb_str_new(bytes, size)
                                                                   : zt_corrupt(d);
    default:
      return target(d, holder, type, slot, depth);
  }
}

VALUE zt_value(zt_decoder *d, const ztb_node *holder, uint8_t type, uint64_t slot, uint32_t slot_at,
               uint32_t depth) {
  return value(d, holder, type, slot, slot_at, depth);
}

VALUE zt_value_at(zt_decoder *d, const ztb_node *holder, uint32_t i, uint32_t depth) {
  const uint32_t at = ztb_slot_at(holder, i);
  return value(d, holder, ztb_type_at(holder, i), ztb_load64(&d->copy, at), at, depth);
}

/* --------------------------------------------------------------------------------- public -- */

static VALUE root_value(zt_decoder *d) {
  ztb_node root, row_node;
  uint32_t row;
  if (!ztb_node_root(&d->copy, &root, &row))
    return zt_corrupt(d);
  if (row == 0)
    return of_node(d, &root, 1);
  ztb_node_row(&root, row - 1, &row_node);
  if ((root.flags & ZTB_SHARED) == 0)
    return container(d, &row_node, 2);
  const VALUE list = of_node(d, &root, 1);
  return list == Qundef ? Qundef : rb_ary_entry(list, (long)row - 1);
}

VALUE zt_decode(zt_region *region, const void *copy, uint64_t size, ztc_status *status,
                const char **reason, int *state) {
  zt_decoder d;
  d.region = region;
  d.copy =
      (ztb_copy){.bytes = copy, .size = (uint32_t)size, .budget = size, .schema = &region->schema};
  d.status = ZTC_OK;
  d.reason = NULL;
  d.state = 0;
  d.alias = ZT_NO_ALIAS;
  d.nested = 0;
  d.values = 0;
  ztb_seen_init(&d.shared);
  d.now = 0;
  d.waiting = d.late = (zt_queue){.work = NULL};
  d.again = 0;
  d.hashes = ZT_HASHES + ZT_HASHES_A_BYTE * size;
  d.cycles = 0;

  VALUE result = root_value(&d);
  while (result != Qundef && (d.waiting.count > 0 || d.late.done < d.late.count)) {
    const zt_work work =
        d.waiting.count > 0 ? d.waiting.work[--d.waiting.count] : d.late.work[d.late.done++];
    if (!fill(&d, &work.node, RARRAY_AREF(d.values, (long)work.to), work.depth))
      result = Qundef;
  }
  if (result != Qundef && d.again != 0 && !zt_ext_hash_again(&d))
    result = Qundef;
  free(d.waiting.work);
  free(d.late.work);
  ztb_seen_free(&d.shared);
  RB_GC_GUARD(d.values);
  RB_GC_GUARD(d.again);
  *status = d.status;
  *reason = d.reason;
  *state = d.state;
  return d.status == ZTC_OK && d.state == 0 ? result : Qundef;
}
