#include "writer.h"

#include "crc32c.h"
#include "error.h"

static ztc_status start(ztc_writer *writer, const char *path, ztc_error *error) {
  if (!ztc__intern_init(&writer->interner)) {
    return ztc__fail(error, ZTC_NO_MEMORY, ZTC_NO_OFFSET, "out of memory");
  }
  int fd;
  ztc_status status = ztc__staging_open(&writer->staging, path, &fd, error);
  if (status != ZTC_OK) {
    writer->file.fd = fd;
    return status;
  }
  status = ztc__spill_open(&writer->file, fd, ZTC__SPILL_REGION, error);
  writer->file.durable = true;
  if (status == ZTC_OK)
    status = ztc__staging_side_file(&writer->staging, &fd, error);
  if (status == ZTC_OK)
    status = ztc__spill_open(&writer->index, fd, ZTC__SPILL_SIDE, error);
  static const uint8_t room[ZTC__RECORDS_OFFSET];
  if (status == ZTC_OK)
    status = ztc__spill_append(&writer->file, room, sizeof room, error);
  return status;
}

ztc_status ztc_writer_create(const char *path, uint32_t flags, ztc_writer **out, ztc_error *error) {
  if (out == NULL)
    return ztc__fail(error, ZTC_INVALID_ARGUMENT, ZTC_NO_OFFSET, "out is NULL");
  *out = NULL;
  if (path == NULL || flags != 0) {
    return ztc__fail(error, ZTC_INVALID_ARGUMENT, ZTC_NO_OFFSET,
                     path == NULL ? "path is NULL" : "unknown flags");
  }
  ztc_writer *writer = calloc(1, sizeof *writer);
  if (writer == NULL)
    return ztc__fail(error, ZTC_NO_MEMORY, ZTC_NO_OFFSET, "out of memory");
  writer->staging.directory = -1;
  writer->file.fd = writer->index.fd = writer->shared_extents.fd = writer->keys.file.fd = -1;
  ztc__tape_init(&writer->tape, &writer->interner);
  writer->tape.error.offset = ZTC_NO_OFFSET;
  const ztc_status status = start(writer, path, error);
  if (status != ZTC_OK) {
    ztc_writer_abort(writer);
    return status;
  }
  *out = writer;
  return ZTC_OK;
}

ztc_status ztc_writer_access(ztc_writer *writer, uint32_t mode, uint32_t owner, uint32_t group,
                             ztc_error *error) {
  if (writer == NULL || (mode != ZTC_KEEP && (mode > 0777 || (mode & 02) != 0))) {
    return ztc__fail(error, ZTC_INVALID_ARGUMENT, ZTC_NO_OFFSET,
                     writer == NULL ? "writer is NULL"
                                    : "a region's mode has nine bits and lets the world not write");
  }
  writer->staging.access = (ztc__access){.mode = mode, .owner = owner, .group = group};
  return ztc__staging_set_owner(&writer->staging, writer->file.fd, error);
}

void ztc_writer_abort(ztc_writer *writer) {
  if (writer == NULL)
    return;
  ztc__staging_close(&writer->staging);
  ztc__spill_close(&writer->file);
  ztc__spill_close(&writer->index);
  ztc__spill_close(&writer->shared_extents);
  ztc__intern_free(&writer->interner);
  ztc__tape_free(&writer->tape);
  ztc__encoder_free(&writer->encoder);
  ztc__keybook_free(&writer->keybook);
  ztc__shared_free(&writer->shared);
  ztc__key_log_free(&writer->keys);
  free(writer);
}

ztc_status ztc_writer_null(ztc_writer *writer) {
  if (writer == NULL)
    return ZTC_INVALID_ARGUMENT;
  return ztc__tape_scalar(&writer->tape, ZTC_TYPE_NULL, 0);
}

ztc_status ztc_writer_bool(ztc_writer *writer, bool value) {
  if (writer == NULL)
    return ZTC_INVALID_ARGUMENT;
  return ztc__tape_scalar(&writer->tape, ZTC_TYPE_BOOL, value);
}

ztc_status ztc_writer_int(ztc_writer *writer, ztc_type type, int64_t value) {
  if (writer == NULL)
    return ZTC_INVALID_ARGUMENT;
  return ztc__tape_int(&writer->tape, type, value);
}

ztc_status ztc_writer_f32(ztc_writer *writer, float value) {
  if (writer == NULL)
    return ZTC_INVALID_ARGUMENT;
  uint32_t bits;
  memcpy(&bits, &value, sizeof bits);
  return ztc__tape_scalar(&writer->tape, ZTC_TYPE_F32, bits);
}

ztc_status ztc_writer_f64(ztc_writer *writer, double value) {
  if (writer == NULL)
    return ZTC_INVALID_ARGUMENT;
  uint64_t bits;
  memcpy(&bits, &value, sizeof bits);
  return ztc__tape_scalar(&writer->tape, ZTC_TYPE_F64, bits);
}

ztc_status ztc_writer_string(ztc_writer *writer, const void *text, uint64_t size,
                             ztc_encoding encoding) {
  if (writer == NULL)
    return ZTC_INVALID_ARGUMENT;
  return ztc__tape_string(&writer->tape, text, size, encoding);
}

ztc_status ztc_writer_bytes(ztc_writer *writer, const void *data, uint64_t size) {
  if (writer == NULL)
    return ZTC_INVALID_ARGUMENT;
  return ztc__tape_bytes(&writer->tape, data, size);
}

ztc_status ztc_writer_array(ztc_writer *writer, ztc_type element, const void *data,
                            uint64_t count) {
  if (writer == NULL)
    return ZTC_INVALID_ARGUMENT;
  return ztc__tape_array(&writer->tape, element, data, count);
}

ztc_status ztc_writer_begin_list(ztc_writer *writer) {
  if (writer == NULL)
    return ZTC_INVALID_ARGUMENT;
  return ztc__tape_begin(&writer->tape, ZTC_TYPE_LIST, 0);
}

ztc_status ztc_writer_begin_map(ztc_writer *writer) {
  if (writer == NULL)
    return ZTC_INVALID_ARGUMENT;
  return ztc__tape_begin(&writer->tape, ZTC_TYPE_MAP, 0);
}

ztc_status ztc_writer_key(ztc_writer *writer, const void *text, uint64_t size,
                          ztc_encoding encoding) {
  if (writer == NULL)
    return ZTC_INVALID_ARGUMENT;
  return ztc__tape_key(&writer->tape, text, size, encoding);
}

ztc_status ztc_writer_begin_ext(ztc_writer *writer, uint32_t id) {
  if (writer == NULL)
    return ZTC_INVALID_ARGUMENT;
  return ztc__tape_begin(&writer->tape, ZTC_TYPE_EXT, id);
}

ztc_status ztc_writer_end(ztc_writer *writer) {
  if (writer == NULL)
    return ZTC_INVALID_ARGUMENT;
  return ztc__tape_end(&writer->tape);
}

ztc_status ztc_writer_label(ztc_writer *writer, uint32_t label) {
  if (writer == NULL)
    return ZTC_INVALID_ARGUMENT;
  return ztc__tape_label(&writer->tape, label);
}

ztc_status ztc_writer_ref(ztc_writer *writer, uint32_t label) {
  if (writer == NULL)
    return ZTC_INVALID_ARGUMENT;
  return ztc__tape_ref(&writer->tape, label);
}

ztc_status ztc_writer_shared(ztc_writer *writer, uint32_t id) {
  if (writer == NULL)
    return ZTC_INVALID_ARGUMENT;
  return ztc__tape_shared(&writer->tape, id, writer->shared.nodes.count);
}

ztc_status ztc_writer_discard_record(ztc_writer *writer) {
  if (writer == NULL)
    return ZTC_INVALID_ARGUMENT;
  if (ztc__is_fatal(writer->tape.status))
    return writer->tape.status;
  ztc__tape_reset(&writer->tape, writer->count, false);
  writer->keys.given = false;
  return ZTC_OK;
}

uint64_t ztc_writer_count(const ztc_writer *writer) {
  return writer == NULL ? 0 : writer->count;
}

void ztc_writer_error(const ztc_writer *writer, ztc_error *error) {
  if (error == NULL)
    return;
  if (writer == NULL) {
    ztc__fail(error, ZTC_INVALID_ARGUMENT, ZTC_NO_OFFSET, "writer is NULL");
  } else {
    *error = writer->tape.error;
  }
}
