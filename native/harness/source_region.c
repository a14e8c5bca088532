/* A region, read through the public C API only. */
#include <stdlib.h>
#include <string.h>

#include "source.h"
#include "ztc/ztc.h"

static bool failed(struct pd_error *error, const char *what, uint64_t index, ztc_status status) {
  return pd_fail(error, "record %llu: %s: %s", (unsigned long long)index, what,
                 ztc_status_text(status));
}

static bool copy(const struct pd_source *source, uint64_t index, struct pd_buffer *buffer,
                 uint64_t *bytes, struct pd_error *error) {
  const ztc_region *region = source->state;
  for (int attempt = 0; attempt < 4; attempt++) {
    uint64_t size = 0;
    ztc_status status =
        ztc_copy(region, index, buffer->data, buffer->capacity, &size, buffer->workspace);
    *bytes = size;
    if (status == ZTC_OK)
      return true;
    if (status == ZTC_BUFFER_TOO_SMALL && size <= ZTC_MAX_RECORD_SIZE) {
      if (!pd_buffer_reserve(buffer, (size_t)size))
        return pd_fail(error, "no memory for a copy");
    } else if (status == ZTC_NEED_WORKSPACE) {
      ztc_workspace *workspace = buffer->workspace;
      status = workspace == NULL ? ztc_workspace_create(size, &workspace)
                                 : ztc_workspace_reserve(workspace, size);
      if (status != ZTC_OK)
        return failed(error, "workspace", index, status);
      buffer->workspace = workspace;
    } else {
      return failed(error, "copy", index, status);
    }
  }
  return pd_fail(error, "record %llu: the copy asks for more room again and again",
                 (unsigned long long)index);
}

static bool extent(const struct pd_source *source, uint64_t index, uint64_t *offset,
                   uint64_t *size) {
  return ztc_region_extent(source->state, index, offset, size) == ZTC_OK;
}

struct walk {
  const struct pd_events *events;
  void *context;
  ztc_status status;
  unsigned depth;
};

static bool value(struct walk *walk, const ztc_value *at);

static bool ok(struct walk *walk, ztc_status status) {
  walk->status = status;
  return status == ZTC_OK;
}

static bool string_value(struct walk *walk, const ztc_value *at) {
  ztc_string text;
  if (!ok(walk, ztc_value_string(at, &text)))
    return false;
  return walk->events->string(walk->context, text.data, text.size);
}

static bool bytes_value(struct walk *walk, const ztc_value *at) {
  const void *data = NULL;
  uint64_t size = 0;
  if (!ok(walk, ztc_value_bytes(at, &data, &size)))
    return false;
  return walk->events->string(walk->context, data, (size_t)size);
}

/* A host with counted objects holds a typed array as one object with a flat body. */
static bool array_value(struct walk *walk, const ztc_value *at) {
  ztc_type element = ZTC_TYPE_NULL;
  const void *data = NULL;
  uint64_t count = 0;
  if (!ok(walk, ztc_value_array(at, &element, &data, &count)))
    return false;
  size_t width = element == ZTC_TYPE_I8                               ? 1
                 : element == ZTC_TYPE_I16                            ? 2
                 : element == ZTC_TYPE_I32 || element == ZTC_TYPE_F32 ? 4
                                                                      : 8;
  return walk->events->string(walk->context, data, (size_t)count * width);
}

static bool container(struct walk *walk, const ztc_value *at, bool is_map) {
  uint64_t count = 0;
  bool shared = false;
  bool placed = false;
  uint64_t identity = ztc_value_identity(at, &shared);
  if (shared && !walk->events->again(walk->context, identity, &placed))
    return false;
  if (placed)
    return true;
  if (!ok(walk, ztc_value_count(at, &count)))
    return false;
  if (!walk->events->begin(walk->context, is_map, count, shared ? identity : 0))
    return false;
  for (uint64_t i = 0; i < count; i++) {
    ztc_value child;
    ztc_string key;
    if (!ok(walk, is_map ? ztc_map_at(at, i, &key, &child) : ztc_list_at(at, i, &child))) {
      return false;
    }
    if (is_map && !walk->events->key(walk->context, key.data, key.size))
      return false;
    if (!value(walk, &child))
      return false;
  }
  return walk->events->end(walk->context);
}

static bool ext_value(struct walk *walk, const ztc_value *at) {
  uint32_t id = 0;
  ztc_value payload;
  return ok(walk, ztc_value_ext(at, &id, &payload)) && value(walk, &payload);
}

static bool number_value(struct walk *walk, const ztc_value *at, ztc_type type) {
  int64_t integer = 0;
  double real = 0;
  bool truth = false;
  uint64_t bits = 0;
  if (type == ZTC_TYPE_F32 || type == ZTC_TYPE_F64) {
    if (!ok(walk, ztc_value_f64(at, &real)))
      return false;
    memcpy(&bits, &real, sizeof bits);
    return walk->events->number(walk->context, bits, true);
  }
  if (type == ZTC_TYPE_BOOL) {
    if (!ok(walk, ztc_value_bool(at, &truth)))
      return false;
    return walk->events->number(walk->context, truth ? 1 : 0, false);
  }
  if (!ok(walk, ztc_value_i64(at, &integer)))
    return false;
  return walk->events->number(walk->context, (uint64_t)integer, false);
}

static bool any_value(struct walk *walk, const ztc_value *at) {
  ztc_type type = ztc_value_type(at);
  switch (type) {
    case ZTC_TYPE_NULL:
      return walk->events->null(walk->context);
    case ZTC_TYPE_STRING:
      return string_value(walk, at);
    case ZTC_TYPE_BYTES:
      return bytes_value(walk, at);
    case ZTC_TYPE_ARRAY:
      return array_value(walk, at);
    case ZTC_TYPE_LIST:
      return container(walk, at, false);
    case ZTC_TYPE_MAP:
      return container(walk, at, true);
    case ZTC_TYPE_EXT:
      return ext_value(walk, at);
    default:
      return number_value(walk, at, type);
  }
}

static bool value(struct walk *walk, const ztc_value *at) {
  if (++walk->depth > ZTC_MAX_DEPTH) {
    walk->status = ZTC_TOO_DEEP;
    return false;
  }
  bool done = any_value(walk, at);
  walk->depth--;
  return done;
}

static bool walk_copy(const struct pd_source *source, const struct pd_buffer *buffer,
                      uint64_t bytes, const struct pd_events *events, void *context,
                      struct pd_error *error) {
  struct walk walk = {.events = events, .context = context, .status = ZTC_OK};
  ztc_value root;
  if (ok(&walk, ztc_value_root(buffer->data, bytes, ztc_region_schema(source->state), &root)) &&
      value(&walk, &root)) {
    return true;
  }
  if (walk.status == ZTC_OK)
    return pd_fail(error, "no memory for the objects");
  return pd_fail(error, "a record cannot be laid out as objects: %s", ztc_status_text(walk.status));
}

static void release(struct pd_source *source, struct pd_buffer *buffer) {
  (void)source;
  free(buffer->data);
  ztc_workspace_free(buffer->workspace);
  memset(buffer, 0, sizeof *buffer);
}

static void close_region(struct pd_source *source) {
  ztc_region_free(source->state);
  memset(source, 0, sizeof *source);
}

bool pd_source_open_region(struct pd_source *source, const struct pd_mapping *mapping,
                           struct pd_error *error) {
  ztc_region *region = NULL;
  ztc_error why = {.status = ZTC_OK};
  if (ztc_region_open_memory(mapping->base, mapping->size, ZTC_OPEN_VERIFY_HEADER, &region, &why) !=
      ZTC_OK) {
    return pd_fail(error, "%s", why.message);
  }
  *source = (struct pd_source){
      .name = "region",
      .count = ztc_region_count(region),
      .copy = copy,
      .extent = extent,
      .walk = walk_copy,
      .release = release,
      .close = close_region,
      .state = region,
  };
  return true;
}
