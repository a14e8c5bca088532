/* text REGION: the typed text of each record, one a line, from a region in which every byte is
 * checked. */
#include <stdio.h>
#include <stdlib.h>

#include <ztc/ztc.h>

static bool print(void *context, const char *text, size_t size) {
  return fwrite(text, 1, size, context) == size;
}

static ztc_status print_record(const ztc_region *region, uint64_t index) {
  uint64_t size = 0;
  ztc_workspace *workspace = NULL;
  ztc_value root;
  void *copy = NULL;
  ztc_status status = ztc_copy_size(region, index, &size);
  if (status == ZTC_OK) {
    copy = malloc(size);
    status = copy != NULL ? ztc_workspace_create(1 << 16, &workspace) : ZTC_NO_MEMORY;
  }
  if (status == ZTC_OK)
    status = ztc_copy(region, index, copy, size, &size, workspace);
  if (status == ZTC_OK)
    status = ztc_value_root(copy, size, ztc_region_schema(region), &root);
  if (status == ZTC_OK)
    status = ztc_value_text(&root, print, stdout, NULL);
  putchar('\n');
  ztc_workspace_free(workspace);
  free(copy);
  return status;
}

int main(int argc, char **argv) {
  ztc_region *region;
  ztc_error error;
  if (argc != 2) {
    fprintf(stderr, "usage: text REGION\n");
    return 2;
  }
  if (ztc_region_open(argv[1], ZTC_OPEN_VERIFY_ALL, &region, &error) != ZTC_OK) {
    fprintf(stderr, "%s\n", error.message);
    return 1;
  }
  ztc_status status = ZTC_OK;
  for (uint64_t i = 0; i < ztc_region_count(region) && status == ZTC_OK; i++) {
    status = print_record(region, i);
  }
  ztc_region_free(region);
  if (status != ZTC_OK)
    fprintf(stderr, "%s\n", ztc_status_text(status));
  return status == ZTC_OK ? 0 : 1;
}
