/* Events of one record like those that a host feeds: a map of eleven fields, of which one is a map.
 */
#ifndef ZTC_BENCH_FEED_H
#define ZTC_BENCH_FEED_H

#include <stddef.h>
#include <stdint.h>

enum { FEED_ROOM = 2048 };

/* The events with keys and their lists defined; or, where they are already, with keys used by their
   numbers; or without keys, since the maps have lists of them. */
typedef enum feed_form { FEED_DEFINING, FEED_KEYS, FEED_LISTS } feed_form;
size_t feed_record(uint8_t events[FEED_ROOM], feed_form form);

#endif
