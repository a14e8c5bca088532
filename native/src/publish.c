/* The last steps: from temporary files to one whole, checked, durable region at its path. */
#include <errno.h>
#include <unistd.h>

#include "crc32c.h"
#include "error.h"
#include "key_build.h"
#include "writer.h"

typedef struct section {
  uint32_t type;
  uint32_t checksum;
  uint64_t offset;
  uint64_t length;
} section;

typedef struct layout {
  section sections[ZTC__DIRECTORY_ROOM];
  uint32_t count;
  uint64_t seed; /* of the key index */
} layout;

/* Everything from where the last section ends is the next one. */
static section *begin_section(ztc_writer *writer, layout *l, uint32_t type, ztc_status *status,
                              ztc_error *error) {
  if (*status == ZTC_OK)
    *status = ztc__spill_align(&writer->file, ZTC__SECTION_ALIGN, error);
  section *s = &l->sections[l->count++];
  *s = (section){.type = type, .offset = writer->file.size};
  return s;
}

static void end_section(const ztc_writer *writer, section *s) {
  s->length = writer->file.size - s->offset;
}

static ztc_status append_index(ztc_writer *writer, layout *l, ztc_error *error) {
  ztc_status status = ztc__spill_flush(&writer->index, error);
  section *s = begin_section(writer, l, ZTC__SECTION_RECORD_INDEX, &status, error);
  if (status == ZTC_OK) {
    status = ztc__spill_transfer(&writer->file, &writer->index, 0, writer->index.size, error);
  }
  s->checksum = writer->index_checksum;
  end_section(writer, s);
  return status;
}

/* Stands for an id that was reserved and not defined: no record can lead to it. */
static ztc_status fill_gaps(ztc_writer *writer, ztc_error *error) {
  static const uint8_t null_box[] = {ZTC__KIND_BOX, ZTC__NODE_CLOSED | ZTC__NODE_SHARED};
  uint8_t extent[ZTC__NODE_HEADER_SIZE + ZTC__SLOT_SIZE] = {0};
  memcpy(extent, null_box, sizeof null_box);
  for (uint32_t id = 0; id < writer->shared.nodes.count; id++) {
    ztc__shared_node *node = &writer->shared.nodes.at[id];
    if (node->length != 0)
      continue;
    ztc_status status = ZTC_OK;
    if (writer->shared_extents.fd < 0) {
      int fd;
      status = ztc__staging_side_file(&writer->staging, &fd, error);
      if (status == ZTC_OK)
        status = ztc__spill_open(&writer->shared_extents, fd, ZTC__SPILL_SIDE, error);
      if (status != ZTC_OK)
        return status;
    }
    node->place = writer->shared_extents.size;
    node->length = sizeof extent;
    node->checksum = ztc__crc32c(0, extent, sizeof extent);
    status = ztc__spill_append(&writer->shared_extents, extent, sizeof extent, error);
    if (status != ZTC_OK)
      return status;
  }
  return ZTC_OK;
}

/* The shared extents in the order of their definition, since records name them by place; their
   index in the order of ids. */
static ztc_status append_shared(ztc_writer *writer, layout *l, ztc_error *error) {
  const ztc__shared_nodes *nodes = &writer->shared.nodes;
  ztc_status status = fill_gaps(writer, error);
  if (status == ZTC_OK)
    status = ztc__spill_flush(&writer->shared_extents, error);
  section *extents = begin_section(writer, l, ZTC__SECTION_SHARED, &status, error);
  if (status == ZTC_OK) {
    status = ztc__spill_transfer(&writer->file, &writer->shared_extents, 0,
                                 writer->shared_extents.size, error);
  }
  end_section(writer, extents);
  section *index = begin_section(writer, l, ZTC__SECTION_SHARED_INDEX, &status, error);
  for (uint32_t id = 0; id < nodes->count && status == ZTC_OK; id++) {
    const ztc__shared_node *node = &nodes->at[id];
    uint8_t entry[ZTC__INDEX_ENTRY_SIZE];
    ztc__put_index_entry(entry, extents->offset + node->place, node->use_count == 0, node->length,
                         node->checksum);
    index->checksum = ztc__crc32c(index->checksum, entry, sizeof entry);
    status = ztc__spill_append(&writer->file, entry, sizeof entry, error);
  }
  end_section(writer, index);
  return status;
}

static ztc_status append_schema(ztc_writer *writer, layout *l, ztc_error *error) {
  ztc__buffer image = {0};
  ztc_status status = ZTC_OK;
  section *s = begin_section(writer, l, ZTC__SECTION_SCHEMA, &status, error);
  if (status == ZTC_OK && !ztc__intern_section(&writer->interner, &image)) {
    status = ztc__fail(error, ZTC_NO_MEMORY, ZTC_NO_OFFSET, "out of memory");
  }
  if (status == ZTC_OK) {
    s->checksum = ztc__crc32c(0, image.data, image.size);
    status = ztc__spill_append(&writer->file, image.data, image.size, error);
  }
  end_section(writer, s);
  ztc__buffer_free(&image);
  return status;
}

/* Header, keys and slots of the key index, whose checksum goes over all of them in this order. */
static ztc_status append_key_section(ztc_writer *writer, layout *l, ztc__key_slots *slots,
                                     ztc_error *error) {
  static const uint8_t zeros[ZTC__SECTION_ALIGN];
  ztc__key_log *keys = &writer->keys;
  uint8_t head[ZTC__KEYS_HEADER_SIZE] = {0};
  ztc__store64(head + ZTC__KEYS_COUNT, keys->count);
  ztc__store64(head + ZTC__KEYS_HOMES, slots->homes);
  ztc__store64(head + ZTC__KEYS_SIZE, keys->file.size);
  ztc__store32(head + ZTC__KEYS_DISTANCE, slots->distance);
  l->seed = slots->seed;
  ztc_status status = ZTC_OK;
  section *s = begin_section(writer, l, ZTC__SECTION_KEY_INDEX, &status, error);
  s->checksum = ztc__crc32c(0, head, sizeof head);
  if (status == ZTC_OK)
    status = ztc__spill_append(&writer->file, head, sizeof head, error);
  if (status == ZTC_OK) {
    status = ztc__spill_transfer_summed(&writer->file, &keys->file, 0, keys->file.size,
                                        &s->checksum, error);
  }
  const uint64_t end = writer->file.size;
  const size_t padding = (size_t)(ztc__align64(end) - end);
  s->checksum = ztc__crc32c(s->checksum, zeros, padding);
  if (status == ZTC_OK)
    status = ztc__spill_append(&writer->file, zeros, padding, error);
  if (status == ZTC_OK) {
    status = ztc__spill_transfer_summed(&writer->file, &slots->file, 0, slots->file.size,
                                        &s->checksum, error);
  }
  end_section(writer, s);
  return status;
}

static ztc_status append_keys(ztc_writer *writer, layout *l, ztc_error *error) {
  ztc__key_slots slots;
  ztc_status status =
      ztc__key_slots_build(&slots, &writer->keys, ZTC__KEYS_MAX_DISTANCE, &writer->staging, error);
  if (status == ZTC_OK)
    status = append_key_section(writer, l, &slots, error);
  ztc__key_slots_free(&slots);
  return status;
}

static ztc_status write_header(ztc_writer *writer, const layout *l, ztc_error *error) {
  uint8_t head[ZTC__RECORDS_OFFSET] = {0};
  memcpy(head, ZTC__MAGIC, ZTC__MAGIC_SIZE);
  ztc__store32(head + ZTC__HEADER_BYTE_ORDER, ZTC__BYTE_ORDER_MARK);
  head[ZTC__HEADER_MAJOR] = ZTC__VERSION_MAJOR;
  head[ZTC__HEADER_MINOR] = ZTC__VERSION_MINOR;
  ztc__store64(head + ZTC__HEADER_FILE_SIZE, writer->file.size);
  ztc__store64(head + ZTC__HEADER_RECORD_COUNT, writer->count);
  ztc__store64(head + ZTC__HEADER_HASH_SEED, l->seed);
  ztc__store32(head + ZTC__HEADER_SECTION_COUNT, l->count);
  uint8_t *entry = head + ZTC__HEADER_SIZE;
  for (uint32_t i = 0; i < l->count; i++, entry += ZTC__ENTRY_SIZE) {
    const section *s = &l->sections[i];
    ztc__store32(entry + ZTC__ENTRY_TYPE, s->type);
    /* Records can be read without their keys. */
    ztc__store32(entry + ZTC__ENTRY_FLAGS,
                 s->type == ZTC__SECTION_KEY_INDEX ? 0 : ZTC__ENTRY_REQUIRED);
    ztc__store64(entry + ZTC__ENTRY_OFFSET, s->offset);
    ztc__store64(entry + ZTC__ENTRY_LENGTH, s->length);
    ztc__store32(entry + ZTC__ENTRY_CHECKSUM, s->checksum);
  }
  ztc__store32(head + ZTC__HEADER_CHECKSUM, ztc__crc32c(0, head, (size_t)(entry - head)));
  return ztc__write_at(writer->file.fd, head, sizeof head, 0, error);
}

static ztc_status append_sections(ztc_writer *writer, ztc_error *error) {
  layout l = {.count = 1};
  l.sections[0] = (section){.type = ZTC__SECTION_RECORDS, .offset = ZTC__RECORDS_OFFSET};
  end_section(writer, &l.sections[0]);
  ztc_status status = append_index(writer, &l, error);
  if (status == ZTC_OK && writer->shared.nodes.count > 0)
    status = append_shared(writer, &l, error);
  if (status == ZTC_OK)
    status = append_schema(writer, &l, error);
  if (status == ZTC_OK && writer->keys.count > 0)
    status = append_keys(writer, &l, error);
  if (status == ZTC_OK)
    status = ztc__spill_flush(&writer->file, error);
  if (status == ZTC_OK)
    status = write_header(writer, &l, error);
  return status;
}

/* Reads the file as any reader would, and checks every byte of it. */
static ztc_status check_file(ztc_writer *writer, ztc_error *error) {
  int fd;
  ztc_region *region = NULL;
  ztc_status status = ztc__staging_reopen(&writer->staging, writer->file.fd, &fd, error);
  if (status != ZTC_OK)
    return status;
  status = ztc_region_open_fd(fd, ZTC_OPEN_VERIFY_HEADER, &region, error);
  if (status == ZTC_OK)
    status = ztc_region_validate(region, error);
  ztc_region_free(region);
  close(fd);
  return status;
}

/* Writes what comes behind the records, and flushes the file to disk. */
static ztc_status complete(ztc_writer *writer, ztc_error *error) {
  ztc__tape *tape = &writer->tape;
  if (tape->status == ZTC_OK &&
      (!ztc__tape_empty(tape) || tape->shared_node || writer->keys.given)) {
    ztc__tape_fail(tape, ZTC_WRONG_STATE, "it is not ended; end or discard it before publishing");
  }
  if (tape->status != ZTC_OK) {
    *error = tape->error;
    return tape->status;
  }
  ztc_status status = append_sections(writer, error);
  if (status == ZTC_OK) {
    status = ztc__staging_set_access(&writer->staging, writer->file.fd, error);
  }
  if (status == ZTC_OK && fsync(writer->file.fd) != 0) {
    status = ztc__fail_system(error, errno, "cannot flush the temporary file to disk");
  }
  if (status != ZTC_OK) { /* for good, as some of it may be written: for the same reason */
    tape->status = status;
    tape->error = *error;
  }
  writer->complete = status == ZTC_OK;
  return status;
}

static ztc_status publish(ztc_writer *writer, ztc_error *error) {
  ztc_status status = writer->complete ? ZTC_OK : complete(writer, error);
  if (status == ZTC_OK)
    status = check_file(writer, error);
  if (status == ZTC_OK)
    status = ztc__staging_commit(&writer->staging, error);
  return status;
}

ztc_status ztc_writer_try_publish(ztc_writer *writer, ztc_error *error) {
  if (writer == NULL) {
    return ztc__fail(error, ZTC_INVALID_ARGUMENT, ZTC_NO_OFFSET, "writer is NULL");
  }
  ztc_error own;
  const ztc_status status = publish(writer, error != NULL ? error : &own);
  if (status == ZTC_OK)
    ztc_writer_abort(writer); /* frees it; nothing is left to remove */
  return status;
}

ztc_status ztc_writer_publish(ztc_writer *writer, ztc_error *error) {
  const ztc_status status = ztc_writer_try_publish(writer, error);
  if (status != ZTC_OK)
    ztc_writer_abort(writer);
  return status;
}
