/* A data set without the library under test: "<u32 size><u32 seed><words>" records behind an index
 * of offsets. Used by the harness's own tests and by `pagediff selftest`. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "order.h"
#include "source.h"

struct head {
  uint64_t magic;
  uint64_t count;
};

#define MAGIC UINT64_C(0x7A74632D73796E74)

static uint64_t record_size(uint64_t index, uint64_t seed) {
  uint64_t state = seed ^ index;
  return 40 + pd_random(&state) % 76 * 8;
}

static bool write_all(int fd, const void *bytes, size_t size, struct pd_error *error) {
  for (size_t done = 0; done < size;) {
    ssize_t n = write(fd, (const char *)bytes + done, size - done);
    if (n <= 0)
      return pd_fail_errno(error, "the synthetic data cannot be written");
    done += (size_t)n;
  }
  return true;
}

bool pd_synthetic_file(uint64_t count, uint64_t seed, int *fd, size_t *size,
                       struct pd_error *error) {
  uint64_t total = sizeof(struct head) + (count + 1) * sizeof(uint64_t);
  uint64_t records = total;
  for (uint64_t i = 0; i < count; i++)
    total += record_size(i, seed);
  uint64_t *image = malloc(total);
  if (image == NULL)
    return pd_fail(error, "no memory for the synthetic data");
  struct head head = {MAGIC, count};
  memcpy(image, &head, sizeof head);
  uint64_t *index = image + sizeof head / sizeof *image;
  uint64_t at = records;
  for (uint64_t i = 0; i < count; i++) {
    uint64_t length = record_size(i, seed);
    uint64_t state = seed + i;
    index[i] = at;
    for (uint64_t word = 0; word < length / 8; word++)
      image[at / 8 + word] = pd_random(&state);
    at += length;
  }
  index[count] = at;
  *size = (size_t)total;
  *fd = pd_scratch_file(error);
  bool ok = *fd >= 0 && write_all(*fd, image, (size_t)total, error);
  free(image);
  if (!ok && *fd >= 0)
    close(*fd);
  return ok;
}

static const uint64_t *offsets(const struct pd_source *source) {
  const struct pd_mapping *mapping = source->state;
  return (const uint64_t *)(const void *)(mapping->base + sizeof(struct head));
}

static bool extent(const struct pd_source *source, uint64_t index, uint64_t *offset,
                   uint64_t *size) {
  if (index >= source->count)
    return false;
  *offset = offsets(source)[index];
  *size = offsets(source)[index + 1] - *offset;
  return true;
}

static bool copy(const struct pd_source *source, uint64_t index, struct pd_buffer *buffer,
                 uint64_t *bytes, struct pd_error *error) {
  const struct pd_mapping *mapping = source->state;
  uint64_t offset = 0;
  if (!extent(source, index, &offset, bytes))
    return pd_fail(error, "no such record");
  if (!pd_buffer_reserve(buffer, (size_t)*bytes))
    return pd_fail(error, "no memory for a copy");
  memcpy(buffer->data, mapping->base + offset, (size_t)*bytes);
  return true;
}

/* {"id": number, "words": [numbers of the first words], "text": the rest as one string}. */
static bool walk_copy(const struct pd_source *source, const struct pd_buffer *buffer,
                      uint64_t bytes, const struct pd_events *events, void *context,
                      struct pd_error *error) {
  (void)source;
  uint64_t words[4];
  memcpy(words, buffer->data, sizeof words);
  bool ok = events->begin(context, true, 3, 0) && events->key(context, "id", 2) &&
            events->number(context, words[0], false) && events->key(context, "words", 5) &&
            events->begin(context, false, 3, 0);
  for (int i = 1; ok && i < 4; i++)
    ok = events->number(context, words[i], false);
  ok = ok && events->end(context) && events->key(context, "text", 4) &&
       events->string(context, buffer->data + sizeof words, (size_t)bytes - sizeof words) &&
       events->end(context);
  return ok || pd_fail(error, "no memory for the objects");
}

static void release(struct pd_source *source, struct pd_buffer *buffer) {
  (void)source;
  free(buffer->data);
  memset(buffer, 0, sizeof *buffer);
}

static void close_synthetic(struct pd_source *source) {
  memset(source, 0, sizeof *source);
}

bool pd_source_open_synthetic(struct pd_source *source, const struct pd_mapping *mapping,
                              struct pd_error *error) {
  struct head head;
  if (mapping->size < sizeof head)
    return pd_fail(error, "not a synthetic data set");
  memcpy(&head, mapping->base, sizeof head);
  if (head.magic != MAGIC)
    return pd_fail(error, "not a synthetic data set");
  *source = (struct pd_source){
      .name = "synthetic",
      .count = head.count,
      .copy = copy,
      .extent = extent,
      .walk = walk_copy,
      .release = release,
      .close = close_synthetic,
      .state = (void *)(uintptr_t)mapping,
  };
  return true;
}
