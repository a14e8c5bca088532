#include "source.h"

#include <stdlib.h>

#include "pagemap.h"

bool pd_buffer_reserve(struct pd_buffer *buffer, size_t capacity) {
  if (capacity <= buffer->capacity)
    return true;
  size_t wanted = buffer->capacity == 0 ? 4096 : buffer->capacity;
  while (wanted < capacity)
    wanted *= 2;
  uint8_t *grown = realloc(buffer->data, wanted);
  if (grown == NULL)
    return false;
  buffer->data = grown;
  buffer->capacity = wanted;
  return true;
}

/* The first record whose end lies beyond `offset`. */
static uint64_t first_ending_after(const struct pd_source *source, uint64_t offset) {
  uint64_t low = 0;
  uint64_t high = source->count;
  while (low < high) {
    uint64_t middle = low + (high - low) / 2;
    uint64_t at = 0;
    uint64_t size = 0;
    if (!source->extent(source, middle, &at, &size))
      return source->count;
    if (at + size > offset) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return low;
}

bool pd_source_records_in(const struct pd_source *source, size_t first, size_t pages,
                          uint64_t *first_record, uint64_t *last_record) {
  uint64_t from = (uint64_t)first * pd_page_size();
  uint64_t to = from + (uint64_t)pages * pd_page_size();
  uint64_t offset = 0;
  uint64_t size = 0;
  uint64_t start = first_ending_after(source, from);
  if (start >= source->count || !source->extent(source, start, &offset, &size))
    return false;
  if (offset >= to)
    return false;
  uint64_t end = first_ending_after(source, to - 1);
  if (end >= source->count || !source->extent(source, end, &offset, &size) || offset >= to)
    end--;
  *first_record = start;
  *last_record = end < start ? start : end;
  return true;
}
