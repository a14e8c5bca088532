/* One region is watched in a command: whatever a process does to it is seen, however it maps it and
 * however it gets rid of it, and what cannot be seen gives no zero. This program is its own
 * subject: with arguments it is the pool that is run. */
#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "harness_refuse.h"
#include "harness_watched.h"
#include "main.h"

START_TEST(processes_that_only_copy_are_at_zero) {
  struct seen seen;
  run(&seen, false, "copy", NULL);
  assert_outcome(&seen, PD_ZERO, "witnesses");
  assert_outcome(&seen, PD_ZERO, "bit61");
  ck_assert_uint_eq(seen.watch.holder_count, 2); /* the pool and its child, once each */
  ck_assert_uint_eq(holder_of(&seen, 0)->unshared.count, 0);
  ck_assert_uint_eq(holder_of(&seen, 0)->present.count, seen.watch.mapping.pages);
  ck_assert_uint_ge(seen.pool.children[0].sample_count, 1);
  done(&seen);
}
END_TEST

static const char *const DEEDS[] = {"store",
                                    "split",
                                    "part",
                                    "part-unmap",
                                    "unmap",
                                    "map-over",
                                    "move-over",
                                    "give-back",
                                    "exec",
                                    "last-thread",
                                    "vfork-give-back",
                                    "leave-vfork",
                                    "give-back-locked",
                                    "guard",
                                    "give-back-by-process",
                                    "attach-over"};
enum { DEED_COUNT = sizeof DEEDS / sizeof *DEEDS };

START_TEST(a_stray_store_is_named_however_the_page_is_mapped_and_dropped) {
  struct seen seen;
  char text[64];
  run(&seen, false, "copy", DEEDS[_i]);
  pd_pageset_format(&holder_of(&seen, 0)->unshared, text, sizeof text);
  ck_assert_str_eq(text, "");
  pd_pageset_format(&holder_of(&seen, 1)->unshared, text, sizeof text);
  ck_assert_msg(strcmp(text, "5") == 0, "%s: pages %s", DEEDS[_i], text);
  assert_outcome(&seen, PD_UNSHARED, "un-shared 1 of");
  done(&seen);
}
END_TEST

START_TEST(mappings_that_come_and_go_have_one_place) {
  struct seen seen;
  run(&seen, false, "copy", "map-often");
  assert_outcome(&seen, PD_ZERO, "un-shared any of the region's");
  ck_assert_uint_lt(seen.watch.count, MAPPED_OFTEN / 2);
  done(&seen);
}
END_TEST

START_TEST(the_records_of_a_page_are_named) {
  struct seen seen;
  uint64_t first = 0;
  uint64_t last = 0;
  run(&seen, false, "store", NULL);
  json_t *document = pd_pool_json(&seen.pool, NULL);
  ck_assert_ptr_nonnull(document);
  json_t *uses = json_object_get(json_object_get(document, "region"), "uses");
  json_t *records = NULL;
  for (size_t i = 0; i < json_array_size(uses); i++) {
    json_t *use = json_array_get(uses, i);
    if (json_integer_value(json_object_get(use, "pid")) == seen.pool.children[0].pid)
      records = json_array_get(json_object_get(use, "unshared_records"), 0);
  }
  ck_assert(pd_source_records_in(&seen.watch.source, STRAY_PAGE, 1, &first, &last));
  ck_assert_int_eq(json_integer_value(json_array_get(records, 0)), (json_int_t)first);
  ck_assert_int_eq(json_integer_value(json_array_get(records, 1)), (json_int_t)last);
  json_decref(document);
  done(&seen);
}
END_TEST

START_TEST(a_store_of_a_parent_or_of_a_grandchild_is_no_zero) {
  struct seen seen;
  static const char *const WHO[] = {"parent", "grandchild", "waited-for-grandchild"};
  run(&seen, false, "copy", WHO[_i]);
  assert_outcome(&seen, PD_UNSHARED, "un-shared 1 of");
  done(&seen);
}
END_TEST

START_TEST(where_memories_cannot_be_compared_a_child_that_is_waited_for_is_followed) {
  static const char *const WHO[] = {"waited-for-grandchild", "vfork-give-back"};
  struct seen seen;
  refuse_call(SYS_kcmp);
  run(&seen, false, "copy", WHO[_i]);
  assert_outcome(&seen, PD_UNSHARED, "un-shared 1 of");
  done(&seen);
}
END_TEST

START_TEST(calls_that_cannot_be_told_give_no_zero) {
  static const char *const HOW[] = {"x32", "own-filter"};
  struct seen seen;
  run(&seen, false, "copy", HOW[_i]);
  assert_outcome(&seen, PD_INCONCLUSIVE, "makes calls that cannot be told");
  done(&seen);
}
END_TEST

START_TEST(what_a_thread_writes_that_never_stops_gives_no_zero) {
  struct seen seen;
  run(&seen, false, "copy", "untraced-thread");
  assert_outcome(&seen, PD_INCONCLUSIVE, "it was gone before it could be measured");
  ck_assert(holder_of(&seen, 0)->measured);
  ck_assert(!holder_of(&seen, 1)->measured);
  done(&seen);
}
END_TEST

START_TEST(what_was_taken_from_a_process_that_was_killed_gives_no_zero) {
  struct seen seen;
  run(&seen, false, "copy", "killed-grandchild");
  assert_outcome(&seen, PD_INCONCLUSIVE, "it was killed, and pages may have been taken from it");
  done(&seen);
}
END_TEST

START_TEST(pages_that_were_never_there_give_no_zero) {
  struct seen seen;
  run(&seen, false, "nothing", NULL);
  assert_outcome(&seen, PD_INCONCLUSIVE, "without any page present");
  ck_assert_uint_eq(holder_of(&seen, 0)->present.count, 0);
  done(&seen);
}
END_TEST

START_TEST(pages_not_present_are_a_third_number) {
  struct seen seen;
  char text[96];
  char absent[32];
  run(&seen, false, "copy", "nothing");
  size_t pages = seen.watch.mapping.pages;
  ck_assert_uint_eq(holder_of(&seen, 1)->seen.count, pages);
  uint64_t all = 0;
  for (size_t i = 0; i < seen.watch.holder_count; i++)
    all += seen.watch.holders[i].seen.count - seen.watch.holders[i].present.count;
  ck_assert_uint_ge(all, pages);
  snprintf(text, sizeof text, "not present, and so neither: %s", pd_grouped(all, absent));
  assert_outcome(&seen, PD_ZERO, text);
  done(&seen);
}
END_TEST

START_TEST(memory_that_refuses_writes_gives_no_zero) {
  struct seen seen;
  if (_i == 0)
    unsetenv("ZTC_AUDIT");
  run(&seen, false, _i == 0 ? "copy" : "read-only", NULL);
  assert_outcome(&seen, PD_INCONCLUSIVE, "where the kernel refuses writes");
  done(&seen);
}
END_TEST

START_TEST(a_use_that_was_clean_when_it_was_dropped_counts) {
  struct seen seen;
  run(&seen, false, _i == 0 ? "clean-unmap" : "clean-exec", NULL);
  assert_outcome(&seen, PD_ZERO, "None of 1 private mappings");
  done(&seen);
}
END_TEST

START_TEST(without_stops_at_calls_a_lost_use_is_no_zero) {
  static const struct {
    const char *deed;
    const char *why;
  } CASES[] = {{"unmap", "it unmapped pages before"},
               {"map-over", "it unmapped pages before"},
               {"exec", "it ran another program before"},
               {"give-back", "could not be seen"},
               {"part-unmap", "could not be seen"}};
  struct seen seen;
  run(&seen, true, "copy", CASES[_i].deed);
  assert_outcome(&seen, PD_INCONCLUSIVE, CASES[_i].why);
  done(&seen);
}
END_TEST

START_TEST(where_the_filter_is_refused_it_is_known_from_the_start) {
  struct seen seen;
  refuse_call(SYS_prctl);
  run(&seen, false, "copy", "unmap");
  assert_outcome(&seen, PD_INCONCLUSIVE, "it unmapped pages before");
  ck_assert_msg(strstr(seen.watch.blind, "a seccomp filter is refused") != NULL, "%s",
                seen.watch.blind);
  done(&seen);
}
END_TEST

START_TEST(without_stops_at_calls_a_store_that_is_there_is_found) {
  struct seen seen;
  run(&seen, true, "copy", "split");
  assert_outcome(&seen, PD_UNSHARED, "un-shared 1 of");
  done(&seen);
}
END_TEST

START_TEST(too_few_witnesses_give_no_zero) {
  struct seen seen;
  run(&seen, false, "copy", NULL);
  for (size_t i = 0; i < seen.watch.count; i++) {
    seen.watch.uses[i].audit.findings[PD_PFN].available = false;
    seen.watch.uses[i].audit.findings[PD_ANON_PAGE].available = false;
  }
  pd_pool_judge(&seen.pool, NULL, &seen.verdict);
  assert_outcome(&seen, PD_INCONCLUSIVE, "too few witnesses");
  done(&seen);
}
END_TEST

START_TEST(a_file_that_is_cut_gives_no_zero) {
  struct seen seen;
  run(&seen, false, "copy", "cut");
  assert_outcome(&seen, PD_INCONCLUSIVE, "the region's file was cut or written while");
  done(&seen);
}
END_TEST

/* A file in memory keeps its times when a mapping of it is written. */
START_TEST(a_file_that_can_be_written_through_a_mapping_gives_no_zero) {
  static uint8_t bytes[1 << 20];
  struct seen seen;
  char path[64];
  FILE *sample = fopen(sample_path(), "re");
  ck_assert_ptr_nonnull(sample);
  size_t size = fread(bytes, 1, sizeof bytes, sample);
  ck_assert(feof(sample) != 0);
  ck_assert_int_eq(fclose(sample), 0);
  int fd = memfd_create("region", MFD_CLOEXEC);
  ck_assert_int_eq(fchmod(fd, 0600), 0);
  ck_assert_int_eq((int)write(fd, bytes, size), (int)size);
  snprintf(path, sizeof path, "/proc/%ld/fd/%d", (long)getpid(), fd);
  run_over(&seen, path, false, "copy", _i == 0 ? NULL : "store-in-file");
  assert_outcome(&seen, _i == 0 ? PD_ZERO : PD_INCONCLUSIVE,
                 _i == 0 ? "witnesses" : "in shared memory that it could write");
  done(&seen);
  close(fd);
}
END_TEST

/* A reload: the first file is what it was, and the next one may be used by then. */
START_TEST(a_zero_is_about_the_file_that_was_at_the_path_first) {
  struct seen seen;
  char folder[] = "/var/tmp/harness-region-XXXXXX";
  char path[64];
  char command[256];
  ck_assert_ptr_nonnull(mkdtemp(folder));
  snprintf(path, sizeof path, "%s/region.ztc", folder);
  snprintf(command, sizeof command, "cp %s %s", sample_path(), path);
  ck_assert_int_eq(system(command), 0);
  run_over(&seen, path, false, "copy", _i == 0 ? "replace" : "replace-and-map");
  if (_i == 0) {
    assert_outcome(&seen, PD_ZERO, "another file has come to the path: this is about the first");
  } else {
    assert_outcome(&seen, PD_INCONCLUSIVE, "what was done to that one is not seen");
    ck_assert_int_eq(seen.watch.successor_in, seen.pool.children[1].pid);
  }
  done(&seen);
  ck_assert_int_eq(unlink(path), 0);
  ck_assert_int_eq(rmdir(folder), 0);
}
END_TEST

/* Memory pressure, as if it had taken the keeper's pages. */
START_TEST(pages_that_the_keeper_lost_give_no_zero) {
  struct seen seen;
  struct pd_error error = {""};
  ck_assert_msg(pd_watch_open(&seen.watch, sample_path(), &error), "%s", error.text);
  const struct pd_target target = {
      .kind = PD_FILE_PRIVATE,
      .keeper = getpid(),
      .worker = getpid(),
      .keeper_base = (uintptr_t)seen.watch.mapping.base,
      .worker_base = (uintptr_t)seen.watch.mapping.base,
      .pages = seen.watch.mapping.pages,
      .part = true,
      .forks_known = true,
  };
  struct pd_audit audit;
  uint8_t *last = seen.watch.mapping.base + (target.pages - 1) * pd_page_size();
  if (_i == 1)
    ck_assert_int_eq(madvise(last, pd_page_size(), MADV_DONTNEED), 0);
  ck_assert(pd_audit_init(&audit, &target, NULL, NULL, &error));
  pd_audit_finish(&audit);
  ck_assert_str_eq(audit.conditions, _i == 0 ? "" : "the keeper lost pages of the range");
  pd_audit_free(&audit);
  pd_watch_close(&seen.watch);
}
END_TEST

/* The first use in a process that forked, or in one that did not. */
static struct pd_use *use_of(struct seen *seen, bool forked) {
  for (size_t i = 0; i < seen->watch.count; i++) {
    struct pd_use *use = &seen->watch.uses[i];
    if (seen->watch.holders[use->holder].forked == forked)
      return use;
  }
  ck_abort_msg("there is no such use");
}

START_TEST(a_mapping_whose_pages_cannot_be_told_gives_no_zero_and_a_fork_does) {
  static const char *const WHY[] = {"pages of the range in swap",
                                    "pages merged by KSM in the range"};
  struct seen seen;
  run(&seen, false, "copy", NULL);
  assert_outcome(&seen, PD_ZERO, "mappings are outside the verdict: it forked"); /* the pool's */
  strcpy(use_of(&seen, _i == 1)->conditions, WHY[_i]);
  pd_pool_judge(&seen.pool, NULL, &seen.verdict);
  assert_outcome(&seen, PD_INCONCLUSIVE, "did to the region is not known");
  assert_outcome(&seen, PD_INCONCLUSIVE, WHY[_i]);
  done(&seen);
}
END_TEST

START_TEST(a_process_without_memory_was_not_measured) {
  struct pd_watch watch;
  struct pd_error error = {""};
  siginfo_t ended;
  ck_assert_msg(pd_watch_open(&watch, sample_path(), &error), "%s", error.text);
  pid_t pid = fork();
  if (pid == 0)
    _exit(0);
  ck_assert_int_eq(waitid(P_PID, (id_t)pid, &ended, WEXITED | WNOWAIT), 0);
  const struct pd_exit ending = {.pid = pid, .thread = pid, .last = true};
  ck_assert(!pd_watch_exiting(&watch, &ending, &error));
  ck_assert_str_ne(error.text, "");
  ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
  pd_watch_close(&watch);
}
END_TEST

START_TEST(private_memory_without_a_page_named_is_no_zero) {
  struct seen seen;
  run(&seen, false, "copy", NULL);
  for (size_t i = 0; i < seen.watch.count; i++)
    seen.watch.uses[i].audit.findings[PD_ANONYMOUS].amount = 4;
  pd_pool_judge(&seen.pool, NULL, &seen.verdict);
  assert_outcome(&seen, PD_UNSHARED, "private memory");
  done(&seen);
}
END_TEST

START_TEST(mappings_of_one_inode_on_two_devices_are_of_two_files) {
  const struct pd_map a = {.major = 8, .minor = 1, .inode = 77};
  struct pd_map b = a;
  ck_assert(pd_map_same_file(&a, &b));
  b.minor = 2;
  ck_assert(!pd_map_same_file(&a, &b));
  b = (struct pd_map){.inode = 0};
  ck_assert(!pd_map_same_file(&b, &b));
}
END_TEST

/* -------------------------------------------------------------------- an ordinary user -- */

static char copies[] = "/var/tmp/harness-region-XXXXXX";

static void make_copies(void) {
  copy_self(copies);
}

static void drop_copies(void) {
  remove_copies(copies);
}

START_TEST(an_ordinary_user_watches_a_region_with_two_witnesses) {
  struct seen seen;
  char text[64];
  snprintf(text, sizeof text, "%s/pool", copies);
  pool_program = text;
  ck_assert_int_eq(setenv("LD_LIBRARY_PATH", copies, 1), 0);
  become_ordinary();
  run(&seen, false, "copy", _i == 0 ? NULL : "store");
  ck_assert(!seen.pool.frames);
  assert_outcome(&seen, _i == 0 ? PD_ZERO : PD_UNSHARED, "(user tier; witnesses bit56, bit61,");
  ck_assert_uint_eq(holder_of(&seen, 0)->unshared.count, 0);
  if (_i == 1) {
    pd_pageset_format(&holder_of(&seen, 1)->unshared, text, sizeof text);
    ck_assert_str_eq(text, "5");
  }
  done(&seen);
}
END_TEST

int main(int argc, char **argv) {
  if (argc > 3 && strcmp(argv[1], "pool") == 0)
    _exit(pool_main(argv[2], argv + 3)); /* leak checkers do not work on a traced process */
  Suite *suite = suite_create("harness_region");
  TCase *tests = tcase_create("region");
  tcase_set_timeout(tests, 60);
  tcase_add_checked_fixture(tests, set_up, NULL);
  tcase_add_test(tests, processes_that_only_copy_are_at_zero);
  tcase_add_loop_test(tests, a_stray_store_is_named_however_the_page_is_mapped_and_dropped, 0,
                      DEED_COUNT);
  tcase_add_test(tests, mappings_that_come_and_go_have_one_place);
  tcase_add_test(tests, the_records_of_a_page_are_named);
  tcase_add_loop_test(tests, a_store_of_a_parent_or_of_a_grandchild_is_no_zero, 0, 3);
  tcase_add_loop_test(
      tests, where_memories_cannot_be_compared_a_child_that_is_waited_for_is_followed, 0, 2);
  tcase_add_loop_test(tests, calls_that_cannot_be_told_give_no_zero, 0, 2);
  tcase_add_test(tests, what_a_thread_writes_that_never_stops_gives_no_zero);
  tcase_add_test(tests, what_was_taken_from_a_process_that_was_killed_gives_no_zero);
  tcase_add_test(tests, pages_that_were_never_there_give_no_zero);
  tcase_add_test(tests, pages_not_present_are_a_third_number);
  tcase_add_loop_test(tests, memory_that_refuses_writes_gives_no_zero, 0, 2);
  tcase_add_loop_test(tests, a_use_that_was_clean_when_it_was_dropped_counts, 0, 2);
  tcase_add_loop_test(tests, without_stops_at_calls_a_lost_use_is_no_zero, 0, 5);
  tcase_add_test(tests, where_the_filter_is_refused_it_is_known_from_the_start);
  tcase_add_test(tests, without_stops_at_calls_a_store_that_is_there_is_found);
  tcase_add_test(tests, too_few_witnesses_give_no_zero);
  tcase_add_test(tests, a_file_that_is_cut_gives_no_zero);
  tcase_add_loop_test(tests, a_file_that_can_be_written_through_a_mapping_gives_no_zero, 0, 2);
  tcase_add_loop_test(tests, a_zero_is_about_the_file_that_was_at_the_path_first, 0, 2);
  tcase_add_loop_test(tests, pages_that_the_keeper_lost_give_no_zero, 0, 2);
  tcase_add_loop_test(tests, a_mapping_whose_pages_cannot_be_told_gives_no_zero_and_a_fork_does, 0,
                      2);
  tcase_add_test(tests, a_process_without_memory_was_not_measured);
  tcase_add_test(tests, private_memory_without_a_page_named_is_no_zero);
  tcase_add_test(tests, mappings_of_one_inode_on_two_devices_are_of_two_files);
  suite_add_tcase(suite, tests);
  TCase *user = tcase_create("user");
  tcase_set_timeout(user, 60);
  tcase_add_unchecked_fixture(user, make_copies, drop_copies);
  tcase_add_checked_fixture(user, set_up, NULL);
  tcase_add_loop_test(user, an_ordinary_user_watches_a_region_with_two_witnesses, 0, 2);
  suite_add_tcase(suite, user);
  return run_suite(suite);
}
