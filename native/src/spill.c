#include "spill.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#include "crc32c.h"
#include "error.h"

enum { WRITE_MAX = 1 << 30, WRITE_BACK = 8 << 20 };

ztc_status ztc__spill_open(ztc__spill *spill, int fd, size_t capacity, ztc_error *error) {
  *spill = (ztc__spill){.fd = fd, .capacity = capacity, .buffer = malloc(capacity)};
  if (spill->buffer != NULL)
    return ZTC_OK;
  ztc__spill_close(spill);
  return ztc__fail(error, ZTC_NO_MEMORY, ZTC_NO_OFFSET, "out of memory");
}

void ztc__spill_close(ztc__spill *spill) {
  if (spill->fd >= 0)
    close(spill->fd);
  free(spill->buffer);
  *spill = (ztc__spill){.fd = -1};
}

static ztc_status write_all(int fd, const uint8_t *data, size_t size, ztc_error *error) {
  while (size > 0) {
    const ssize_t written = write(fd, data, size < WRITE_MAX ? size : WRITE_MAX);
    if (written > 0) {
      data += written;
      size -= (size_t)written;
    } else if (written == 0 || errno != EINTR) {
      return ztc__fail_system(error, written == 0 ? EIO : errno,
                              "cannot write to the temporary file");
    }
  }
  return ZTC_OK;
}

ztc_status ztc__write_at(int fd, const void *data, size_t size, uint64_t offset, ztc_error *error) {
  const uint8_t *p = data;
  while (size > 0) {
    const ssize_t written = pwrite(fd, p, size < WRITE_MAX ? size : WRITE_MAX, (off_t)offset);
    if (written > 0) {
      p += written;
      size -= (size_t)written;
      offset += (uint64_t)written;
    } else if (written == 0 || errno != EINTR) {
      return ztc__fail_system(error, written == 0 ? EIO : errno,
                              "cannot write to the temporary file");
    }
  }
  return ZTC_OK;
}

/*
 * Has the disk write while more is made, so that the flush at the end finds little to wait for. A
 * hint: errors are ignored, since file systems may not know it. What then fails to reach the disk
 * is still told by the fsync that comes before publishing, because this call does not wait, and so
 * takes no error away.
 */
static void start_write_back(ztc__spill *spill) {
#ifdef __linux__
  if (!spill->durable || spill->size - spill->started < WRITE_BACK)
    return;
  (void)sync_file_range(spill->fd, (off_t)spill->started, (off_t)(spill->size - spill->started),
                        SYNC_FILE_RANGE_WRITE);
  spill->started = spill->size;
#else
  (void)spill;
#endif
}

ztc_status ztc__spill_flush(ztc__spill *spill, ztc_error *error) {
  const ztc_status status = write_all(spill->fd, spill->buffer, spill->used, error);
  if (status == ZTC_OK) {
    spill->used = 0;
    start_write_back(spill);
  }
  return status;
}

static void take(ztc__spill *spill, const uint8_t *data, size_t size) {
  if (size > 0)
    memcpy(spill->buffer + spill->used, data, size);
  spill->used += size;
  spill->size += size;
}

/* Fills the buffer and empties it, as often as it gets full. */
static ztc_status append_blocks(ztc__spill *spill, const uint8_t *data, size_t size,
                                ztc_error *error) {
  while (size > spill->capacity - spill->used) {
    ztc_status status;
    size_t part;
    if (spill->used == 0) { /* whole blocks need no buffer */
      part = size - size % spill->capacity;
      status = write_all(spill->fd, data, part, error);
      if (status == ZTC_OK) {
        spill->size += part;
        start_write_back(spill);
      }
    } else {
      part = spill->capacity - spill->used;
      take(spill, data, part);
      status = ztc__spill_flush(spill, error);
    }
    if (status != ZTC_OK)
      return status;
    data += part;
    size -= part;
  }
  take(spill, data, size);
  return ZTC_OK;
}

ztc_status ztc__spill_append(ztc__spill *spill, const void *data, size_t size, ztc_error *error) {
  const uint64_t before = spill->size;
  const ztc_status status = append_blocks(spill, data, size, error);
  if (status != ZTC_OK)
    spill->size = before;
  return status;
}

ztc_status ztc__spill_align(ztc__spill *spill, uint32_t alignment, ztc_error *error) {
  static const uint8_t zeros[64];
  const uint32_t over = (uint32_t)(spill->size % alignment);
  return over == 0 ? ZTC_OK : ztc__spill_append(spill, zeros, alignment - over, error);
}

ztc_status ztc__spill_transfer(ztc__spill *to, ztc__spill *from, uint64_t offset, uint64_t size,
                               ztc_error *error) {
  uint32_t ignored = 0;
  return ztc__spill_transfer_summed(to, from, offset, size, &ignored, error);
}

ztc_status ztc__read_at(int fd, void *data, size_t size, uint64_t offset, ztc_error *error) {
  uint8_t *p = data;
  while (size > 0) {
    const ssize_t got = pread(fd, p, size, (off_t)offset);
    if (got > 0) {
      p += got;
      size -= (size_t)got;
      offset += (uint64_t)got;
    } else if (got == 0 || errno != EINTR) {
      return ztc__fail_system(error, got == 0 ? EIO : errno, "cannot read back a temporary file");
    }
  }
  return ZTC_OK;
}

ztc_status ztc__spill_transfer_summed(ztc__spill *to, ztc__spill *from, uint64_t offset,
                                      uint64_t size, uint32_t *checksum, ztc_error *error) {
  while (size > 0) {
    if (to->used == to->capacity) {
      const ztc_status status = ztc__spill_flush(to, error);
      if (status != ZTC_OK)
        return status;
    }
    const size_t room = to->capacity - to->used;
    const size_t wanted = size < room ? (size_t)size : room;
    const ssize_t got = pread(from->fd, to->buffer + to->used, wanted, (off_t)offset);
    if (got < 0 && errno == EINTR)
      continue;
    if (got <= 0) {
      return ztc__fail_system(error, got == 0 ? EIO : errno, "cannot read back a temporary file");
    }
    *checksum = ztc__crc32c(*checksum, to->buffer + to->used, (size_t)got);
    to->used += (size_t)got;
    to->size += (uint64_t)got;
    offset += (uint64_t)got;
    size -= (uint64_t)got;
  }
  return ZTC_OK;
}
