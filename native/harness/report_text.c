/* The report as a table in plain text. */
#include <inttypes.h>
#include <string.h>

#include "pagemap.h"
#include "report.h"

static const char *megabytes(double kb, char out[32]) {
  snprintf(out, 32, kb < 10240 ? "%.2f MiB" : "%.0f MiB", kb / 1024);
  return out;
}

static void page_cell(const struct pd_fleet *fleet, char *out, size_t capacity) {
  char n[32];
  char of[32];
  size_t most = pd_fleet_most_unshared(fleet);
  size_t pages = fleet->count == 0 ? 0 : fleet->workers[0].unshared.pages;
  snprintf(out, capacity, "%s of %s (%.1f %%)", pd_grouped(most, n), pd_grouped(pages, of),
           pages == 0 ? 0.0 : 100.0 * (double)most / (double)pages);
}

static void row(FILE *out, const char *name, const char *region, const char *heap) {
  fprintf(out, "  %-36s %28s %28s\n", name, region, heap);
}

static void print_sides(const struct pd_run *run, FILE *out) {
  const struct pd_fleet *region = &run->region.fleet;
  const struct pd_fleet *heap = &run->heap.fleet;
  char a[64];
  char b[64];
  bool both = run->have_heap;
  row(out, "", "region", both ? "control: counted objects" : "");
  row(out, "records", pd_grouped(run->region.records, a),
      both ? pd_grouped(run->heap.records, b) : "");
  row(out, "size of the source", megabytes((double)run->region.size / 1024, a),
      both ? megabytes((double)run->heap.size / 1024, b) : "");
  row(out, "records/s a worker", pd_grouped((uint64_t)pd_fleet_records_per_second(region), a),
      both ? pd_grouped((uint64_t)pd_fleet_records_per_second(heap), b) : "");
  row(out, "private memory growth a worker", megabytes(pd_fleet_growth_kb(region), a),
      both ? megabytes(pd_fleet_growth_kb(heap), b) : "");
  page_cell(region, a, sizeof a);
  if (both)
    page_cell(heap, b, sizeof b);
  row(out, "source pages un-shared (most)", a, both ? b : "");
  row(out, "total PSS, workers and parent", megabytes((double)region->total_pss_kb, a),
      both ? megabytes((double)heap->total_pss_kb, b) : "");
  if (run->heap_note[0] != '\0')
    fprintf(out, "  note: %s\n", run->heap_note);
}

static void print_finding(const struct pd_run *run, int w, FILE *out) {
  static const char *const units[] = {"pages", "kB", "faults", ""};
  const struct pd_fleet *fleet = &run->region.fleet;
  const struct pd_witness *witness = pd_witnesses[w];
  fprintf(out, "  %-14s %-48s", witness->name, witness->title);
  if (fleet->count > 0 && !fleet->workers[0].audit.findings[w].available) {
    fprintf(out, " not available here, because %s\n", fleet->workers[0].audit.findings[w].why);
    return;
  }
  for (size_t i = 0; i < fleet->count && i < 8; i++) {
    char n[32];
    fprintf(out, "%s%s", i == 0 ? " " : " / ",
            pd_grouped(fleet->workers[i].audit.findings[w].amount, n));
  }
  fprintf(out, "%s %s%s\n", fleet->count > 8 ? " / ..." : "", units[witness->unit],
          w == PD_FAULTS                                              ? " (corroborates only)"
          : w == PD_VMFLAGS                                           ? "(1: a write would succeed)"
          : pd_claims(run->tier, run->mapping, (enum pd_witness_id)w) ? ""
                                                                      : " (blind on this mapping)");
}

static int column_width(int witness) {
  const int widest = 9;
  const int narrowest = 6; /* "CAUGHT" */
  int length = (int)strlen(pd_witnesses[witness]->name);
  return length > widest ? widest : length < narrowest ? narrowest : length;
}

static bool is_wrong(const struct pd_control_result *result, int witness) {
  return result->observed[witness] != result->expected[witness] &&
         result->observed[witness] != PD_CELL_UNAVAILABLE;
}

void pd_matrix_print(const struct pd_control_matrix *matrix, FILE *out) {
  static const char *const marks[] = {[PD_CELL_BLIND] = "blind",
                                      [PD_CELL_CAUGHT] = "CAUGHT",
                                      [PD_CELL_NO_EFFECT] = "-",
                                      [PD_CELL_UNAVAILABLE] = "n/a",
                                      [PD_CELL_WRONG] = "WRONG"};
  fprintf(out, "  %-35s %5s", "", "pages");
  for (int w = 0; w < PD_VMFLAGS; w++) {
    fprintf(out, " %*.9s", column_width(w), pd_witnesses[w]->name);
  }
  fputc('\n', out);
  for (int c = 0; c < PD_CONTROLS; c++) {
    const struct pd_control_result *result = &matrix->results[c];
    fprintf(out, "  %-35s %5zu", pd_control_title(result->id), result->touched.count);
    for (int w = 0; result->available && w < PD_VMFLAGS; w++) {
      fprintf(out, " %*s%s", column_width(w), marks[result->observed[w]],
              is_wrong(result, w) ? "!" : "");
    }
    if (!result->available)
      fprintf(out, "  not available here, because %s", result->why);
    fputc('\n', out);
    for (int w = 0; result->available && w < PD_VMFLAGS; w++) {
      if (!is_wrong(result, w))
        continue;
      fprintf(out, "    %s: expected %s, observed %s: %s\n", pd_witnesses[w]->name,
              pd_cell_name(result->expected[w]), pd_cell_name(result->observed[w]),
              result->detail[w]);
    }
  }
  if (matrix->cells == 0) {
    fprintf(out, "  no answers: there are no such workers on this mapping\n");
    return;
  }
  fprintf(out, "  %u of %u answers as the table expects", matrix->cells - matrix->wrong,
          matrix->cells);
  if (matrix->unavailable > 0)
    fprintf(out, "; %u not available here", matrix->unavailable);
  fputc('\n', out);
}

void pd_report_print(const struct pd_run *run, FILE *out) {
  char a[32];
  char b[32];
  char path[512];
  fprintf(out, "\n%s: %s records, %s pages of %zu bytes\n",
          pd_printable(run->path, path, sizeof path), pd_grouped(run->region.records, a),
          pd_grouped(run->region.map.pages, b), pd_page_size());
  fprintf(out, "  %zu %s, %s order (seed %" PRIu64 "), %s\n\n", run->region.fleet.count,
          pd_tier_title(run->tier), run->sequential ? "sequential" : "random", run->seed,
          pd_mapping_title(run->mapping));
  print_sides(run, out);
  fprintf(out, "\n  what each witness found, worker by worker\n");
  for (int w = 0; w < PD_WITNESSES; w++)
    print_finding(run, w, out);
  size_t absent = 0;
  for (size_t i = 0; i < run->region.fleet.count; i++) {
    absent += run->region.fleet.workers[i].audit.absent.count;
  }
  if (absent > 0)
    fprintf(out, "  %s pages not present in workers\n", pd_grouped(absent, a));
  fprintf(out, "\n  controls on the same mapping\n");
  pd_matrix_print(&run->controls, out);
  fprintf(out, "\n  as shipped (shared, read-only): %s\n",
          run->guard.refuses ? "the kernel refuses writes" : run->guard.why);
  fprintf(out, "\n  VERDICT %s: %s\n", pd_outcome_name(run->verdict.outcome),
          run->verdict.sentence);
}
