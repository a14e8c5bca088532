#include "key_build.h"

#include <inttypes.h>
#include <unistd.h>

#include "error.h"
#include "key_index.h"

enum {
  READ_SIZE = 1 << 18,
  BUCKET_KEYS = 1 << 17, /* about that many in a bucket, up to */
  MOST_BUCKET_BITS = 12, /* this many buckets: 2^29 keys */
  PAIRS_BUFFERED = 256,  /* in each bucket */
  ATTEMPTS = 8
};

/* A key on its way to its slot: where it wants to be, and where it is. */
typedef struct pair {
  uint64_t position;
  uint64_t place;
} pair;

typedef struct builder {
  ztc__key_slots *out;
  ztc__key_log *log;
  uint32_t bits;    /* 2^bits buckets */
  int fd;           /* pairs, bucket by bucket */
  uint64_t *starts; /* first pair of each bucket in that file, and the end */
  uint64_t *ends;   /* of what each has so far */
  pair *buffers;    /* PAIRS_BUFFERED for each */
  uint8_t *reading; /* READ_SIZE */
  pair *bucket;
  uint64_t most; /* distance */
  uint64_t next; /* slot */
  bool too_far;
  ztc_error *error;
} builder;

static ztc_status no_memory(const builder *b) {
  return ztc__fail(b->error, ZTC_NO_MEMORY, ZTC_NO_OFFSET, "out of memory");
}

static uint64_t bucket_of(const builder *b, uint64_t hash) {
  return b->bits == 0 ? 0 : hash >> (64 - b->bits);
}

static ztc_status put_pair(builder *b, uint64_t bucket, pair p) {
  const uint64_t done = b->ends[bucket]++ - b->starts[bucket];
  pair *buffer = b->buffers + bucket * PAIRS_BUFFERED;
  buffer[done % PAIRS_BUFFERED] = p;
  if ((done + 1) % PAIRS_BUFFERED != 0 && b->ends[bucket] != b->starts[bucket + 1])
    return ZTC_OK;
  const uint64_t first = done / PAIRS_BUFFERED * PAIRS_BUFFERED;
  return ztc__write_at(b->fd, buffer, (size_t)(done + 1 - first) * sizeof p,
                       (b->starts[bucket] + first) * sizeof p, b->error);
}

/* Goes through all keys: counts them by bucket, or puts them there. */
static ztc_status pass(builder *b, bool count) {
  const uint64_t end = b->log->file.size;
  uint64_t at = 0; /* of the first byte in `reading` */
  while (at < end) {
    const size_t have = end - at < READ_SIZE ? (size_t)(end - at) : READ_SIZE;
    ztc_status status = ztc__read_at(b->log->file.fd, b->reading, have, at, b->error);
    if (status != ZTC_OK)
      return status;
    size_t used = 0;
    while (have - used >= 8) {
      uint64_t head;
      memcpy(&head, b->reading + used, sizeof head);
      const ztc__key_entry entry = ztc__key_entry_of(head);
      const uint64_t size = ztc__key_entry_size(entry.size);
      if (size > have - used)
        break;
      const ztc__record_key key = ztc__record_key_of(entry.type, b->reading + used + 8, entry.size);
      const uint64_t hash = ztc__record_key_hash(&key, b->out->seed);
      const uint64_t bucket = bucket_of(b, hash);
      if (count) {
        b->starts[bucket + 1]++;
      } else {
        status = put_pair(b, bucket,
                          (pair){.position = ztc__key_position(hash, b->out->homes),
                                 .place = ZTC__KEYS_HEADER_SIZE + at + used});
        if (status != ZTC_OK)
          return status;
      }
      used += (size_t)size;
    }
    at += used;
  }
  return ZTC_OK;
}

static int compare_pairs(const void *a, const void *b) {
  const pair *x = a, *y = b;
  if (x->position != y->position)
    return x->position < y->position ? -1 : 1;
  return x->place < y->place ? -1 : x->place > y->place;
}

/* Reads the key at a place into `bytes`, which has room for any. */
static ztc_status read_key(const builder *b, uint64_t place, uint8_t *bytes,
                           ztc__key_entry *entry) {
  const uint64_t at = place - ZTC__KEYS_HEADER_SIZE;
  uint64_t head;
  const ztc_status status = ztc__read_at(b->log->file.fd, &head, sizeof head, at, b->error);
  if (status != ZTC_OK)
    return status;
  *entry = ztc__key_entry_of(head);
  return ztc__read_at(b->log->file.fd, bytes, entry->size, at + 8, b->error);
}

/* Keys with the same position are in danger of being the same key. */
static ztc_status check_distinct(const builder *b, uint64_t place, uint64_t other) {
  uint8_t *bytes = b->reading, *other_bytes = b->reading + READ_SIZE / 2;
  ztc__key_entry entry, other_entry;
  ztc_status status = read_key(b, place, bytes, &entry);
  if (status == ZTC_OK)
    status = read_key(b, other, other_bytes, &other_entry);
  if (status != ZTC_OK || entry.type != other_entry.type || entry.size != other_entry.size ||
      memcmp(bytes, other_bytes, entry.size) != 0) {
    return status;
  }
  char shown[ZTC__KEY_SHOWN];
  ztc__record_key_show(entry.type, bytes, entry.size, shown);
  return ztc__fail(b->error, ZTC_DUPLICATE_KEY, ZTC_NO_OFFSET,
                   "records %" PRIu64 " and %" PRIu64 " have the same key, %s; keys are unique",
                   entry.index, other_entry.index, shown);
}

static ztc_status put_slot(builder *b, uint64_t slot) {
  b->next++;
  return ztc__spill_append(&b->out->file, &slot, sizeof slot, b->error);
}

static ztc_status fill_up(builder *b, uint64_t slots) {
  ztc_status status = ZTC_OK;
  while (b->next < slots && status == ZTC_OK)
    status = put_slot(b, 0);
  return status;
}

static ztc_status put_key(builder *b, const pair *p) {
  const uint64_t home = p->position >> ZTC__KEYS_TAG_BITS;
  ztc_status status = fill_up(b, home);
  if (status != ZTC_OK)
    return status;
  const uint64_t distance = b->next - home;
  if (distance > b->most) {
    b->too_far = true;
    return ZTC_OK;
  }
  if (distance > b->out->distance)
    b->out->distance = (uint32_t)distance;
  return put_slot(b, p->place >> 3 | distance << ZTC__KEYS_DISTANCE_SHIFT |
                         (p->position & ZTC__KEYS_TAG_MASK) << ZTC__KEYS_TAG_SHIFT);
}

static ztc_status place_bucket(builder *b, uint64_t bucket) {
  const uint64_t count = b->starts[bucket + 1] - b->starts[bucket];
  ztc_status status = ztc__read_at(b->fd, b->bucket, (size_t)count * sizeof(pair),
                                   b->starts[bucket] * sizeof(pair), b->error);
  if (status != ZTC_OK)
    return status;
  qsort(b->bucket, (size_t)count, sizeof(pair), compare_pairs);
  for (uint64_t i = 0; i < count && status == ZTC_OK && !b->too_far; i++) {
    for (uint64_t k = i; k-- > 0 && b->bucket[k].position == b->bucket[i].position;) {
      status = check_distinct(b, b->bucket[k].place, b->bucket[i].place);
      if (status != ZTC_OK)
        return status;
    }
    status = put_key(b, &b->bucket[i]);
  }
  return status;
}

static ztc_status attempt(builder *b, const ztc__staging *staging) {
  const uint64_t buckets = UINT64_C(1) << b->bits;
  b->next = 0;
  b->out->distance = 0;
  b->too_far = false;
  memset(b->starts, 0, (size_t)(buckets + 1) * sizeof *b->starts);
  ztc_status status = pass(b, true);
  uint64_t largest = 0;
  for (uint64_t i = 0; i < buckets; i++) {
    largest = b->starts[i + 1] > largest ? b->starts[i + 1] : largest;
    b->starts[i + 1] += b->starts[i];
    b->ends[i] = b->starts[i];
  }
  if (status == ZTC_OK)
    status = pass(b, false);
  int fd;
  if (status == ZTC_OK)
    status = ztc__staging_side_file(staging, &fd, b->error);
  if (status == ZTC_OK)
    status = ztc__spill_open(&b->out->file, fd, ZTC__SPILL_SIDE, b->error);
  if (status != ZTC_OK)
    return status;
  free(b->bucket);
  b->bucket = malloc((size_t)largest * sizeof(pair));
  if (b->bucket == NULL)
    return no_memory(b);
  for (uint64_t i = 0; i < buckets && status == ZTC_OK && !b->too_far; i++)
    status = place_bucket(b, i);
  if (status == ZTC_OK && !b->too_far)
    status = fill_up(b, b->out->homes + b->out->distance);
  return status == ZTC_OK ? ztc__spill_flush(&b->out->file, b->error) : status;
}

static ztc_status build(builder *b, const ztc__staging *staging) {
  const uint64_t buckets = UINT64_C(1) << b->bits;
  b->starts = malloc((size_t)(buckets + 1) * sizeof *b->starts);
  b->ends = malloc((size_t)buckets * sizeof *b->ends);
  b->buffers = malloc((size_t)buckets * PAIRS_BUFFERED * sizeof *b->buffers);
  b->reading = malloc(READ_SIZE);
  if (b->starts == NULL || b->ends == NULL || b->buffers == NULL || b->reading == NULL)
    return no_memory(b);
  ztc_status status = ztc__spill_flush(&b->log->file, b->error);
  if (status == ZTC_OK)
    status = ztc__staging_side_file(staging, &b->fd, b->error);
  for (uint64_t i = 0; i < ATTEMPTS && status == ZTC_OK; i++) {
    b->out->seed = b->log->seed + i;
    status = attempt(b, staging);
    if (status != ZTC_OK || !b->too_far)
      return status;
    ztc__spill_close(&b->out->file);
  }
  return status != ZTC_OK ? status
                          : ztc__fail(b->error, ZTC_TOO_LARGE, ZTC_NO_OFFSET,
                                      "the keys cannot be spread over the key index");
}

ztc_status ztc__key_slots_build(ztc__key_slots *out, ztc__key_log *log, uint32_t most,
                                const ztc__staging *staging, ztc_error *error) {
  *out = (ztc__key_slots){.file = {.fd = -1}, .homes = log->count + log->count / 3 + 1};
  builder b = {.out = out, .log = log, .fd = -1, .most = most, .error = error};
  while (b.bits < MOST_BUCKET_BITS && log->count >> b.bits > BUCKET_KEYS)
    b.bits++;
  const ztc_status status = build(&b, staging);
  if (b.fd >= 0)
    close(b.fd);
  free(b.starts);
  free(b.ends);
  free(b.buffers);
  free(b.reading);
  free(b.bucket);
  return status;
}

void ztc__key_slots_free(ztc__key_slots *slots) {
  ztc__spill_close(&slots->file);
}
