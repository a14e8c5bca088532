/* Verdicts: zero for workers that only copy, and never for workers that write or for instruments
 * that were not shown to work. */
#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "harness_user.h"
#include "heap.h"
#include "main.h"
#include "pagemap.h"
#include "verify.h"

enum { RECORDS = 4000 };

static struct pd_progress progress;

static void verify(struct pd_report *report, const struct pd_verify_options *options,
                   pd_source_opener *opener) {
  struct pd_error error = {""};
  int fd = -1;
  size_t size = 0;
  memset(report, 0, sizeof *report);
  report->runs = calloc(1, sizeof *report->runs);
  report->run_count = 1;
  ck_assert_msg(pd_synthetic_file(RECORDS, 5, &fd, &size, &error), "%s", error.text);
  ck_assert_msg(pd_verify("synthetic", fd, size, opener, options, &progress, report->runs, &error),
                "%s", error.text);
  close(fd);
}

static struct pd_verify_options options_for(enum pd_mapping_kind kind) {
  struct pd_verify_options options;
  pd_verify_defaults(&options);
  options.workers = 2;
  options.mapping = kind;
  options.heap = false;
  return options;
}

START_TEST(workers_that_only_copy_are_at_zero) {
  struct pd_report report;
  struct pd_verify_options options = options_for((enum pd_mapping_kind)_i);
  verify(&report, &options, pd_source_open_synthetic);
  const struct pd_run *run = &report.runs[0];
  ck_assert_msg(run->verdict.outcome == PD_ZERO, "%s", run->verdict.sentence);
  ck_assert_uint_eq(run->region.fleet.count, 2);
  for (size_t i = 0; i < 2; i++) {
    ck_assert_uint_eq(run->region.fleet.workers[i].records, RECORDS);
    ck_assert_uint_eq(run->region.fleet.workers[i].unshared.count, 0);
    ck_assert_uint_ge(run->region.fleet.workers[i].sample_count, 2);
  }
  pd_report_free(&report);
}
END_TEST

/* A source that keeps a counter in the record it copies: what the project must never do. */
static bool (*plain_copy)(const struct pd_source *, uint64_t, struct pd_buffer *, uint64_t *,
                          struct pd_error *);

static bool counting_copy(const struct pd_source *source, uint64_t index, struct pd_buffer *buffer,
                          uint64_t *bytes, struct pd_error *error) {
  const struct pd_mapping *mapping = source->state;
  uint64_t offset = 0;
  if (!source->extent(source, index, &offset, bytes))
    return false;
  if (index == 17)
    ++*(volatile uint32_t *)(void *)(mapping->base + offset);
  return plain_copy(source, index, buffer, bytes, error);
}

static bool open_counting(struct pd_source *source, const struct pd_mapping *mapping,
                          struct pd_error *error) {
  if (!pd_source_open_synthetic(source, mapping, error))
    return false;
  plain_copy = source->copy;
  source->copy = counting_copy;
  return true;
}

START_TEST(one_write_to_one_record_is_found_and_named) {
  struct pd_report report;
  struct pd_verify_options options = options_for((enum pd_mapping_kind)_i);
  verify(&report, &options, open_counting);
  const struct pd_run *run = &report.runs[0];
  ck_assert_msg(run->verdict.outcome == PD_UNSHARED, "%s", run->verdict.sentence);
  for (size_t i = 0; i < 2; i++) {
    const struct pd_pageset *pages = &run->region.fleet.workers[i].unshared;
    size_t first = 0;
    size_t length = 0;
    ck_assert_uint_eq(pages->count, 1);
    ck_assert(pd_pageset_next_run(pages, 0, &first, &length));
    size_t block = first / run->region.map.block_pages;
    ck_assert_uint_le(run->region.map.first_record[block], 17);
    ck_assert_uint_ge(run->region.map.last_record[block], 17);
  }
  pd_report_free(&report);
}
END_TEST

START_TEST(an_ordinary_user_reaches_a_verdict_that_says_its_tier) {
  struct pd_report report;
  struct pd_verify_options options = options_for((enum pd_mapping_kind)_i);
  become_ordinary();
  verify(&report, &options, pd_source_open_synthetic);
  const struct pd_verdict *verdict = &report.runs[0].verdict;
  ck_assert_msg(verdict->outcome == PD_ZERO, "%s", verdict->sentence);
  ck_assert(!verdict->root_tier);
  ck_assert_ptr_nonnull(strstr(verdict->sentence, "user tier"));
  ck_assert(!verdict->relied_on[PD_PFN]);
  pd_report_free(&report);
}
END_TEST

START_TEST(a_wrong_control_answer_forbids_a_verdict) {
  struct pd_report report;
  struct pd_verify_options options = options_for(PD_FILE_PRIVATE);
  verify(&report, &options, pd_source_open_synthetic);
  struct pd_run *run = &report.runs[0];
  run->controls.wrong = 1;
  pd_verdict_reach(&run->region.fleet, &run->controls, NULL, &run->verdict);
  ck_assert_int_eq(run->verdict.outcome, PD_INCONCLUSIVE);
  pd_report_free(&report);
}
END_TEST

START_TEST(too_few_witnesses_forbid_a_verdict) {
  struct pd_report report;
  struct pd_verify_options options = options_for(PD_ANON);
  verify(&report, &options, pd_source_open_synthetic);
  struct pd_run *run = &report.runs[0];
  for (size_t i = 0; i < run->region.fleet.count; i++) {
    run->region.fleet.workers[i].audit.findings[PD_PFN].available = false;
    run->region.fleet.workers[i].audit.findings[PD_SCAN].available = false;
  }
  pd_verdict_reach(&run->region.fleet, &run->controls, NULL, &run->verdict);
  ck_assert_int_eq(run->verdict.outcome, PD_INCONCLUSIVE);
  ck_assert_ptr_nonnull(strstr(run->verdict.sentence, "too few witnesses"));
  pd_report_free(&report);
}
END_TEST

START_TEST(a_mapping_that_refuses_writes_proves_nothing) {
  struct pd_report report;
  struct pd_verify_options options = options_for(PD_FILE_PRIVATE);
  verify(&report, &options, pd_source_open_synthetic);
  struct pd_run *run = &report.runs[0];
  run->region.fleet.workers[1].audit.findings[PD_VMFLAGS].amount = 0;
  pd_verdict_reach(&run->region.fleet, &run->controls, NULL, &run->verdict);
  ck_assert_int_eq(run->verdict.outcome, PD_INCONCLUSIVE);
  pd_report_free(&report);
}
END_TEST

START_TEST(a_worker_that_copied_no_record_gives_no_zero) {
  struct pd_report report;
  struct pd_verify_options options = options_for(PD_FILE_PRIVATE);
  verify(&report, &options, _i == 0 ? pd_source_open_synthetic : open_counting);
  struct pd_run *run = &report.runs[0];
  run->region.fleet.workers[1].records = 0;
  pd_verdict_reach(&run->region.fleet, &run->controls, NULL, &run->verdict);
  ck_assert_msg(run->verdict.outcome == (_i == 0 ? PD_INCONCLUSIVE : PD_UNSHARED), "%s",
                run->verdict.sentence);
  if (_i == 0)
    ck_assert_ptr_nonnull(strstr(run->verdict.sentence, "worker 2 copied no record"));
  pd_report_free(&report);
}
END_TEST

START_TEST(pages_given_back_give_a_zero_only_where_the_scan_saw_no_write) {
  struct pd_report report;
  struct pd_verify_options options = options_for(PD_FILE_PRIVATE);
  verify(&report, &options, pd_source_open_synthetic);
  struct pd_run *run = &report.runs[0];
  struct pd_audit *audit = &run->region.fleet.workers[1].audit;
  ck_assert_uint_eq(audit->absent.count, 0);
  pd_pageset_add(&audit->absent, 3);
  audit->findings[PD_SCAN].available = _i == 0;
  pd_verdict_reach(&run->region.fleet, &run->controls, NULL, &run->verdict);
  ck_assert_int_eq(run->verdict.outcome,
                   _i == 0 && run->verdict.relied_on[PD_SCAN] ? PD_ZERO : PD_INCONCLUSIVE);
  ck_assert_msg(strstr(run->verdict.sentence, "present") != NULL, "%s", run->verdict.sentence);
  pd_report_free(&report);
}
END_TEST

/* Nothing is armed in a process of its own. What it never had is not what it gave back. */
START_TEST(a_page_that_a_java_process_gave_back_gives_no_zero) {
  struct pd_report report;
  struct pd_verify_options options = options_for(PD_FILE_PRIVATE);
  verify(&report, &options, pd_source_open_synthetic);
  struct pd_run *run = &report.runs[0];
  struct pd_worker_result *worker = &run->region.fleet.workers[1];
  ck_assert_uint_eq(worker->had.count, worker->had.pages);
  pd_pageset_add(&worker->audit.absent, 3);
  if (_i == 1)
    pd_pageset_clear(&worker->had);
  run->controls.tier = PD_TIER_JAVA;
  pd_verdict_reach(&run->region.fleet, &run->controls, NULL, &run->verdict);
  ck_assert(!run->verdict.relied_on[PD_SCAN]);
  ck_assert_msg(run->verdict.outcome == (_i == 0 ? PD_INCONCLUSIVE : PD_ZERO), "%s",
                run->verdict.sentence);
  ck_assert_msg(strstr(run->verdict.sentence, "present") != NULL, "%s", run->verdict.sentence);
  pd_report_free(&report);
}
END_TEST

START_TEST(counted_objects_are_unshared_nearly_everywhere) {
  struct pd_report report;
  struct pd_verify_options options = options_for(PD_FILE_PRIVATE);
  options.heap = true;
  verify(&report, &options, pd_source_open_synthetic);
  const struct pd_run *run = &report.runs[0];
  ck_assert(run->have_heap);
  ck_assert_str_eq(run->heap_note, "");
  ck_assert_uint_eq(run->heap.records, RECORDS);
  /* Not touched: the array of records, which is only read. */
  ck_assert_uint_gt(pd_fleet_most_unshared(&run->heap.fleet), run->heap.map.pages * 9 / 10);
  ck_assert_msg(run->verdict.outcome == PD_ZERO, "%s", run->verdict.sentence);
  pd_report_free(&report);
}
END_TEST

static void assert_curve(const struct pd_worker_result *worker, bool grows) {
  const struct pd_sample *last = &worker->samples[worker->sample_count - 1];
  ck_assert_uint_ge(worker->sample_count, 2);
  for (size_t i = 1; i < worker->sample_count; i++) {
    ck_assert(worker->samples[i].seconds >= worker->samples[i - 1].seconds);
    ck_assert_uint_ge(worker->samples[i].pages, worker->samples[i - 1].pages);
    ck_assert_uint_ge(worker->samples[i].records, worker->samples[i - 1].records);
  }
  ck_assert_uint_eq(worker->samples[0].pages, 0);
  ck_assert_uint_eq(last->records, RECORDS);
  ck_assert_uint_eq(last->pages, worker->unshared.count);
  ck_assert_int_eq(last->pages > 0, grows);
  if (grows)
    ck_assert_uint_ge(last->private_kb, last->pages * (pd_page_size() / 1024));
}

START_TEST(every_worker_has_a_curve_that_grows_with_the_pages_it_unshares) {
  const size_t workers = 5;
  struct pd_report report;
  struct pd_verify_options options = options_for(PD_FILE_PRIVATE);
  options.heap = true;
  options.workers = workers;
  verify(&report, &options, pd_source_open_synthetic);
  const struct pd_run *run = &report.runs[0];
  ck_assert_uint_eq(run->region.fleet.count, workers);
  ck_assert_uint_eq(run->heap.fleet.count, workers);
  for (size_t i = 0; i < workers; i++) {
    assert_curve(&run->region.fleet.workers[i], false);
    assert_curve(&run->heap.fleet.workers[i], true);
  }
  pd_report_free(&report);
}
END_TEST

START_TEST(objects_hold_what_the_record_holds) {
  struct pd_error error = {""};
  struct pd_mapping mapping;
  struct pd_source source;
  struct pd_heap heap;
  struct pd_buffer record = {0};
  struct pd_buffer visited = {0};
  int fd = -1;
  size_t size = 0;
  ck_assert(pd_synthetic_file(100, 5, &fd, &size, &error));
  ck_assert(pd_mapping_open(&mapping, PD_FILE_PRIVATE, fd, size, NULL, NULL, &error));
  ck_assert(pd_source_open_synthetic(&source, &mapping, &error));
  ck_assert(pd_heap_build(&heap, &source, 100, (size_t)16 << 20, NULL, NULL, &error));
  ck_assert(heap.complete);
  for (uint64_t i = 0; i < 100; i++) {
    uint64_t bytes = 0;
    uint64_t got = 0;
    ck_assert(source.copy(&source, i, &record, &bytes, &error));
    ck_assert(pd_heap_visit(&heap, i, &visited, &got));
    /* id, keys and values in order: "id" u64 "words" 3 * u64 "text" rest */
    ck_assert_uint_eq(got, bytes + 11);
    ck_assert_mem_eq(visited.data + 2, record.data, 8);
    ck_assert_mem_eq(visited.data + 15, record.data + 8, 24);
    ck_assert_mem_eq(visited.data + 43, record.data + 32, bytes - 32);
  }
  pd_heap_close(&heap);
  free(record.data);
  free(visited.data);
  source.close(&source);
  pd_mapping_close(&mapping);
  close(fd);
}
END_TEST

START_TEST(a_memory_limit_ends_the_control_early_and_says_so) {
  struct pd_report report;
  struct pd_verify_options options = options_for(PD_FILE_PRIVATE);
  options.heap = true;
  options.memory_share = 1e-9;
  verify(&report, &options, pd_source_open_synthetic);
  const struct pd_run *run = &report.runs[0];
  ck_assert_uint_lt(run->heap.records, RECORDS);
  ck_assert_ptr_nonnull(strstr(run->heap_note, "of 4000 records"));
  pd_report_free(&report);
}
END_TEST

START_TEST(json_report_holds_the_exact_pages) {
  struct pd_report report;
  struct pd_verify_options options = options_for(PD_FILE_PRIVATE);
  verify(&report, &options, open_counting);
  json_t *document = pd_report_json(&report, true);
  ck_assert_ptr_nonnull(document);
  const json_t *run = json_array_get(json_object_get(document, "runs"), 0);
  const json_t *worker =
      json_array_get(json_object_get(json_object_get(run, "region"), "workers"), 0);
  const json_t *runs = json_object_get(worker, "unshared_runs");
  size_t first = 0;
  size_t length = 0;
  ck_assert(
      pd_pageset_next_run(&report.runs[0].region.fleet.workers[0].unshared, 0, &first, &length));
  ck_assert_uint_eq(json_array_size(runs), 1);
  ck_assert_int_eq(json_integer_value(json_array_get(json_array_get(runs, 0), 0)),
                   (json_int_t)first);
  ck_assert_int_eq(json_integer_value(json_array_get(json_array_get(runs, 0), 1)), 1);
  ck_assert_str_eq(json_string_value(json_object_get(json_object_get(run, "verdict"), "outcome")),
                   "unshared");
  json_decref(document);
  pd_report_free(&report);
}
END_TEST

START_TEST(html_report_is_one_page_without_network) {
  struct pd_report report;
  struct pd_error error = {""};
  char path[] = "/var/tmp/harness-html-XXXXXX";
  struct pd_verify_options options = options_for(PD_FILE_PRIVATE);
  verify(&report, &options, pd_source_open_synthetic);
  report.runs[0].path = "</script><b>&\"\xc3\xa4";
  int fd = mkstemp(path);
  ck_assert_int_ge(fd, 0);
  ck_assert_msg(pd_report_html(&report, path, &error), "%s", error.text);
  size_t size = (size_t)lseek(fd, 0, SEEK_END);
  char *page = calloc(size + 1, 1);
  ck_assert_int_eq((int)pread(fd, page, size, 0), (int)size);
  ck_assert_ptr_null(strstr(page, "@REPORT@"));
  ck_assert_ptr_null(strstr(page, "</script><b>"));
  ck_assert_ptr_nonnull(strstr(page, "\\u003c/script>\\u003cb>"));
  /* The only address is the name of the SVG namespace, which is never fetched. */
  const char *address = strstr(page, "://");
  ck_assert_ptr_nonnull(address);
  ck_assert_int_eq(strncmp(address, "://www.w3.org/2000/svg", 22), 0);
  ck_assert_ptr_null(strstr(address + 3, "://"));
  free(page);
  close(fd);
  unlink(path);
  pd_report_free(&report);
}
END_TEST

int main(void) {
  Suite *suite = suite_create("harness_verify");
  TCase *tests = tcase_create("verify");
  tcase_set_timeout(tests, 60);
  pd_progress_init(&progress);
  tcase_add_loop_test(tests, workers_that_only_copy_are_at_zero, 0, PD_MAPPING_KINDS);
  tcase_add_loop_test(tests, one_write_to_one_record_is_found_and_named, 0, PD_MAPPING_KINDS);
  tcase_add_loop_test(tests, an_ordinary_user_reaches_a_verdict_that_says_its_tier, 0,
                      PD_MAPPING_KINDS);
  tcase_add_test(tests, a_wrong_control_answer_forbids_a_verdict);
  tcase_add_test(tests, too_few_witnesses_forbid_a_verdict);
  tcase_add_test(tests, a_mapping_that_refuses_writes_proves_nothing);
  tcase_add_loop_test(tests, a_worker_that_copied_no_record_gives_no_zero, 0, 2);
  tcase_add_loop_test(tests, pages_given_back_give_a_zero_only_where_the_scan_saw_no_write, 0, 2);
  tcase_add_loop_test(tests, a_page_that_a_java_process_gave_back_gives_no_zero, 0, 2);
  tcase_add_test(tests, counted_objects_are_unshared_nearly_everywhere);
  tcase_add_test(tests, every_worker_has_a_curve_that_grows_with_the_pages_it_unshares);
  tcase_add_test(tests, objects_hold_what_the_record_holds);
  tcase_add_test(tests, a_memory_limit_ends_the_control_early_and_says_so);
  tcase_add_test(tests, json_report_holds_the_exact_pages);
  tcase_add_test(tests, html_report_is_one_page_without_network);
  suite_add_tcase(suite, tests);
  return run_suite(suite);
}
