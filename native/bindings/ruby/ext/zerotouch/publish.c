/* Live data into a region: one pass that writes the events of the format document, section 8. */
#include "zt.h"

typedef struct publisher {
  ztc_writer *writer;
  ztb_events events;
  ztb_seen labels; /* of this record: address to label */
  ztb_seen keys;   /* a symbol's id to the number of its key */
  const char *path;
  VALUE source;
  VALUE key;   /* nil, or what makes a key of a record */
  VALUE field; /* the text of that key, if each record must have one; or nil */
  unsigned long long records;
  unsigned made_in; /* the writer is that process's */
} publisher;

/* What has a label is kept, and where it is: its address is free for no other. */
static void publisher_mark(void *data) {
  const publisher *p = data;
  rb_gc_mark(p->source);
  rb_gc_mark(p->key);
  rb_gc_mark(p->field);
  for (size_t i = 0; p->labels.used > 0 && i <= p->labels.mask; i++) {
    if (p->labels.entries[i].key != NULL)
      rb_gc_mark((VALUE)p->labels.entries[i].key);
  }
}

static void publisher_end(publisher *p) {
  if (p->made_in == zt_generation)
    ztc_writer_abort(p->writer);
  p->writer = NULL;
  ztb_events_free(&p->events);
  ztb_seen_free(&p->labels);
  ztb_seen_free(&p->keys);
}

static void publisher_free(void *data) {
  publisher_end(data);
  xfree(data);
}

static const rb_data_type_t publisher_type = {
    .wrap_struct_name = "ZeroTouch publisher",
    .function = {.dmark = publisher_mark, .dfree = publisher_free},
};

/* The way to the value being written, for errors. */
typedef struct place {
  const struct place *up;
  VALUE key;  /* Qundef: an element, or no step at all */
  long index; /* -1: no step */
  uint32_t depth;
} place;

static void put_value(publisher *p, const place *at, VALUE value);

/* --------------------------------------------------------------------------------- errors -- */

static void add_steps(VALUE steps, const place *at) {
  if (at->up == NULL)
    return;
  add_steps(steps, at->up);
  if (at->key != Qundef)
    rb_ary_push(steps, at->key);
  if (at->key == Qundef && at->index >= 0)
    rb_ary_push(steps, LONG2NUM(at->index));
}

NORETURN(static void refuse_value(publisher *p, const place *at, VALUE reason));
static void refuse_value(publisher *p, const place *at, VALUE reason) {
  VALUE steps = rb_ary_new();
  add_steps(steps, at);
  rb_exc_raise(rb_funcall(zt_module, rb_intern("_refusal"), 4, rb_filesystem_str_new_cstr(p->path),
                          ULL2NUM(p->records), steps, reason));
}

NORETURN(static void refuse(publisher *p, const place *at, const char *reason));
static void refuse(publisher *p, const place *at, const char *reason) {
  refuse_value(p, at, rb_str_new_cstr(reason));
}

static void check(bool put) {
  if (!put)
    rb_memerror();
}

/* --------------------------------------------------------------------------------- strings -- */

static uint32_t size_of(publisher *p, const place *at, VALUE string) {
  if (RSTRING_LEN(string) > (long)ZTC_MAX_STRING_SIZE)
    refuse(p, at, "a string of 1 GiB or more");
  return (uint32_t)RSTRING_LEN(string);
}

typedef struct conversion {
  VALUE string;
  VALUE utf8;
} conversion;

static VALUE convert(VALUE argument) {
  conversion *c = (conversion *)argument;
  c->utf8 = rb_str_encode(c->string, rb_enc_from_encoding(rb_utf8_encoding()), 0, Qnil);
  return Qnil;
}

static VALUE not_converted(VALUE argument, VALUE error) {
  ((conversion *)argument)->utf8 = Qundef;
  return Qnil;
}

/* Qundef: characters of it have no counterpart, or its encoding no way to UTF-8. */
static VALUE to_utf8(VALUE string) {
  conversion c = {.string = string};
  rb_rescue2(convert, (VALUE)&c, not_converted, (VALUE)&c, rb_eEncodingError, (VALUE)0);
  return c.utf8;
}

/* The string in UTF-8 and its event; Qundef if it cannot be had so. `op` is the event for ASCII. */
static VALUE as_utf8(publisher *p, const place *at, VALUE string, uint8_t op, uint8_t *event) {
  const int encoding = rb_enc_get_index(string);
  if (encoding != rb_utf8_encindex() && encoding != rb_usascii_encindex() &&
      encoding != rb_ascii8bit_encindex()) {
    if (rb_enc_str_coderange(string) == ENC_CODERANGE_BROKEN)
      return Qundef;
    string = to_utf8(string);
    if (string == Qundef)
      return Qundef;
  }
  const int range = rb_enc_str_coderange(string);
  if (range == ENC_CODERANGE_BROKEN ||
      (range != ENC_CODERANGE_7BIT && encoding == rb_ascii8bit_encindex())) {
    return Qundef;
  }
  *event = (uint8_t)(op + (range == ENC_CODERANGE_7BIT ? ZTC_ASCII : ZTC_UTF8));
  (void)size_of(p, at, string);
  return string;
}

static bool put_text(publisher *p, const place *at, VALUE string, uint8_t op) {
  uint8_t event;
  string = as_utf8(p, at, string, op, &event);
  if (string == Qundef)
    return false;
  check(ztb_put_sized(&p->events, event, RSTRING_PTR(string), size_of(p, at, string)));
  RB_GC_GUARD(string);
  return true;
}

/* Whether its characters are no bytes: such a string is text, the others are byte strings. */
static void put_string(publisher *p, const place *at, VALUE string) {
  if (rb_enc_get_index(string) == rb_ascii8bit_encindex()) {
    check(ztb_put_sized(&p->events, ZTB_EVENT_BYTES, RSTRING_PTR(string), size_of(p, at, string)));
  } else if (put_text(p, at, string, ZTB_EVENT_STRING)) {
    return;
  } else if (rb_enc_get(string) == rb_enc_find("UTF-16LE") && RSTRING_LEN(string) % 2 == 0) {
    check(ztb_put_op32(&p->events, ZTB_EVENT_EXT, ZTB_EXT_UTF16) &&
          ztb_put_array(&p->events, ZTC_TYPE_I16, RSTRING_PTR(string), size_of(p, at, string) / 2,
                        2) &&
          ztb_put_op(&p->events, ZTB_EVENT_END));
  } else if (rb_enc_str_coderange(string) == ENC_CODERANGE_BROKEN) {
    refuse_value(p, at,
                 rb_sprintf("a string that is not valid in its encoding, %s,",
                            rb_enc_name(rb_enc_get(string))));
  } else {
    refuse_value(p, at,
                 rb_sprintf("a string that has no counterpart in UTF-8 (%s)",
                            rb_enc_name(rb_enc_get(string))));
  }
}

static void put_symbol(publisher *p, const place *at, VALUE symbol) {
  check(ztb_put_op32(&p->events, ZTB_EVENT_EXT, ZTB_EXT_SYMBOL));
  if (!put_text(p, at, rb_sym2str(symbol), ZTB_EVENT_STRING))
    refuse(p, at, "a symbol of bytes");
  check(ztb_put_op(&p->events, ZTB_EVENT_END));
}

static void put_integer(publisher *p, VALUE integer) {
  uint64_t word;
  const int sign =
      rb_integer_pack(integer, &word, 1, 8, 0, INTEGER_PACK_NATIVE_BYTE_ORDER | INTEGER_PACK_2COMP);
  const bool negative = sign < 0;
  if (sign >= -1 && sign <= 1 && negative == ((int64_t)word < 0)) {
    check(ztb_put_op64(&p->events, ZTB_EVENT_I64, &word));
  } else if (sign == 1) {
    check(ztb_put_op32(&p->events, ZTB_EVENT_EXT, ZTB_EXT_UINT64) &&
          ztb_put_op64(&p->events, ZTB_EVENT_I64, &word) && ztb_put_op(&p->events, ZTB_EVENT_END));
  } else {
    /* Shortest: its magnitude, or that of its complement, and a sign bit. */
    const VALUE magnitude = negative ? rb_funcall(integer, '~', 0) : integer;
    const size_t bits = NUM2SIZET(rb_funcall(magnitude, rb_intern("bit_length"), 0));
    const size_t size = bits / 8 + 1;
    check(ztb_put_op32(&p->events, ZTB_EVENT_EXT, ZTB_EXT_BIG_INTEGER) &&
          ztb_put_op32(&p->events, ZTB_EVENT_BYTES, (uint32_t)size));
    uint8_t *out = ztb_events_room(&p->events, size);
    check(out != NULL);
    rb_integer_pack(integer, out, size, 1, 0, INTEGER_PACK_BIG_ENDIAN | INTEGER_PACK_2COMP);
    check(ztb_put_op(&p->events, ZTB_EVENT_END));
  }
}

/* ------------------------------------------------------------------------------ containers -- */

/* The start of a container; true when a reference to it was all that was needed. */
static bool put_label(publisher *p, const place *at, VALUE value) {
  if (at->depth > ZTC_MAX_DEPTH)
    refuse(p, at, "data nested more than 512 levels deep");
  const void *const address = (const void *)value;
  const uintptr_t *known = ztb_seen_find(&p->labels, address);
  const uint32_t label = known != NULL ? (uint32_t)*known : (uint32_t)p->labels.used;
  if (known == NULL)
    check(ztb_seen_add(&p->labels, address, label));
  check(ztb_put_op32(&p->events, known != NULL ? ZTB_EVENT_REF : ZTB_EVENT_LABEL, label));
  return known != NULL;
}

static void put_elements(publisher *p, const place *at, VALUE array) {
  check(ztb_put_op(&p->events, ZTB_EVENT_LIST));
  for (long i = 0; i < RARRAY_LEN(array); i++) {
    const place inside = {.up = at, .key = Qundef, .index = i, .depth = at->depth + 1};
    put_value(p, &inside, RARRAY_AREF(array, i));
  }
  check(ztb_put_op(&p->events, ZTB_EVENT_END));
}

typedef struct entries {
  publisher *p;
  const place *at;
  enum { STRINGS, SYMBOLS, OTHERS } keys;
} entries;

static int look_at_key(VALUE key, VALUE value, VALUE argument) {
  entries *e = (entries *)argument;
  (void)value;
  uint8_t event;
  const bool symbol = SYMBOL_P(key);
  const VALUE text = symbol ? rb_sym2str(key) : key;
  const bool plain =
      (symbol || (RB_TYPE_P(key, T_STRING) && rb_enc_get_index(key) != rb_ascii8bit_encindex())) &&
      as_utf8(e->p, e->at, text, 0, &event) != Qundef;
  e->keys = !plain ? OTHERS : symbol ? SYMBOLS : STRINGS;
  return plain ? ST_CONTINUE : ST_STOP;
}

/* All strings, or all symbols: a mixture is a map with other keys, whose symbols stay symbols. */
static int count_symbols(VALUE key, VALUE value, VALUE argument) {
  (void)value;
  *(long *)argument += SYMBOL_P(key);
  return ST_CONTINUE;
}

static void put_key(publisher *p, const place *at, VALUE key) {
  if (!SYMBOL_P(key)) {
    if (!put_text(p, at, key, ZTB_EVENT_KEY))
      refuse(p, at, "a key that is not valid");
    return;
  }
  /* Never NULL, and of no other symbol: ids of operators are even as well as odd. */
  const void *const id = (const void *)(uintptr_t)((SYM2ID(key) << 4) | 8);
  const uintptr_t *known = ztb_seen_find(&p->keys, id);
  if (known != NULL) {
    check(ztb_put_op32(&p->events, ZTB_EVENT_USE_KEY, (uint32_t)*known));
    return;
  }
  uint8_t event;
  const VALUE text = as_utf8(p, at, rb_sym2str(key), 0, &event);
  if (text == Qundef)
    refuse(p, at, "a key that is not valid");
  if (p->keys.used < ZTB_MOST_KEYS) {
    check(ztb_put_define_key(&p->events, event, RSTRING_PTR(text), size_of(p, at, text)) &&
          ztb_seen_add(&p->keys, id, p->keys.used));
  } else {
    check(ztb_put_sized(&p->events, (uint8_t)(ZTB_EVENT_KEY + event), RSTRING_PTR(text),
                        size_of(p, at, text)));
  }
}

static int put_entry(VALUE key, VALUE value, VALUE argument) {
  const entries *e = (const entries *)argument;
  const place inside = {
      .up = e->at, .key = key, .index = -1, .depth = e->at->depth + 1 + (e->keys == OTHERS)};
  if (e->keys == OTHERS) {
    put_value(e->p, &inside, key);
  } else {
    put_key(e->p, &inside, key);
  }
  put_value(e->p, &inside, value);
  return ST_CONTINUE;
}

static void put_hash(publisher *p, const place *at, VALUE hash) {
  entries e = {.p = p, .at = at, .keys = STRINGS};
  rb_hash_foreach(hash, look_at_key, (VALUE)&e);
  long symbols = 0;
  if (e.keys != OTHERS)
    rb_hash_foreach(hash, count_symbols, (VALUE)&symbols);
  if (symbols != 0 && symbols != (long)RHASH_SIZE(hash))
    e.keys = OTHERS;
  if (e.keys == OTHERS) {
    check(ztb_put_op32(&p->events, ZTB_EVENT_EXT, ZTB_EXT_MAP) &&
          ztb_put_op(&p->events, ZTB_EVENT_LIST));
  } else {
    check(ztb_put_op(&p->events, ZTB_EVENT_MAP));
  }
  rb_hash_foreach(hash, put_entry, (VALUE)&e);
  check(ztb_put_op(&p->events, ZTB_EVENT_END) &&
        (e.keys != OTHERS || ztb_put_op(&p->events, ZTB_EVENT_END)));
}

static void put_ext(publisher *p, const place *at, uint32_t id, VALUE payload) {
  const place inside = {.up = at, .key = Qundef, .index = -1, .depth = at->depth + 1};
  check(ztb_put_op32(&p->events, ZTB_EVENT_EXT, id));
  put_value(p, &inside, payload);
  check(ztb_put_op(&p->events, ZTB_EVENT_END));
}

/* What the Ruby part makes of a value: its events, an Ext, or a reason why there are none. */
static void put_described(publisher *p, const place *at, VALUE value) {
  VALUE is = rb_funcall(zt_convert, rb_intern("describe"), 1, value);
  if (RB_TYPE_P(is, T_STRING)) {
    check(ztb_put_raw(&p->events, RSTRING_PTR(is), (size_t)RSTRING_LEN(is)));
  } else if (rb_obj_is_kind_of(is, zt_ext_class)) {
    if (put_label(p, at, value))
      return;
    put_ext(p, at, NUM2UINT(rb_funcall(is, rb_intern("id"), 0)),
            rb_funcall(is, rb_intern("payload"), 0));
  } else if (RB_TYPE_P(is, T_ARRAY)) {
    refuse_value(p, at, rb_ary_entry(is, 0));
  } else {
    put_value(p, at, is);
  }
  RB_GC_GUARD(is);
}

static void put_value(publisher *p, const place *at, VALUE value) {
  double number;
  switch (rb_type(value)) {
    case T_NIL:
      check(ztb_put_op(&p->events, ZTB_EVENT_NULL));
      break;
    case T_TRUE:
      check(ztb_put_op(&p->events, ZTB_EVENT_TRUE));
      break;
    case T_FALSE:
      check(ztb_put_op(&p->events, ZTB_EVENT_FALSE));
      break;
    case T_FIXNUM:
    case T_BIGNUM:
      put_integer(p, value);
      break;
    case T_FLOAT:
      number = RFLOAT_VALUE(value);
      check(ztb_put_op64(&p->events, ZTB_EVENT_F64, &number));
      break;
    case T_STRING:
      put_string(p, at, value);
      break;
    case T_SYMBOL:
      put_symbol(p, at, value);
      break;
    case T_ARRAY:
      if (!put_label(p, at, value))
        put_elements(p, at, value);
      break;
    case T_HASH:
      if (!put_label(p, at, value))
        put_hash(p, at, value);
      break;
    default:
      put_described(p, at, value);
      break;
  }
}

/* -------------------------------------------------------------------------------- records -- */

static void feed(publisher *p) {
  ztc_error error;
  if (p->events.size == 0)
    return;
  const ztc_status status = ztc_writer_feed(p->writer, p->events.data, p->events.size, &error);
  p->events.size = 0;
  if (status != ZTC_OK)
    zt_raise_error(&error, p->path, true);
}

static void put_record_key(publisher *p, const place *at, VALUE record) {
  VALUE key = rb_funcall(p->key, rb_intern("call"), 1, record);
  if (NIL_P(key)) {
    if (!NIL_P(p->field))
      refuse_value(p, at, rb_sprintf("a record without the key %" PRIsVALUE, p->field));
    return;
  }
  if (SYMBOL_P(key))
    key = rb_sym2str(key);
  if (RB_INTEGER_TYPE_P(key)) {
    int64_t number;
    const int sign =
        rb_integer_pack(key, &number, 1, 8, 0, INTEGER_PACK_NATIVE_BYTE_ORDER | INTEGER_PACK_2COMP);
    if (sign < -1 || sign > 1 || (sign < 0) != (number < 0)) {
      refuse(p, at, "a record key of more than 64 bits");
    }
    check(ztb_put_op64(&p->events, ZTB_EVENT_RECORD_KEY_I64, &number));
  } else if (!RB_TYPE_P(key, T_STRING)) {
    refuse_value(p, at, rb_sprintf("a record key of class %" PRIsVALUE, rb_obj_class(key)));
  } else if (rb_enc_get_index(key) == rb_ascii8bit_encindex()) {
    check(ztb_put_sized(&p->events, ZTB_EVENT_RECORD_KEY_BYTES, RSTRING_PTR(key),
                        size_of(p, at, key)));
  } else if (!put_text(p, at, key, ZTB_EVENT_RECORD_KEY)) {
    refuse(p, at, "a record key that is not valid in its encoding");
  }
  RB_GC_GUARD(key);
}

static VALUE put_record(RB_BLOCK_CALL_FUNC_ARGLIST(record, argument)) {
  publisher *p = (publisher *)argument;
  const place root = {.key = Qundef, .index = -1, .depth = 1};
  ztb_seen_clear(&p->labels);
  put_value(p, &root, record);
  if (!NIL_P(p->key))
    put_record_key(p, &root, record);
  check(ztb_put_op(&p->events, ZTB_EVENT_END_RECORD));
  p->records++;
  if (p->events.size >= ZTB_FEED_AT)
    feed(p);
  return Qnil;
}

static VALUE run(VALUE argument) {
  publisher *p = (publisher *)argument;
  ztc_error error;
  if (ztc_writer_create(p->path, 0, &p->writer, &error) != ZTC_OK)
    zt_raise_error(&error, p->path, true);
  rb_block_call(p->source, rb_intern("each"), 0, NULL, put_record, (VALUE)p);
  feed(p);
  ztc_writer *writer = p->writer;
  p->writer = NULL;
  if (ztc_writer_publish(writer, &error) != ZTC_OK)
    zt_raise_error(&error, p->path, true);
  return ULL2NUM(p->records);
}

static VALUE end(VALUE argument) {
  publisher_end((publisher *)argument);
  return Qnil;
}

/* _publish(path, source, key, field): what gives a record's key, and what each must have, or nil */
static VALUE publish(VALUE self, VALUE path, VALUE source, VALUE key, VALUE field) {
  publisher *p;
  const char *const name = StringValueCStr(path);
  VALUE holder = TypedData_Make_Struct(0, publisher, &publisher_type, p);
  p->made_in = zt_generation;
  p->path = name;
  p->source = source;
  p->key = key;
  p->field = field;
  ztb_seen_init(&p->labels);
  ztb_seen_init(&p->keys);
  const VALUE count = rb_ensure(run, (VALUE)p, end, (VALUE)p);
  RB_GC_GUARD(path);
  RB_GC_GUARD(holder);
  return count;
}

void zt_publish_init(void) {
  rb_define_singleton_method(zt_module, "_publish", publish, 4);
}
