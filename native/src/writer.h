/* What a ztc_writer is made of; shared by writer.c, feed.c and publish.c. */
#ifndef ZTC_WRITER_H
#define ZTC_WRITER_H

#include "encode.h"
#include "key_log.h"
#include "keybook.h"
#include "shared.h"
#include "spill.h"
#include "staging.h"

/* The header and room for 8 directory entries; the records begin behind it. */
enum {
  ZTC__DIRECTORY_ROOM = 8,
  ZTC__RECORDS_OFFSET = ZTC__HEADER_SIZE + ZTC__DIRECTORY_ROOM * ZTC__ENTRY_SIZE
};

/*
 * The tape's status is the writer's: data errors until the record is discarded, others for good.
 * Bytes go three ways: records to the temporary file itself, index entries and shared extents to
 * side files that publishing appends.
 */
struct ztc_writer {
  ztc__staging staging;
  ztc__spill file;
  ztc__spill index;
  ztc__spill shared_extents; /* fd -1 until there is one */
  uint64_t count;
  uint32_t index_checksum;
  ztc__interner interner;
  ztc__tape tape;
  ztc__encoder encoder;
  ztc__keybook keybook;
  ztc__shared shared;
  ztc__key_log keys;
  bool complete; /* the file is, and on disk: to be checked and put in place */
};

/* The tape's last status is one that discarding the record does not clear. */
static inline bool ztc__is_fatal(ztc_status status) {
  return status == ZTC_NO_MEMORY || status >= ZTC_IO;
}

void ztc__put_index_entry(uint8_t *entry, uint64_t offset, bool closed, uint32_t length,
                          uint32_t checksum);

#endif
