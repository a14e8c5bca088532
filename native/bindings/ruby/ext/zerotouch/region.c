/* ZeroTouch::Region: records by number and by key. */
#include <pthread.h>

#include "zt.h"

enum { BATCH = 64, BUFFER = 64 * 1024 };

unsigned zt_generation;

static void on_fork(void) {
  zt_generation++;
}

/* -------------------------------------------------------------------------------- object -- */

static void region_mark(void *data) {
  zt_region *region = data;
  if (region->keys == NULL || region->made_in != zt_generation)
    return;
  for (uint32_t i = 0; i < region->schema.key_count; i++) {
    if (region->keys[i] != 0)
      rb_gc_mark(region->keys[i]);
  }
}

static void region_free(void *data) {
  zt_region *region = data;
  ztc_region_free(region->region);
  ztb_schema_free(&region->schema);
  if (region->made_in == zt_generation) { /* else a parent's */
    free(region->keys);
    free(region->buffer);
  }
  free(region->path);
  free(region);
}

static size_t region_size(const void *data) {
  const zt_region *region = data;
  return sizeof *region + BUFFER + region->schema.key_count * sizeof region->keys[0];
}

static const rb_data_type_t region_type = {
    .wrap_struct_name = "ZeroTouch::Region",
    .function = {.dmark = region_mark, .dfree = region_free, .dsize = region_size},
    .flags = RUBY_TYPED_FREE_IMMEDIATELY,
};

static zt_region *region_of(VALUE self) {
  zt_region *region;
  TypedData_Get_Struct(self, zt_region, &region_type, region);
  if (region->region == NULL)
    rb_raise(rb_eArgError, "the region was never opened");
  return region;
}

static VALUE region_allocate(VALUE class) {
  zt_region *region = calloc(1, sizeof *region);
  if (region == NULL)
    rb_memerror();
  return TypedData_Wrap_Struct(class, &region_type, region);
}

/* What a parent made stays where it is. */
static void begin_process(zt_region *region) {
  VALUE *keys = calloc((size_t)region->schema.key_count + 1, sizeof *keys);
  uint8_t *buffer = malloc(BUFFER);
  if (keys == NULL || buffer == NULL) {
    free(keys);
    free(buffer);
    rb_memerror();
  }
  region->keys = keys;
  region->buffer = buffer;
  region->capacity = BUFFER;
  region->buffer_in_use = false;
  region->made_in = zt_generation;
}

VALUE zt_key_of(const zt_region *region, const ztb_text *text) {
  const VALUE string = zt_text(text);
  if (string == 0)
    return 0;
  return region->symbols ? rb_str_intern(string) : rb_str_freeze(string);
}

VALUE zt_make_key(zt_region *region, uint32_t number) {
  if (region->made_in != zt_generation)
    begin_process(region);
  const ztb_text text = ztb_schema_key(&region->schema, number);
  region->keys[number] = zt_key_of(region, &text);
  return region->keys[number];
}

/* _open(path, flags, symbols) of a new object. */
static VALUE region_open(VALUE self, VALUE path, VALUE flags, VALUE symbols) {
  zt_region *region;
  ztc_error error;
  TypedData_Get_Struct(self, zt_region, &region_type, region);
  if (region->region != NULL)
    rb_raise(rb_eArgError, "the region is open");
  const uint32_t bits = NUM2UINT(flags);
  ztc_region *opened;
  /* A region that is cut short is to raise, and not to kill the process. */
  if (ztc_sigbus_install() != ZTC_OK)
    zt_raise(ZTC_IO, "the handler of SIGBUS cannot be installed", StringValueCStr(path));
  if (ztc_region_open(StringValueCStr(path), bits, &opened, &error) != ZTC_OK) {
    zt_raise_error(&error, StringValueCStr(path), false);
  }
  region->path = strdup(StringValueCStr(path));
  if (region->path == NULL || !ztb_schema_read(&region->schema, ztc_region_schema(opened))) {
    ztc_region_free(opened);
    rb_memerror();
  }
  region->region = opened;
  region->symbols = RTEST(symbols);
  begin_process(region);
  return self;
}

/* -------------------------------------------------------------------------------- copying -- */

/* Raises: what was wanted, where, and why not. */
NORETURN(static void fail(const zt_region *region, uint64_t index, const char *path,
                          ztc_status status, const char *reason));
static void fail(const zt_region *region, uint64_t index, const char *path, ztc_status status,
                 const char *reason) {
  char text[600];
  const int used = snprintf(text, sizeof text, "record %llu%s%.200s: %s", (unsigned long long)index,
                            path != NULL ? ", " : "", path != NULL ? path : "",
                            reason != NULL ? reason : ztc_status_text(status));
  if (status == ZTC_OUT_OF_RANGE && path == NULL && used < (int)sizeof text) {
    snprintf(text + used, sizeof text - (size_t)used, " (there are %llu records)",
             (unsigned long long)ztc_region_count(region->region));
  }
  zt_raise(status, text, region->path);
}

/* One record on its way: what has to be given back whatever happens. */
typedef struct one {
  zt_region *region;
  uint64_t index;
  const char *path;
  uint8_t *bytes;
  uint64_t capacity;
  uint64_t size;
  ztc_workspace *workspace;
  bool in_buffer;
} one;

/* Another one is there after a fork under way, by what a copy is made of: then this is a parent's.
 */
static void leave_buffer(zt_region *region, const uint8_t *buffer) {
  if (region->buffer == buffer)
    region->buffer_in_use = false;
}

static ztc_status make_room(one *o) {
  if (o->in_buffer) {
    leave_buffer(o->region, o->bytes);
    o->in_buffer = false;
  } else {
    free(o->bytes);
  }
  o->bytes = malloc(o->size);
  o->capacity = o->bytes != NULL ? o->size : 0;
  return o->bytes != NULL ? ZTC_OK : ZTC_NO_MEMORY;
}

static VALUE copy_one(VALUE argument) {
  one *o = (one *)argument;
  zt_region *region = o->region;
  ztc_error error = {.message = ""};
  ztc_status status;
  for (;;) {
    o->size = 0;
    status = o->path == NULL
                 ? ztc_copy(region->region, o->index, o->bytes, o->capacity, &o->size, o->workspace)
                 : ztc_copy_path(region->region, o->index, o->path, o->bytes, o->capacity, &o->size,
                                 o->workspace, &error);
    if (status == ZTC_BUFFER_TOO_SMALL && o->size > o->capacity) {
      status = make_room(o);
    } else if (status == ZTC_NEED_WORKSPACE) {
      status = o->workspace == NULL ? ztc_workspace_create(o->size, &o->workspace)
                                    : ztc_workspace_reserve(o->workspace, o->size);
    } else {
      break;
    }
    if (status != ZTC_OK)
      break;
  }
  const char *reason = error.message[0] != '\0' ? error.message : NULL;
  if (status == ZTC_OK) {
    int state;
    const VALUE result = zt_decode(region, o->bytes, o->size, &status, &reason, &state);
    if (state != 0)
      rb_jump_tag(state);
    if (result != Qundef)
      return result;
  }
  fail(region, o->index, o->path, status, reason);
}

static VALUE end_one(VALUE argument) {
  one *o = (one *)argument;
  ztc_workspace_free(o->workspace);
  if (o->in_buffer) {
    leave_buffer(o->region, o->bytes);
  } else {
    free(o->bytes);
  }
  return Qnil;
}

static VALUE record(zt_region *region, uint64_t index, const char *path) {
  if (region->made_in != zt_generation)
    begin_process(region);
  one o = {.region = region, .index = index, .path = path};
  /* In use: further up in this thread, or by another one, which was decoding and ran Ruby code. */
  if (!region->buffer_in_use) {
    region->buffer_in_use = o.in_buffer = true;
    o.bytes = region->buffer;
    o.capacity = region->capacity;
  }
  return rb_ensure(copy_one, (VALUE)&o, end_one, (VALUE)&o);
}

/* ---------------------------------------------------------------------------------- methods -- */

/* A number as an index; false if no record has it. */
static bool to_index(const zt_region *region, VALUE number, uint64_t *index) {
  const VALUE integer = rb_to_int(number);
  if (!FIXNUM_P(integer))
    return false;
  const long value = FIX2LONG(integer);
  const uint64_t count = ztc_region_count(region->region);
  if (value < 0 && (uint64_t)-value > count)
    return false;
  *index = value < 0 ? count - (uint64_t)-value : (uint64_t)value;
  return *index < count;
}

static VALUE region_count(VALUE self) {
  return ULL2NUM(ztc_region_count(region_of(self)->region));
}

static VALUE region_record(VALUE self, VALUE number) {
  zt_region *region = region_of(self);
  uint64_t index;
  if (!to_index(region, number, &index)) {
    const ztc_status state = ztc_region_state(region->region);
    if (state != ZTC_OK)
      zt_raise(state, ztc_status_text(state), region->path);
    return Qnil;
  }
  return record(region, index, NULL);
}

/* self[index]; whatever else Array#[] takes is for Ruby. */
static VALUE region_at(int count, VALUE *arguments, VALUE self) {
  if (count == 1 && FIXNUM_P(arguments[0]))
    return region_record(self, arguments[0]);
  return rb_funcallv(self, rb_intern("_at"), count, arguments);
}

static VALUE region_copy_path(VALUE self, VALUE number, VALUE path) {
  zt_region *region = region_of(self);
  uint64_t index;
  const char *text = StringValueCStr(path);
  if (!to_index(region, number, &index)) {
    rb_raise(rb_eIndexError, "%s: there is no record %" PRIsVALUE, region->path, number);
  }
  const VALUE result = record(region, index, text);
  RB_GC_GUARD(path);
  return result;
}

/* A batch on its way. */
typedef struct batch {
  zt_region *region;
  uint8_t *bytes; /* the region's buffer */
  const uint64_t *indices;
  size_t count;
  VALUE out;
} batch;

static VALUE copy_batch(VALUE argument) {
  const batch *b = (const batch *)argument;
  zt_region *region = b->region;
  uint64_t offsets[BATCH + 1];
  size_t done = 0;
  const ztc_status status = ztc_copy_batch(region->region, b->indices, b->count, b->bytes,
                                           region->capacity, offsets, &done, NULL);
  for (size_t i = 0; i < done; i++) {
    ztc_status decoded;
    const char *reason;
    int state;
    const VALUE item = zt_decode(region, b->bytes + offsets[i], offsets[i + 1] - offsets[i],
                                 &decoded, &reason, &state);
    if (state != 0)
      rb_jump_tag(state);
    if (item == Qundef)
      fail(region, b->indices[i], NULL, decoded, reason);
    rb_ary_push(b->out, item);
  }
  return SIZET2NUM(status == ZTC_OK ? done : done | (size_t)1 << 32);
}

static VALUE end_batch(VALUE argument) {
  const batch *b = (const batch *)argument;
  leave_buffer(b->region, b->bytes);
  return Qnil;
}

/* values_at(*indices); nil for those that no record has. */
static VALUE region_values_at(int count, VALUE *numbers, VALUE self) {
  zt_region *region = region_of(self);
  VALUE out = rb_ary_new_capa(count);
  for (int from = 0; from < count;) {
    uint64_t indices[BATCH];
    size_t some = 0;
    while (some < BATCH && from + (int)some < count &&
           to_index(region, numbers[from + (int)some], &indices[some])) {
      some++;
    }
    if (region->made_in != zt_generation)
      begin_process(region);
    if (some < 2 || region->buffer_in_use) {
      rb_ary_push(out, region_record(self, numbers[from]));
      from++;
      continue;
    }
    region->buffer_in_use = true;
    batch b = {
        .region = region, .bytes = region->buffer, .indices = indices, .count = some, .out = out};
    const size_t done = NUM2SIZET(rb_ensure(copy_batch, (VALUE)&b, end_batch, (VALUE)&b));
    from += (int)(uint32_t)done;
    if (done >> 32 != 0) { /* the one in the way: alone, with all it needs, or with its error */
      rb_ary_push(out, region_record(self, numbers[from]));
      from++;
    }
  }
  return out;
}

/* _index_of(key): nil if no record has it. */
static VALUE region_index_of(VALUE self, VALUE key) {
  zt_region *region = region_of(self);
  ztc_key sought = {.type = ZTC_KEY_STRING, .encoding = ZTC_UTF8};
  if (SYMBOL_P(key))
    key = rb_sym2str(key);
  if (RB_INTEGER_TYPE_P(key)) {
    if (!FIXNUM_P(key) && rb_absint_size(key, NULL) > 8)
      return Qnil;
    int64_t number;
    const int sign =
        rb_integer_pack(key, &number, 1, 8, 0, INTEGER_PACK_NATIVE_BYTE_ORDER | INTEGER_PACK_2COMP);
    if (sign < -1 || sign > 1 || (sign < 0) != (number < 0))
      return Qnil;
    sought = (ztc_key){.type = ZTC_KEY_I64, .number = number};
  } else {
    StringValue(key);
    if (rb_enc_get_index(key) == rb_ascii8bit_encindex()) {
      sought.type = ZTC_KEY_BYTES;
    } else {
      key = rb_str_export_to_enc(key, rb_utf8_encoding());
    }
    sought.data = RSTRING_PTR(key);
    sought.size = (uint64_t)RSTRING_LEN(key);
  }
  uint64_t index;
  const ztc_status status = ztc_index_of(region->region, &sought, &index);
  RB_GC_GUARD(key);
  if (status == ZTC_OK)
    return ULL2NUM(index);
  if (status == ZTC_NO_SUCH_KEY)
    return Qnil;
  zt_raise(status, ztc_status_text(status), region->path);
}

static VALUE region_verify(VALUE self) {
  zt_region *region = region_of(self);
  ztc_error error;
  if (ztc_region_validate(region->region, &error) != ZTC_OK)
    zt_raise_error(&error, region->path, false);
  return self;
}

static VALUE region_close(VALUE self) {
  ztc_region_close(region_of(self)->region);
  return Qnil;
}

static VALUE region_closed(VALUE self) {
  return ztc_region_state(region_of(self)->region) == ZTC_OK ? Qfalse : Qtrue;
}

static VALUE region_path(VALUE self) {
  return rb_filesystem_str_new_cstr(region_of(self)->path);
}

static VALUE region_initialize_copy(VALUE self, VALUE other) {
  rb_raise(rb_eTypeError, "a region cannot be duplicated; open its path again");
}

void zt_region_init(void) {
  pthread_atfork(NULL, NULL, on_fork);
  VALUE class = rb_define_class_under(zt_module, "Region", rb_cObject);
  rb_define_alloc_func(class, region_allocate);
  rb_define_private_method(class, "initialize_copy", region_initialize_copy, 1);
  rb_define_private_method(class, "_open", region_open, 3);
  rb_define_private_method(class, "_index_of", region_index_of, 1);
  rb_define_private_method(class, "_record", region_record, 1);
  rb_define_method(class, "[]", region_at, -1);
  rb_define_method(class, "size", region_count, 0);
  rb_define_method(class, "copy_path", region_copy_path, 2);
  rb_define_method(class, "values_at", region_values_at, -1);
  rb_define_method(class, "verify", region_verify, 0);
  rb_define_method(class, "close", region_close, 0);
  rb_define_method(class, "closed?", region_closed, 0);
  rb_define_method(class, "path", region_path, 0);
}
