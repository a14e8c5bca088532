#include "workspace.h"

#include <stdlib.h>

/* A record has at most this many shared nodes: each takes at least 8 bytes of its copy. */
#define MOST_ENTRIES (ZTC_MAX_RECORD_SIZE / 8)

ztc_status ztc_workspace_create(uint64_t entries, ztc_workspace **out) {
  if (out == NULL)
    return ZTC_INVALID_ARGUMENT;
  *out = calloc(1, sizeof **out);
  if (*out == NULL)
    return ZTC_NO_MEMORY;
  const ztc_status status = ztc_workspace_reserve(*out, entries);
  if (status != ZTC_OK) {
    free(*out);
    *out = NULL;
  }
  return status;
}

ztc_status ztc_workspace_reserve(ztc_workspace *workspace, uint64_t entries) {
  if (workspace == NULL || entries > MOST_ENTRIES)
    return ZTC_INVALID_ARGUMENT;
  if (entries <= workspace->entries && workspace->slots != NULL)
    return ZTC_OK;
  ztc__forward *slots = malloc(ztc__forward_slots(entries) * sizeof *slots);
  uint32_t *queue = malloc((entries + 1) * sizeof *queue);
  if (slots == NULL || queue == NULL) {
    free(slots);
    free(queue);
    return ZTC_NO_MEMORY;
  }
  free(workspace->slots);
  free(workspace->queue);
  *workspace = (ztc_workspace){.entries = entries, .slots = slots, .queue = queue};
  return ZTC_OK;
}

void ztc_workspace_free(ztc_workspace *workspace) {
  if (workspace == NULL)
    return;
  free(workspace->slots);
  free(workspace->queue);
  free(workspace);
}
