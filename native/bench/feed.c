#include "feed.h"

#include <string.h>

/* The format document, "Event stream". */
enum { I64 = 0x06, LATIN1 = 0x11, LIST = 0x20, MAP = 0x21, END = 0x23, DEFINE = 0x2c, USE = 0x2d };
enum { DEFINE_LIST = 0x2e, BEGIN_LISTED = 0x2f, END_RECORD = 0x3f };

/* The keys of the maps: the inner one's lie between those of the outer one. */
static const uint32_t outer[] = {0, 1, 2, 3, 4, 5, 6, 10}, inner[] = {7, 8, 9};

typedef struct cursor {
  uint8_t *at;
  uint32_t keys;
  feed_form form;
} cursor;

static void put(cursor *c, const void *bytes, size_t size) {
  memcpy(c->at, bytes, size);
  c->at += size;
}

static void put8(cursor *c, uint8_t value) {
  put(c, &value, 1);
}

static void put32(cursor *c, uint32_t value) {
  put(c, &value, 4);
}

static void list(cursor *c, const uint32_t *keys, uint32_t count) {
  put8(c, DEFINE_LIST);
  put32(c, count);
  put(c, keys, count * sizeof *keys);
}

static void begin(cursor *c, uint32_t keys) {
  put8(c, c->form == FEED_LISTS ? BEGIN_LISTED : MAP);
  if (c->form == FEED_LISTS)
    put32(c, keys);
}

static void key(cursor *c, const char *name) {
  const uint32_t size = (uint32_t)strlen(name), number = c->keys++;
  if (c->form == FEED_LISTS)
    return;
  put8(c, c->form == FEED_KEYS ? USE : DEFINE);
  if (c->form == FEED_KEYS) {
    put32(c, number);
    return;
  }
  put8(c, 0);
  put32(c, size);
  put(c, name, size);
}

/* A text of this size, ASCII but for its encoding, as a JVM hands it over. */
static void text(cursor *c, uint32_t size) {
  put8(c, LATIN1);
  put32(c, size);
  memset(c->at, 'x', size);
  c->at += size;
}

static void number(cursor *c, int64_t value) {
  put8(c, I64);
  put(c, &value, sizeof value);
}

size_t feed_record(uint8_t events[FEED_ROOM], feed_form form) {
  cursor c = {.at = events, .form = form};
  begin(&c, 0);
  key(&c, "id");
  number(&c, 1);
  key(&c, "to");
  text(&c, 31);
  key(&c, "name");
  text(&c, 9);
  key(&c, "subject");
  text(&c, 36);
  key(&c, "body");
  text(&c, 200);
  key(&c, "tags");
  put8(&c, LIST);
  for (uint32_t i = 4; i < 8; i++)
    text(&c, i);
  put8(&c, END);
  key(&c, "prefs");
  begin(&c, 1);
  key(&c, "lang");
  text(&c, 2);
  key(&c, "score");
  number(&c, 50);
  key(&c, "hash");
  text(&c, 32);
  put8(&c, END);
  key(&c, "created");
  number(&c, 1700000000000);
  put8(&c, END);
  put8(&c, END_RECORD);
  if (form == FEED_DEFINING) {
    list(&c, outer, 8);
    list(&c, inner, 3);
  }
  return (size_t)(c.at - events);
}
