/* A request line in, an answer line out. All memory here is the worker's own. */
#ifndef PREFORK_ANSWER_H
#define PREFORK_ANSWER_H

#include <ztc/ztc.h>

/* A text that grows; the contents are not NUL-terminated. */
struct text {
  char *bytes;
  size_t size;
  size_t capacity;
};

/* What one worker answers with. Start with `live` set and the rest zero. */
struct desk {
  ztc_live *live;
  ztc_workspace *workspace;
  void *copy;
  uint64_t capacity;
  struct text out;
};

/* Puts the answer to `request` (a line without its end, NUL-terminated; it is changed) into
 * desk->out, line end included. False when there is no memory for it. */
bool desk_answer(struct desk *desk, char *request);

void desk_free(struct desk *desk);

#endif
