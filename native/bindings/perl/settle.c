/*
 * After a fork perl goes on filling the holes of the arenas that it inherited: each new value that
 * lands in one un-shares a page. Nobody needs those holes, and the pages around them cost nothing
 * while they stay shared. So the first copy in a child makes perl forget them, and gives it arenas
 * outside the heap, since the heap has inherited holes of its own.
 */
#include "zt.h"

#include <pthread.h>
#include <sys/mman.h>

bool zt_forked;

static void on_fork(void) { zt_forked = true; }

void zt_settle_init(void) {
  static bool watching;
  if (!watching) watching = pthread_atfork(NULL, NULL, on_fork) == 0;
}

/* What an arena holds: enough for some dozens of records at once. Perl makes its own after that. */
enum { ARENA_VALUES = 2560, ARENA_BODIES = 1024, ARENA_ENTRIES = 2048, ARENA_BYTES = 256 * 1024 };

/* Links `count` free bodies of `size` bytes for perl to take, and returns what is behind them. */
static char *give_bodies(pTHX_ size_t root, char *at, size_t size, size_t count) {
  PL_body_roots[root] = at;
  for (size_t i = 1; i < count; i++, at += size) *(void **)(void *)at = at + size;
  *(void **)(void *)at = NULL;
  return at + size;
}

/* The same for values; the first one is not a value but links and describes the arena. */
static char *give_values(pTHX_ char *at, size_t count) {
  SV *const arena = (SV *)(void *)at;
  SvANY(arena) = PL_sv_arenaroot;
  SvREFCNT(arena) = (U32)count;
  SvFLAGS(arena) = SVf_FAKE; /* not perl's to free */
  PL_sv_arenaroot = arena;
  PL_sv_root = arena + 1;
  for (size_t i = 1; i < count; i++) {
    SvANY(arena + i) = i + 1 < count ? arena + i + 1 : NULL;
    SvREFCNT(arena + i) = 0;
    SvFLAGS(arena + i) = SVTYPEMASK;
  }
  return at + count * sizeof(SV);
}

void zt_settle_now(pTHX) {
  zt_forked = false;
  PL_sv_root = NULL;
  for (size_t i = 0; i < C_ARRAY_LENGTH(PL_body_roots); i++) PL_body_roots[i] = NULL;
  char *at = mmap(NULL, ARENA_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (at == MAP_FAILED) return; /* from the heap, then */
  at = give_values(aTHX_ at, ARENA_VALUES);
  at = give_bodies(aTHX_ SVt_PV, at, bodies_by_type[SVt_PV].body_size, ARENA_ENTRIES);
  at = give_bodies(aTHX_ SVt_PVAV, at, bodies_by_type[SVt_PVAV].body_size, ARENA_BODIES / 2);
  at = give_bodies(aTHX_ SVt_PVHV, at, bodies_by_type[SVt_PVHV].body_size, ARENA_BODIES / 2);
  give_bodies(aTHX_ SVt_NULL, at, sizeof(HE), ARENA_ENTRIES); /* see ZT_HE_ROOT */
}
