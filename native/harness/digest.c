#include "digest.h"

#include <string.h>

#include "pagemap.h"

/* Four independent multiply-and-fold lanes: each step is a bijection of the lane for a given word,
 * so that a single changed word always changes the digest of its page. */
static uint64_t step(uint64_t lane, uint64_t word) {
  lane = (lane ^ word) * UINT64_C(0x9E3779B97F4A7C15);
  return lane ^ lane >> 32;
}

static uint64_t page_digest(const unsigned char *page, size_t size) {
  uint64_t lanes[4] = {1, 2, 3, 4};
  for (size_t at = 0; at < size; at += sizeof lanes) {
    uint64_t words[4];
    memcpy(words, page + at, sizeof words);
    for (int i = 0; i < 4; i++)
      lanes[i] = step(lanes[i], words[i]);
  }
  return step(step(step(lanes[0], lanes[1]), lanes[2]), lanes[3]);
}

void pd_digest_pages(const void *base, size_t pages, uint64_t *out) {
  size_t size = pd_page_size();
  const unsigned char *at = base;
  for (size_t i = 0; i < pages; i++)
    out[i] = page_digest(at + i * size, size);
}
