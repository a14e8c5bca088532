/* From a complete tape to bytes in the files: records, and the definitions of shared nodes. */
#include "crc32c.h"
#include "error.h"
#include "writer.h"

void ztc__put_index_entry(uint8_t *entry, uint64_t offset, bool closed, uint32_t length,
                          uint32_t checksum) {
  const uint64_t flags = closed ? ZTC__EXTENT_CLOSED : 0;
  ztc__store64(entry, offset | flags << ZTC__PLACE_FLAGS_SHIFT);
  ztc__store32(entry + 8, length);
  ztc__store32(entry + 12, checksum);
}

/* What is on the tape, as an extent in the encoder. */
static ztc_status encode(ztc_writer *writer) {
  ztc__tape *tape = &writer->tape;
  ztc__buffer *out = &writer->encoder.out;
  uint64_t head = 0;
  ztc_status status = ztc__tape_complete(tape);
  if (status == ZTC_OK)
    status = ztc__tape_admit(tape, &writer->interner);
  if (status == ZTC_OK && tape->shared_node) {
    head = ztc__shared_head_size(tape);
  } else if (status == ZTC_OK) {
    status = ztc__shared_closure(&writer->shared, tape, &head);
  }
  if (status == ZTC_OK)
    status = ztc__encode(&writer->encoder, tape, head);
  if (status != ZTC_OK || head == 0)
    return status;
  if (!tape->shared_node)
    return ztc__shared_resolve(&writer->shared, tape, out->data, out->size);
  ztc__shared_put_head(tape, out->data);
  return ZTC_OK;
}

ztc_status ztc_writer_end_record(ztc_writer *writer, uint64_t *index) {
  if (writer == NULL)
    return ZTC_INVALID_ARGUMENT;
  ztc__tape *tape = &writer->tape;
  ztc__encoder *encoder = &writer->encoder;
  if (tape->status == ZTC_OK && tape->shared_node) {
    return ztc__tape_fail(tape, ZTC_WRONG_STATE, "the definition of a shared node is not ended");
  }
  ztc_status status = encode(writer);
  if (status != ZTC_OK)
    return status;
  const uint32_t length = (uint32_t)encoder->out.size;
  uint8_t entry[ZTC__INDEX_ENTRY_SIZE];
  ztc__put_index_entry(entry, writer->file.size, encoder->closed, length,
                       ztc__crc32c(0, encoder->out.data, length));
  status = ztc__spill_append(&writer->file, encoder->out.data, length, &tape->error);
  if (status == ZTC_OK) {
    status = ztc__spill_append(&writer->index, entry, sizeof entry, &tape->error);
  }
  if (status == ZTC_OK && writer->keys.given) {
    status = ztc__key_log_append(&writer->keys, writer->count, &writer->staging, &tape->error);
  }
  if (status != ZTC_OK)
    return tape->status = status;
  writer->index_checksum = ztc__crc32c(writer->index_checksum, entry, sizeof entry);
  if (index != NULL)
    *index = writer->count;
  ztc__tape_reset(tape, ++writer->count, false);
  return ZTC_OK;
}

ztc_status ztc_writer_record_key(ztc_writer *writer, const ztc_key *key) {
  if (writer == NULL)
    return ZTC_INVALID_ARGUMENT;
  ztc__tape *tape = &writer->tape;
  if (tape->status != ZTC_OK)
    return tape->status;
  if (tape->shared_node)
    return ztc__tape_fail(tape, ZTC_WRONG_STATE, "a shared node has no key, only records have");
  if (writer->keys.given)
    return ztc__tape_fail(tape, ZTC_WRONG_STATE, "the record has a key already");
  if (writer->count > ZTC__KEY_INDEX_MASK) /* said here, where nothing of the record is written */
    return ztc__tape_fail(tape, ZTC_TOO_LARGE, "only the first 2^40 records can have keys");
  uint64_t bad = 0;
  const ztc_status status = ztc__key_log_set(&writer->keys, key, &bad);
  switch (status) {
    case ZTC_OK:
      return ZTC_OK;
    case ZTC_NO_MEMORY:
      return ztc__tape_no_memory(tape);
    case ZTC_UNSTORABLE:
      return ztc__tape_fail(tape, status, "the record's key is ill-formed at byte %llu",
                            (unsigned long long)bad);
    case ZTC_TOO_LARGE:
      return ztc__tape_fail(tape, status, "the record's key has more than %llu bytes",
                            (unsigned long long)ZTC_MAX_KEY_SIZE);
    default:
      return ztc__tape_fail(tape, status,
                            key == NULL ? "the record's key is NULL"
                                        : "the record's key has no data, or an "
                                          "unknown type or encoding");
  }
}

ztc_status ztc_writer_reserve_shared(ztc_writer *writer, uint32_t *id) {
  if (writer == NULL)
    return ZTC_INVALID_ARGUMENT;
  ztc__tape *tape = &writer->tape;
  if (tape->status != ZTC_OK)
    return tape->status;
  if (id == NULL)
    return ztc__tape_fail(tape, ZTC_INVALID_ARGUMENT, "id is NULL");
  ztc__shared_node *node = ztc__shared_nodes_push(&writer->shared.nodes);
  if (node == NULL)
    return ztc__tape_no_memory(tape);
  *node = (ztc__shared_node){0};
  *id = writer->shared.nodes.count - 1;
  return ZTC_OK;
}

ztc_status ztc_writer_begin_shared(ztc_writer *writer, uint32_t id) {
  if (writer == NULL)
    return ZTC_INVALID_ARGUMENT;
  ztc__tape *tape = &writer->tape;
  if (tape->status != ZTC_OK)
    return tape->status;
  if (!ztc__tape_empty(tape) || tape->shared_node || writer->keys.given) {
    return ztc__tape_fail(tape, ZTC_WRONG_STATE, "a shared node can only begin between records");
  }
  const ztc__shared_nodes *nodes = &writer->shared.nodes;
  if (id >= nodes->count) {
    return ztc__tape_fail(tape, ZTC_INVALID_ARGUMENT,
                          "shared node %u is not reserved; there are %u", id, nodes->count);
  }
  if (nodes->at[id].length != 0) {
    return ztc__tape_fail(tape, ZTC_INVALID_ARGUMENT, "shared node %u is defined already", id);
  }
  ztc__tape_reset(tape, id, true);
  return ZTC_OK;
}

/* The side file for shared extents comes with the first one. */
static ztc_status open_shared_extents(ztc_writer *writer) {
  if (writer->shared_extents.fd >= 0)
    return ZTC_OK;
  ztc_error *error = &writer->tape.error;
  int fd;
  const ztc_status status = ztc__staging_side_file(&writer->staging, &fd, error);
  return status != ZTC_OK ? status
                          : ztc__spill_open(&writer->shared_extents, fd, ZTC__SPILL_SIDE, error);
}

ztc_status ztc_writer_end_shared(ztc_writer *writer) {
  if (writer == NULL)
    return ZTC_INVALID_ARGUMENT;
  ztc__tape *tape = &writer->tape;
  if (tape->status == ZTC_OK && !tape->shared_node) {
    return ztc__tape_fail(tape, ZTC_WRONG_STATE, "no shared node was begun");
  }
  ztc_status status = encode(writer);
  if (status != ZTC_OK)
    return status;
  const ztc__buffer *out = &writer->encoder.out;
  ztc__spill *extents = &writer->shared_extents;
  status = open_shared_extents(writer);
  if (status != ZTC_OK)
    return tape->status = status;
  const uint64_t place = extents->size;
  if (out->size > ZTC__MAX_SHARED_SIZE - place) {
    return ztc__tape_fail(tape, ZTC_TOO_LARGE,
                          "all shared nodes together take more than %llu bytes",
                          (unsigned long long)ZTC__MAX_SHARED_SIZE);
  }
  status = ztc__spill_append(extents, out->data, out->size, &tape->error);
  if (status != ZTC_OK)
    return tape->status = status;
  const uint32_t checksum = ztc__crc32c(0, out->data, out->size);
  if (!ztc__shared_define(&writer->shared, (uint32_t)tape->number, tape, place, (uint32_t)out->size,
                          checksum)) {
    return ztc__tape_no_memory(tape);
  }
  ztc__tape_reset(tape, writer->count, false);
  return ZTC_OK;
}
