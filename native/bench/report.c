/* What a run prints, and the same as JSON for programs. */
#include <stdio.h>

#include "cases.h"

static struct {
  FILE *json;
  const char *title, *floor; /* of the table being printed */
} report;

int open_json(const char *path) {
  report.json = fopen(path, "w");
  return report.json != NULL;
}

int close_json(void) {
  return report.json == NULL || fclose(report.json) == 0;
}

void print_heading(const char *title, const char *floor) {
  report.title = title;
  report.floor = floor;
  printf("\n%s; floor: %s\n", title, floor);
  printf("  %-28s %12s %8s %12s   %-6s %s\n", "", "ns/record", "GB/s", "floor ns", "ratio",
         "95 % interval");
}

static void put_rounds(const char *name, const double *rounds, int count) {
  fprintf(report.json, ", \"%s\": [", name);
  for (int i = 0; i < count; i++)
    fprintf(report.json, "%s%.3f", i > 0 ? ", " : "", rounds[i]);
  fputc(']', report.json);
}

/* Titles and names are literals of this program: nothing in them needs an escape. */
static void put_json(const char *what, const result *r, uint64_t bytes) {
  fprintf(report.json, "{\"table\": \"%s\", \"floor\": \"%s\", \"what\": \"%s\", \"bytes\": %llu",
          report.title, report.floor, what, (unsigned long long)bytes);
  put_rounds("ns", r->a_rounds, r->rounds);
  put_rounds("floor_ns", r->b_rounds, r->rounds);
  fputs("}\n", report.json);
}

void print_line(const char *what, const result *r, uint64_t bytes) {
  printf("  %-28s %12.1f %8.2f %12.1f   %-6.3f %.3f .. %.3f\n", what, r->a_ns,
         bytes != 0 ? (double)bytes / r->a_ns : 0, r->b_ns, r->ratio, r->low, r->high);
  fflush(stdout);
  if (report.json != NULL)
    put_json(what, r, bytes);
}

void print_count(const char *what, long count) {
  printf("  %-28s %12ld\n", what, count);
  fflush(stdout);
  if (report.json != NULL) {
    fprintf(report.json, "{\"table\": \"%s\", \"what\": \"%s\", \"count\": %ld}\n", report.title,
            what, count);
  }
}
