/* What an audit costs a GiB of region, without the digest: arming and all witnesses in the keeper;
 * beside it, the worker's start (fork, a touch of every page, userfaultfd). Prints milliseconds;
 * usage: pagediff_cost [MIB] [ROUNDS]. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pagemap.h"
#include "worker.h"

static bool nothing(void *context, struct pd_board *board) {
  (void)context;
  (void)board;
  return true;
}

static double milliseconds_since(uint64_t start) {
  return (double)(pd_now() - start) / 1e6;
}

static bool measure(const struct pd_mapping *mapping, double *start_ms, double *ms,
                    struct pd_error *error) {
  struct pd_worker worker = {0};
  struct pd_audit audit = {0};
  struct pd_target target;
  uint64_t start = pd_now();
  bool ok = pd_worker_start(&worker, mapping, NULL, nothing, NULL, error) &&
            pd_worker_await(&worker, error) && pd_worker_target(&worker, mapping, &target, error);
  *start_ms = milliseconds_since(start);
  start = pd_now();
  ok = ok && pd_audit_init(&audit, &target, worker.board->arming, NULL, error);
  if (ok)
    pd_audit_arm(&audit);
  *ms = milliseconds_since(start);
  ok = ok && pd_worker_release(&worker, error) && pd_worker_await(&worker, error);
  start = pd_now();
  if (ok)
    pd_audit_finish(&audit);
  *ms += milliseconds_since(start);
  if (ok && audit.findings[PD_SCAN].amount + audit.findings[PD_EXCLUSIVE].amount != 0)
    ok = pd_fail(error, "pages were un-shared: this measures something else");
  pd_audit_free(&audit);
  pd_worker_end(&worker);
  return ok;
}

int main(int argc, char **argv) {
  struct pd_error error = {""};
  struct pd_mapping mapping;
  size_t mib = argc > 1 ? strtoul(argv[1], NULL, 10) : 1024;
  int rounds = argc > 2 ? atoi(argv[2]) : 5;
  if (mib == 0 || rounds < 1 || !pd_mapping_reserve(&mapping, mib << 20, &error)) {
    fprintf(stderr, "pagediff_cost: %s\n", error.text);
    return EXIT_FAILURE;
  }
  memset(mapping.base, 1, mapping.size);
  for (int i = 0; i < rounds; i++) {
    double start_ms = 0;
    double ms = 0;
    if (!measure(&mapping, &start_ms, &ms, &error)) {
      fprintf(stderr, "pagediff_cost: %s\n", error.text);
      pd_mapping_close(&mapping);
      return EXIT_FAILURE;
    }
    printf("%zu MiB, %s tier, without digest: %.1f ms, %.1f ms a GiB (and the worker's start: "
           "%.1f ms)\n",
           mib, pd_frames_visible() ? "root" : "user", ms, ms * 1024 / (double)mib, start_ms);
  }
  pd_mapping_close(&mapping);
  return EXIT_SUCCESS;
}
