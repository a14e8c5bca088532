/* No copy in this version of the format needs memory beside its destination; the calls stay, so
   that a later version may. */
#include <stdlib.h>

#include "ztc/ztc.h"

struct ztc_workspace {
  uint64_t entries; /* shared nodes it was reserved for */
};

/* A record has at most this many shared nodes: each takes at least 8 bytes of its copy. */
#define MOST_ENTRIES (ZTC_MAX_RECORD_SIZE / 8)

ztc_status ztc_workspace_create(uint64_t entries, ztc_workspace **out) {
  if (out == NULL)
    return ZTC_INVALID_ARGUMENT;
  *out = NULL;
  if (entries > MOST_ENTRIES)
    return ZTC_INVALID_ARGUMENT;
  *out = malloc(sizeof **out);
  if (*out == NULL)
    return ZTC_NO_MEMORY;
  **out = (ztc_workspace){.entries = entries};
  return ZTC_OK;
}

ztc_status ztc_workspace_reserve(ztc_workspace *workspace, uint64_t entries) {
  if (workspace == NULL || entries > MOST_ENTRIES)
    return ZTC_INVALID_ARGUMENT;
  if (entries > workspace->entries)
    workspace->entries = entries;
  return ZTC_OK;
}

void ztc_workspace_free(ztc_workspace *workspace) {
  free(workspace);
}
