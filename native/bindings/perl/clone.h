/* A clone that is being made. */
#ifndef ZT_CLONE_H
#define ZT_CLONE_H

#include "zt.h"

typedef struct pending {
  SV *from;
  SV *to;
} pending;

enum { PENDING_SMALL = 48, OBJECTS_SMALL = 8 };

typedef struct cloner {
  zt_seen seen; /* values that are reached more than once: source to copy */
  pending *work;
  size_t waiting;
  size_t room;
  pending *objects; /* to bless at the end, when they are whole */
  size_t blessed;
  size_t object_room;
  AV *weak;     /* references to weaken at the end; NULL while there are none */
  AV *patterns; /* to compile at the end (rare.h); NULL while there are none */
  SV *refused;  /* the first value that cannot be copied */
  const char *reason;
  pending small[PENDING_SMALL];
  pending small_objects[OBJECTS_SMALL];
} cloner;

/* Gives the copies of objects their classes: no method is called on what is not whole yet. */
void zt_clone_bless(pTHX_ cloner *c);
/* Compiles the patterns that wait. Calls Perl code: the source is not looked at any more. Drops
   `copy` if it croaks. */
void zt_clone_compile(pTHX_ cloner *c, SV *copy);
/* Weakens references. What nothing else holds goes. */
void zt_clone_weaken(pTHX_ cloner *c);
/* Drops what a refused clone has made, with its cycles. */
void zt_clone_drop(pTHX_ cloner *c, SV *copy);

#endif
