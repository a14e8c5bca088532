#include "progress.h"

#include <stdio.h>
#include <unistd.h>

#include "worker.h"

void pd_progress_init(struct pd_progress *progress) {
  *progress = (struct pd_progress){.what = "", .shown = isatty(STDERR_FILENO) == 1};
}

void pd_progress_step(struct pd_progress *progress, const char *what) {
  pd_progress_end(progress);
  progress->what = what;
  if (!progress->shown)
    return;
  fprintf(stderr, "\r\033[K%s ...", what);
  fflush(stderr);
  progress->dirty = true;
}

void pd_progress_update(void *context, uint64_t done, uint64_t total) {
  struct pd_progress *progress = context;
  uint64_t now = progress->shown ? pd_now() : 0;
  if (!progress->shown || now - progress->last_ns < UINT64_C(100000000) || total == 0)
    return;
  progress->last_ns = now;
  fprintf(stderr, "\r\033[K%s %3u %%", progress->what, (unsigned)(100 * done / total));
  fflush(stderr);
  progress->dirty = true;
}

void pd_progress_end(struct pd_progress *progress) {
  if (progress->dirty)
    fputs("\r\033[K", stderr);
  progress->dirty = false;
}
