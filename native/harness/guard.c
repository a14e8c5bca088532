#include "guard.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "pagemap.h"
#include "smaps.h"
#include "ztc/ztc.h"

void pd_guard_check(const char *path, struct pd_guard *guard) {
  ztc_region *region = NULL;
  ztc_error why = {.status = ZTC_OK};
  struct pd_error error = {""};
  struct pd_smaps sums;
  memset(guard, 0, sizeof *guard);
  if (ztc_region_open(path, ZTC_OPEN_VERIFY_HEADER, &region, &why) != ZTC_OK) {
    snprintf(guard->why, sizeof guard->why, "not checked: %.*s", PD_WHY - 14, why.message);
    return;
  }
  size_t page = pd_page_size();
  size_t size = (size_t)(ztc_region_size(region) + page - 1) / page * page;
  uintptr_t base = (uintptr_t)ztc_region_base(region);
  if (!pd_smaps_range(getpid(), base, size, &sums, &error)) {
    snprintf(guard->why, sizeof guard->why, "not checked: %.*s", PD_WHY - 14, error.text);
  } else {
    guard->checked = true;
    bool opened = mprotect((void *)base, page, PROT_READ | PROT_WRITE) == 0;
    guard->refuses = !sums.may_write && !sums.writable && !opened;
    if (!guard->refuses) {
      snprintf(guard->why, sizeof guard->why, "the mapping %s",
               opened ? "could be made writable" : "has the flag mw or wr");
    }
  }
  ztc_region_free(region);
}
