#include "verify.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "heap.h"
#include "java.h"
#include "order.h"
#include "pagemap.h"

void pd_verify_defaults(struct pd_verify_options *options) {
  *options = (struct pd_verify_options){
      .workers = 4,
      .seed = 1,
      .records = UINT64_MAX,
      .mapping = PD_FILE_PRIVATE,
      .heap = true,
      .memory_share = 0.6,
  };
}

/* What one worker reads; a copy of it exists in each child. */
struct reader {
  struct pd_order order;
  uint64_t records;
  const struct pd_source *source; /* one of the two */
  const struct pd_heap *heap;
  struct pd_buffer buffer;
};

enum { WARM_BUFFER = 64 * 1024, REPORT_EVERY = 256 };

/* The private buffer is there before the measurement begins, so that growth is growth. */
static bool prepare(void *context, struct pd_board *board) {
  struct reader *reader = context;
  if (!pd_buffer_reserve(&reader->buffer, WARM_BUFFER))
    return pd_fail(&board->why, "no memory for a copy");
  memset(reader->buffer.data, 1, reader->buffer.capacity);
  return true;
}

static bool read_all(void *context, struct pd_board *board) {
  struct reader *reader = context;
  uint64_t total = 0;
  for (uint64_t i = 0; i < reader->records; i++) {
    uint64_t index = pd_order_at(&reader->order, i);
    uint64_t bytes = 0;
    bool ok = reader->heap != NULL ? pd_heap_visit(reader->heap, index, &reader->buffer, &bytes)
                                   : reader->source->copy(reader->source, index, &reader->buffer,
                                                          &bytes, &board->why);
    if (!ok)
      return reader->heap == NULL ? false : pd_fail(&board->why, "no memory for a copy");
    total += bytes;
    if (i % REPORT_EVERY == 0) {
      atomic_store_explicit(&board->done, i, memory_order_relaxed);
      atomic_store_explicit(&board->bytes, total, memory_order_relaxed);
    }
  }
  atomic_store(&board->done, reader->records);
  atomic_store(&board->bytes, total);
  return true;
}

static bool run_fleet(const struct pd_verify_options *options, struct pd_fleet_work *work,
                      struct pd_progress *progress, struct pd_fleet *fleet,
                      struct pd_error *error) {
  work->workers = options->workers;
  work->progress = pd_progress_update;
  work->progress_context = progress;
  return pd_fleet_run(work, fleet, error);
}

static bool run_readers(const struct pd_verify_options *options, const struct pd_mapping *mapping,
                        struct pd_digests *digests, const struct reader *model, uint64_t count,
                        struct pd_progress *progress, struct pd_fleet *fleet,
                        struct pd_error *error) {
  struct reader *readers = calloc(options->workers, sizeof *readers);
  void **contexts = calloc(options->workers, sizeof *contexts);
  bool ok = readers != NULL && contexts != NULL;
  for (size_t i = 0; ok && i < options->workers; i++) {
    readers[i] = *model;
    pd_order_init(&readers[i].order, count, options->sequential, options->seed + i);
    contexts[i] = &readers[i];
  }
  struct pd_fleet_work work = {
      .mapping = mapping,
      .digests = digests,
      .prepare = prepare,
      .job = read_all,
      .contexts = contexts,
      .records = model->records,
  };
  ok = ok ? run_fleet(options, &work, progress, fleet, error) : pd_fail(error, "no memory");
  free(readers);
  free(contexts);
  return ok;
}

static bool run_java(const struct pd_verify_options *options, const struct pd_mapping *mapping,
                     struct pd_digests *digests, uint64_t records, struct pd_progress *progress,
                     struct pd_fleet *fleet, struct pd_error *error) {
  struct pd_java_task *tasks = calloc(options->workers, sizeof *tasks);
  void **contexts = calloc(options->workers, sizeof *contexts);
  bool ok = tasks != NULL && contexts != NULL;
  for (size_t i = 0; ok && i < options->workers; i++) {
    ok = pd_java_task_copy(&tasks[i], options->host.java, options->host.tier, mapping, records,
                           options->seed + i);
    contexts[i] = &tasks[i];
  }
  struct pd_fleet_work work = {
      .mapping = mapping,
      .digests = digests,
      .host = options->host,
      .contexts = contexts,
      .records = records * PD_JAVA_ROUNDS,
  };
  ok = ok ? run_fleet(options, &work, progress, fleet, error) : pd_fail(error, "no memory");
  for (size_t i = 0; tasks != NULL && i < options->workers; i++)
    pd_java_task_free(&tasks[i]);
  free(tasks);
  free(contexts);
  return ok;
}

static uint64_t available_bytes(void) {
  char line[128];
  uint64_t kb = 0;
  FILE *file = fopen("/proc/meminfo", "re");
  if (file == NULL)
    return 0;
  while (fgets(line, sizeof line, file) != NULL) {
    if (sscanf(line, "MemAvailable: %" SCNu64, &kb) == 1)
      break;
  }
  fclose(file);
  return kb * 1024;
}

/* The control un-shares nearly everything: each worker may come to hold a copy of all of it. */
static bool run_heap(const struct pd_verify_options *options, const struct pd_source *source,
                     struct pd_progress *progress, struct pd_run *run, struct pd_error *error) {
  struct pd_heap heap;
  uint64_t wanted = source->count < options->records ? source->count : options->records;
  size_t limit =
      (size_t)((double)available_bytes() * options->memory_share / (double)(options->workers + 1));
  pd_progress_step(progress, "laying the records out as counted objects");
  if (!pd_heap_build(&heap, source, wanted, limit, pd_progress_update, progress, error)) {
    return false;
  }
  if (heap.index.count == 0) {
    snprintf(run->heap_note, sizeof run->heap_note, "no control with counted objects: %s",
             wanted == 0 ? "the region has no record" : "too little memory for the first record");
    pd_heap_close(&heap);
    return true;
  }
  if (!heap.complete) {
    snprintf(run->heap_note, sizeof run->heap_note,
             "the control holds the first %" PRIu64 " of %" PRIu64
             " records: more would not fit into this machine's memory %zu times",
             heap.index.count, wanted, options->workers + 1);
  }
  struct reader model = {.records = heap.index.count, .heap = &heap};
  pd_progress_step(progress, "workers over counted objects");
  bool ok = run_readers(options, &heap.arena, NULL, &model, heap.index.count, progress,
                        &run->heap.fleet, error) &&
            (pd_page_map_init(&run->heap.map, heap.arena.pages, &heap.index) ||
             pd_fail(error, "no memory"));
  run->have_heap = ok;
  run->heap_objects = heap.objects;
  run->heap.records = heap.index.count;
  run->heap.size = heap.arena.size;
  pd_heap_close(&heap);
  return ok;
}

static bool run_region(const struct pd_verify_options *options, const struct pd_mapping *mapping,
                       const struct pd_source *source, struct pd_progress *progress,
                       struct pd_run *run, struct pd_error *error) {
  struct pd_digests digests;
  struct reader model = {.source = source};
  model.records = source->count < options->records ? source->count : options->records;
  if (!pd_digests_init(&digests, mapping->pages))
    return pd_fail(error, "no memory for digests");
  pd_progress_step(progress, "workers over the region");
  bool ok = options->host.tier == PD_TIER_FORK
                ? run_readers(options, mapping, &digests, &model, source->count, progress,
                              &run->region.fleet, error)
                : run_java(options, mapping, &digests, model.records, progress, &run->region.fleet,
                           error);
  ok = ok &&
       (pd_page_map_init(&run->region.map, mapping->pages, source) || pd_fail(error, "no memory"));
  if (ok) {
    pd_progress_step(progress, "controls on the same mapping");
    ok = pd_controls_run(&options->host, mapping, source, &digests, options->seed, &run->controls,
                         error);
  }
  pd_digests_free(&digests);
  return ok;
}

bool pd_verify(const char *path, int fd, size_t size, pd_source_opener *open_source,
               const struct pd_verify_options *options, struct pd_progress *progress,
               struct pd_run *run, struct pd_error *error) {
  struct pd_mapping mapping;
  struct pd_source source;
  memset(run, 0, sizeof *run);
  run->path = path;
  run->mapping = options->mapping;
  run->sequential = options->sequential;
  run->seed = options->seed;
  run->tier = options->host.tier;
  snprintf(run->guard.why, sizeof run->guard.why, "not checked");
  if (!pd_tier_has(options->host.tier, options->mapping)) {
    return pd_fail(error, "a program of its own inherits no memory: take another mapping than %s",
                   pd_mapping_name(options->mapping));
  }
  pd_progress_step(progress, "mapping the region");
  if (!pd_mapping_open(&mapping, options->mapping, fd, size, pd_progress_update, progress, error)) {
    return false;
  }
  bool ok = open_source(&source, &mapping, error);
  if (ok) {
    run->region.records = source.count;
    run->region.size = size;
    ok = run_region(options, &mapping, &source, progress, run, error);
    if (ok && options->heap)
      ok = run_heap(options, &source, progress, run, error);
    source.close(&source);
  }
  pd_mapping_close(&mapping);
  pd_progress_end(progress);
  if (ok) {
    pd_verdict_reach(&run->region.fleet, &run->controls, run->have_heap ? &run->heap.fleet : NULL,
                     &run->verdict);
  }
  return ok;
}

bool pd_verify_region(const char *path, const struct pd_verify_options *options,
                      struct pd_progress *progress, struct pd_run *run, struct pd_error *error) {
  struct stat status;
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    return pd_fail_errno(error, "%s", path);
  bool ok = fstat(fd, &status) == 0 || pd_fail_errno(error, "%s", path);
  if (ok && !S_ISREG(status.st_mode))
    ok = pd_fail(error, "%s is not a regular file", path);
  if (ok) {
    struct pd_error why = {""};
    ok = pd_verify(path, fd, (size_t)status.st_size, pd_source_open_region, options, progress, run,
                   &why);
    if (ok)
      pd_guard_check(path, &run->guard);
    if (!ok)
      pd_fail(error, "%.120s: %.190s", path, why.text);
  }
  close(fd);
  return ok;
}
