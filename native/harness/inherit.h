/* What a forked process inherited, and which of those pages it un-shared: for every private
 * mapping, with no region in it. */
#ifndef PD_INHERIT_H
#define PD_INHERIT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "fleet.h"
#include "pageset.h"
#include "problem.h"

/* A page that was inherited. */
struct pd_inherited_page {
  size_t page;    /* from the mapping's start */
  uint64_t entry; /* at the child's first stop: its own, or the parent's for a page of a file that
                     the child has not read yet; one that neither had is listed as the file's when
                     the child has copied it */
};

struct pd_inherited_mapping {
  uintptr_t start;
  size_t pages;
  char permissions[5];
  char name[128]; /* "[heap]", a path, or "[anonymous]" */
  unsigned major; /* of the file, with its inode; memory without one has 0 in all of them */
  unsigned minor;
  uint64_t inode;
  uint64_t offset; /* of the file, at `start` */
  bool of_file;    /* every page of it was the file's, unless somebody had copied it */
  struct pd_inherited_page *present; /* NULL when it will not be measured again */
  size_t present_count;
  struct pd_pageset listed;   /* the same pages */
  struct pd_pageset unshared; /* of those present at the fork */
  struct pd_pageset own;      /* in the child's own table then, or in swap; others in the file */
  struct pd_pageset absent;   /* of those present at the fork: it does not have them any more */
  struct pd_pageset dropped;  /* of those: it had them or could have had them, and gave them up */
};

enum { PD_MOST_SAMPLES = 2048 };

struct pd_inheritance {
  pid_t pid;
  pid_t thread;        /* through which its memory is read */
  pid_t parent;        /* 0: it was gone before the child's first stop */
  pid_t parent_thread; /* as `thread` */
  struct pd_inherited_mapping *mappings;
  size_t count;
  size_t skipped; /* mappings too large to follow */
  size_t swapped; /* pages that were in swap at the fork: what becomes of them is not seen */
  bool alone;     /* the parent had one thread, which stood still at the fork */
  bool measured;
  bool executed; /* another program took its place: all that was inherited is dropped */
  bool forked;   /* it has children of its own */
  bool parent_executed;
  bool parent_ended; /* before this process */
  bool parent_lives; /* and runs what it ran at the fork, when it was last measured */
  bool killed;       /* by SIGKILL: the kernel may have taken pages from it before its end */
  bool gone;         /* its number may be another process's by now */
  bool ended;        /* it was measured, or could not be, when nothing of it was left to write */
  bool frames_hold;  /* its frames can be compared: outside the verdict, if at all, as it forked */
  char conditions[PD_WHY]; /* what puts it outside the verdict, or "" */
  struct pd_sample *samples;
  size_t sample_count;
  size_t inherited; /* sums over the mappings */
  size_t unshared;
  size_t absent;
  size_t dropped;
  size_t
      undecided; /* its only copy at its first stop already: it or a thread of the parent wrote */
  /* In the frame that they had, but shared no more: the parent wrote to them, and then perhaps this
   * process did as well. 0 without frame numbers. */
  size_t parted;
  size_t parted_before; /* the same when its parent ended */
  size_t exclusive;     /* that no other process maps any more, whoever wrote */
  size_t fresh;         /* pages that it added to the mappings */
  uint64_t private_kb;  /* of the whole process when it was measured */
  bool have_sums;
  uint64_t unnamed_kb; /* Private_Dirty of these mappings beyond what all pages named come to */
};

/* Notes what `child`, which is at its first stop, has inherited. Anonymous memory is as the child
 * has it, whatever threads of `parent` do meanwhile; of the parent only pages of files are read. */
bool pd_inherit_snapshot(struct pd_inheritance *inheritance, pid_t parent, pid_t child,
                         struct pd_error *error);

/* Compares; the child is stopped, at its exit for the final answer. With frame numbers (root) a
 * page counts when its frame is another one than at the fork, unless the kernel moved it for both;
 * without, when no other process maps it any more, whichever of the two wrote to it. May be
 * repeated: the last answer stands. */
bool pd_inherit_measure(struct pd_inheritance *inheritance, bool frames, struct pd_error *error);

/* Its parent is about to end, and with it the copies by which pages are known to be parted. */
void pd_inherit_part(struct pd_inheritance *inheritance, bool frames);

/* It will not be measured again: frees what only that needs. */
void pd_inherit_settle(struct pd_inheritance *inheritance);

/* Another program has taken its place: it dropped all that it had inherited, and what it had done
 * to that before was not seen. */
void pd_inherit_executed(struct pd_inheritance *inheritance);

/* A point of the curve, while the process runs or is stopped at its exit. Of a long curve every
 * second point is kept, again and again: the last ones stand closest. */
void pd_inherit_sample(struct pd_inheritance *inheritance, bool frames, double seconds);

void pd_inherit_free(struct pd_inheritance *inheritance);

#endif
