#include "key_log.h"

#include "error.h"
#include "key_index.h"
#include "text.h"

ztc_status ztc__key_log_set(ztc__key_log *log, const ztc_key *key, uint64_t *bad) {
  ztc__record_key wanted;
  const ztc_status status = ztc__record_key_init(&wanted, key, bad);
  if (status != ZTC_OK)
    return status;
  if (wanted.type == ZTC_KEY_STRING && wanted.encoding == ZTC_UTF8) {
    const size_t wrong = ztc__utf8_check(wanted.data, wanted.size);
    if (wrong != ZTC__WELL_FORMED) {
      *bad = wrong;
      return ZTC_UNSTORABLE;
    }
  }
  log->entry.size = 0;
  const uint64_t size = ztc__key_entry_size(wanted.canonical_size);
  if (!ztc__buffer_reserve(&log->entry, size))
    return ZTC_NO_MEMORY;
  ztc__key_cursor cursor = {0};
  for (uint64_t at = 8; at < size; at += 8)
    ztc__store64(log->entry.data + at, ztc__key_word(&wanted, &cursor));
  log->entry.size = size;
  log->entry_type = wanted.type;
  log->entry_size = wanted.canonical_size;
  log->given = true;
  return ZTC_OK;
}

ztc_status ztc__key_log_append(ztc__key_log *log, uint64_t index, const ztc__staging *staging,
                               ztc_error *error) {
  ztc_status status = ZTC_OK;
  if (log->file.fd < 0) {
    int fd;
    status = ztc__staging_side_file(staging, &fd, error);
    if (status == ZTC_OK)
      status = ztc__spill_open(&log->file, fd, ZTC__SPILL_SIDE, error);
  }
  ztc__store64(log->entry.data, ztc__key_entry_head(index, log->entry_type, log->entry_size));
  if (status == ZTC_OK)
    status = ztc__spill_append(&log->file, log->entry.data, log->entry.size, error);
  if (status != ZTC_OK)
    return status;
  const ztc__record_key entry = ztc__record_key_of(0, log->entry.data, (uint32_t)log->entry.size);
  log->seed = ztc__record_key_hash(&entry, log->seed);
  log->count++;
  log->given = false;
  return ZTC_OK;
}

void ztc__key_log_free(ztc__key_log *log) {
  ztc__spill_close(&log->file);
  ztc__buffer_free(&log->entry);
}
