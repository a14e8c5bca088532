/* Asynchronous userfaultfd write-protection: the kernel notes every page that is written. */
#include "pagemap.h"
#include "uffd.h"
#include "witness.h"

static bool arm_inside(const struct pd_target *target, struct pd_error *error) {
  int fd = -1; /* stays open until the worker ends: closing it would drop the protection */
  return pd_uffd_arm(target->worker_base, target->pages * pd_page_size(), &fd, error);
}

/* The scan writes its answer straight into the finding. */
static bool collect(struct pd_audit *audit, struct pd_error *error) {
  return pd_scan_written(audit->target.worker, audit->target.worker_base, audit->target.pages,
                         &audit->findings[PD_SCAN].pages, error);
}

static bool compare(struct pd_audit *audit, struct pd_finding *finding, struct pd_error *error) {
  (void)audit;
  (void)finding;
  (void)error;
  return true;
}

const struct pd_witness pd_witness_scan = {
    .id = PD_SCAN,
    .name = "scan",
    .title = "PAGEMAP_SCAN with userfaultfd write-protection",
    .unit = PD_UNIT_PAGES,
    .arm_inside = arm_inside,
    .collect = collect,
    .compare = compare,
};
