/* Controls: deeds that must be seen. Each touches pages whose numbers are known beforehand, on the
 * same mapping as the workers under test, and every witness must answer as the table in
 * expected.def says: a verdict counts only then. */
#ifndef PD_CONTROL_H
#define PD_CONTROL_H

#include <stdbool.h>
#include <stdint.h>

#include "audit_mapping.h"
#include "pageset.h"
#include "source.h"
#include "witness.h"

enum pd_control_id {
  PD_CLEAN,        /* reads the same records, without the library under test, and touches nothing */
  PD_REFCOUNT,     /* a reference-count increment in every record visited */
  PD_SILENT_STORE, /* stores back the value that is there */
  PD_FAILED_CAS,   /* a compare-and-swap that fails */
  PD_READ_INTO,    /* read(2) into the page */
  PD_DONTNEED,     /* a write, then MADV_DONTNEED */
  PD_VM_READV,     /* process_vm_readv from the page */
  PD_CONTROLS
};

const char *pd_control_name(enum pd_control_id id);
const char *pd_control_title(enum pd_control_id id);

/* What kind of worker was measured. */
enum pd_tier {
  PD_TIER_FORK, /* a forked C worker */
  PD_TIER_JVM,  /* a forked child that then creates a JVM in its own process */
  PD_TIER_JAVA, /* a `java` process of its own; nothing is armed in what it opened by the library */
  PD_TIERS
};

/* "fork", "jvm", "java", and what a person reads of several workers: constant strings. */
const char *pd_tier_name(enum pd_tier tier);
const char *pd_tier_title(enum pd_tier tier);
bool pd_tier_parse(const char *name, enum pd_tier *tier);

/* False where workers of that tier cannot have such a mapping: an exec drops inherited memory. */
bool pd_tier_has(enum pd_tier tier, enum pd_mapping_kind mapping);

/* Where workers run; `java` is NULL for PD_TIER_FORK only. */
struct pd_java;
struct pd_host {
  enum pd_tier tier;
  const struct pd_java *java;
};

enum pd_cell {
  PD_CELL_BLIND,       /* the deed had an effect that this witness cannot see */
  PD_CELL_CAUGHT,      /* exactly the pages touched (kB: their size; faults: about as many) */
  PD_CELL_NO_EFFECT,   /* the deed un-shares and writes nothing on this mapping */
  PD_CELL_UNAVAILABLE, /* the witness cannot work here, and says why; expected: nor anywhere */
  PD_CELL_WRONG        /* observed only: something was seen, but not what was done */
};

const char *pd_cell_name(enum pd_cell cell);

/* The committed table. Witness PD_VMFLAGS is not part of it: it guards the mapping instead. */
enum pd_cell pd_expected(enum pd_tier tier, enum pd_mapping_kind mapping,
                         enum pd_control_id control, enum pd_witness_id witness);

/* The same of what `run` says of inherited pages, with frame numbers and without. */
enum pd_inherited_kind {
  PD_INHERITED_MEMORY,    /* anonymous */
  PD_INHERITED_FILE,      /* a private mapping of a file, read by both processes */
  PD_INHERITED_UNTOUCHED, /* the same, which neither has read */
  PD_INHERITED_KINDS
};
enum pd_inherit_answer { PD_SAID_UNSHARED, PD_SAID_DROPPED, PD_INHERIT_ANSWERS };
enum pd_cell pd_expected_inherited(enum pd_inherited_kind kind, enum pd_control_id control,
                                   enum pd_inherit_answer answer);

/* True when some control is caught by this witness there: its zero is evidence. */
bool pd_claims(enum pd_tier tier, enum pd_mapping_kind mapping, enum pd_witness_id witness);

/* One control with what every witness said. */
struct pd_control_result {
  enum pd_control_id id;
  bool available;   /* the deed itself could be done */
  char why[PD_WHY]; /* when not */
  struct pd_pageset touched;
  enum pd_cell expected[PD_WITNESSES];
  enum pd_cell observed[PD_WITNESSES];
  uint64_t amount[PD_WITNESSES];
  char detail[PD_WITNESSES][PD_WHY]; /* a wrong or unavailable cell, explained */
};

struct pd_control_matrix {
  enum pd_tier tier;
  enum pd_mapping_kind mapping;
  struct pd_control_result results[PD_CONTROLS];
  unsigned cells;       /* that could be compared */
  unsigned wrong;       /* that differ from the table */
  unsigned unavailable; /* witnesses or deeds that do not work here */
};

/* Runs every control in a worker of its own. `source` is read over the mapping; pages touched in a
 * shared mapping are put back afterwards. In a JVM only a region can be read. False on a system
 * failure. */
bool pd_controls_run(const struct pd_host *host, const struct pd_mapping *mapping,
                     const struct pd_source *source, struct pd_digests *digests, uint64_t seed,
                     struct pd_control_matrix *matrix, struct pd_error *error);

void pd_controls_free(struct pd_control_matrix *matrix);

/* The deeds, in the worker: touch `count` places, one a page at least. For pd_controls_run and
 * tests. False with a reason when the deed is not possible here. */
struct pd_strike {
  enum pd_control_id control;
  uint8_t *base;
  const uint64_t *places; /* byte offsets from base, 8-aligned */
  size_t count;
};

bool pd_strike(const struct pd_strike *strike, struct pd_error *error);

#endif
