/* Events of one record like those that a host feeds: a map of eleven fields, of which one is a map.
 */
#ifndef ZTC_BENCH_FEED_H
#define ZTC_BENCH_FEED_H

#include <stddef.h>
#include <stdint.h>

enum { FEED_ROOM = 2048 };

/* The events, with keys defined or, where they are already, used by their numbers. */
size_t feed_record(uint8_t events[FEED_ROOM], int defined);

#endif
