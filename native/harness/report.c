#include "report.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

bool pd_page_map_init(struct pd_page_map *map, size_t pages, const struct pd_source *source) {
  memset(map, 0, sizeof *map);
  map->pages = pages;
  map->block_pages = (pages + PD_MOST_BLOCKS - 1) / PD_MOST_BLOCKS;
  if (map->block_pages == 0)
    map->block_pages = 1;
  map->blocks = (pages + map->block_pages - 1) / map->block_pages;
  map->first_record = malloc((map->blocks + 1) * sizeof *map->first_record);
  map->last_record = malloc((map->blocks + 1) * sizeof *map->last_record);
  if (map->first_record == NULL || map->last_record == NULL) {
    pd_page_map_free(map);
    return false;
  }
  for (size_t i = 0; i < map->blocks; i++) {
    if (!pd_source_records_in(source, i * map->block_pages, map->block_pages, &map->first_record[i],
                              &map->last_record[i])) {
      map->first_record[i] = PD_NO_RECORD;
      map->last_record[i] = PD_NO_RECORD;
    }
  }
  return true;
}

void pd_page_map_free(struct pd_page_map *map) {
  free(map->first_record);
  free(map->last_record);
  memset(map, 0, sizeof *map);
}

void pd_report_free(struct pd_report *report) {
  for (size_t i = 0; i < report->run_count; i++) {
    struct pd_run *run = &report->runs[i];
    pd_page_map_free(&run->region.map);
    pd_page_map_free(&run->heap.map);
    pd_fleet_free(&run->region.fleet);
    pd_fleet_free(&run->heap.fleet);
    pd_controls_free(&run->controls);
  }
  free(report->runs);
  memset(report, 0, sizeof *report);
}

bool pd_json_write(const json_t *document, const char *path, struct pd_error *error) {
  if (document == NULL)
    return pd_fail(error, "no memory for the report");
  FILE *file = fopen(path, "we");
  if (file == NULL)
    return pd_fail_errno(error, "%s cannot be written", path);
  bool ok = json_dumpf(document, file, JSON_COMPACT) == 0 && fputc('\n', file) != EOF;
  int code = errno;
  if (fclose(file) != 0)
    ok = false;
  errno = code;
  return ok || pd_fail_errno(error, "%s cannot be written", path);
}
