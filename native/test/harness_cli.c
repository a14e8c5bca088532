/* The program as people run it: exit statuses, messages, files, and an ordinary user. */
#include <check.h>
#include <fcntl.h>
#include <grp.h>
#include <jansson.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness_refuse.h"
#include "harness_user.h"
#include "main.h"
#include "witness.h"
#include "ztc/ztc.h"

enum { RECORDS = 2000, MOST_OUTPUT = 1 << 16 };

static char folder[] = "/var/tmp/harness-cli-XXXXXX";
static char region[64];
static char output[MOST_OUTPUT];

static void put_string(ztc_writer *writer, const char *text) {
  ck_assert_int_eq(ztc_writer_string(writer, text, strlen(text), ZTC_UTF8), ZTC_OK);
}

static void put_key(ztc_writer *writer, const char *text) {
  ck_assert_int_eq(ztc_writer_key(writer, text, strlen(text), ZTC_UTF8), ZTC_OK);
}

/* A list that holds itself, and forty lists that each hold the one before twice: 2^40 paths. */
static void put_graph(ztc_writer *writer) {
  const uint32_t levels = 40;
  ztc_writer_label(writer, 1);
  ztc_writer_begin_list(writer);
  ztc_writer_ref(writer, 1);
  for (uint32_t level = 0; level < levels; level++) {
    ztc_writer_label(writer, 2 + level);
    ztc_writer_begin_list(writer);
    for (int i = 0; i < 2 && level > 0; i++)
      ztc_writer_ref(writer, 1 + level);
    ck_assert_int_eq(ztc_writer_end(writer), ZTC_OK);
  }
  ck_assert_int_eq(ztc_writer_end(writer), ZTC_OK);
}

/* {"id": i, "text": ..., "list": [i, null, 0.5, "again"], "bytes": array} */
static void put_record(ztc_writer *writer, int64_t i) {
  const int16_t array[] = {1, 2, 3};
  ztc_writer_begin_map(writer);
  put_key(writer, "id");
  ztc_writer_int(writer, ZTC_TYPE_I64, i);
  put_key(writer, "text");
  put_string(writer, "a text of some length, so that records fill pages: \xc3\xa4\xc3\xb6\xc3\xbc");
  put_key(writer, "list");
  ztc_writer_begin_list(writer);
  ztc_writer_int(writer, ZTC_TYPE_I64, i);
  ztc_writer_null(writer);
  ztc_writer_f64(writer, 0.5);
  put_string(writer, "again");
  ztc_writer_end(writer);
  put_key(writer, "array");
  ztc_writer_array(writer, ZTC_TYPE_I16, array, 3);
  if (i % 100 == 7) {
    put_key(writer, "graph");
    put_graph(writer);
  }
  ck_assert_int_eq(ztc_writer_end(writer), ZTC_OK);
  ck_assert_int_eq(ztc_writer_end_record(writer, NULL), ZTC_OK);
}

static void set_up(void) {
  ztc_writer *writer = NULL;
  ztc_error error = {.status = ZTC_OK};
  ck_assert_ptr_nonnull(mkdtemp(folder));
  ck_assert_int_eq(chmod(folder, 0755), 0);
  snprintf(region, sizeof region, "%s/region.ztc", folder);
  ck_assert_int_eq(ztc_writer_create(region, 0, &writer, &error), ZTC_OK);
  for (int64_t i = 0; i < RECORDS; i++)
    put_record(writer, i);
  ck_assert_msg(ztc_writer_publish(writer, &error) == ZTC_OK, "%s", error.message);
  ck_assert_int_eq(chmod(region, 0644), 0);
}

/* An ordinary user may not be able to enter the build's folder. */
static void copy_program(void) {
  char command[1024];
  snprintf(command, sizeof command,
           "cp '%s' %s/pagediff && cp -L '%s' %s/libztc.so.0 && chmod 755 %s/*", PD_PROGRAM, folder,
           PD_LIBRARY, folder, folder);
  ck_assert_int_eq(system(command), 0);
}

static void tear_down(void) {
  char command[128];
  snprintf(command, sizeof command, "rm -rf %s", folder);
  ck_assert_int_eq(system(command), 0);
}

static bool children_ignored; /* as by a caller who does not wait for any */

static void run_program(char *const arguments[], bool as_nobody, int out) {
  if (children_ignored)
    signal(SIGCHLD, SIG_IGN);
  dup2(out, STDOUT_FILENO);
  dup2(out, STDERR_FILENO);
  if (as_nobody && geteuid() == 0 &&
      (setgroups(0, NULL) != 0 || setresgid(NOBODY, NOBODY, NOBODY) != 0 ||
       setresuid(NOBODY, NOBODY, NOBODY) != 0)) {
    _exit(126);
  }
  if (as_nobody) {
    char copy[64];
    snprintf(copy, sizeof copy, "%s/pagediff", folder);
    setenv("LD_LIBRARY_PATH", folder, 1);
    leave_folder_of_others();
    execv(copy, arguments);
  } else {
    execv(PD_PROGRAM, arguments);
  }
  _exit(127);
}

/* Runs pagediff; its exit status is returned, what it printed is in `output`. */
static int run(bool as_nobody, char *const arguments[]) {
  int ends[2];
  int status = 0;
  size_t used = 0;
  ssize_t n = 0;
  ck_assert_int_eq(pipe(ends), 0);
  pid_t pid = fork();
  if (pid == 0) {
    close(ends[0]);
    run_program(arguments, as_nobody, ends[1]);
  }
  close(ends[1]);
  while (used < sizeof output - 1 &&
         (n = read(ends[0], output + used, sizeof output - 1 - used)) > 0) {
    used += (size_t)n;
  }
  output[used] = '\0';
  close(ends[0]);
  ck_assert_int_eq(waitpid(pid, &status, 0), pid);
  ck_assert_msg(WIFEXITED(status), "killed by signal %d", WTERMSIG(status));
  return WEXITSTATUS(status);
}

#define RUN(...) run(false, (char *[]){"pagediff", __VA_ARGS__, NULL})
#define RUN_AS_NOBODY(...) run(true, (char *[]){"pagediff", __VA_ARGS__, NULL})

static void assert_printed(const char *text) {
  ck_assert_msg(strstr(output, text) != NULL, "\"%s\" is not in:\n%s", text, output);
}

START_TEST(wrong_usage_exits_with_2_and_says_why) {
  ck_assert_int_eq(RUN("nonsense"), 2);
  assert_printed("Usage:");
  ck_assert_int_eq(RUN("verify"), 2);
  assert_printed("at least one region");
  ck_assert_int_eq(RUN("verify", region, "--workers", "0"), 2);
  assert_printed("--workers 0: a number from 1 to 1024");
  ck_assert_int_eq(RUN("verify", region, "--workers", "4x"), 2);
  ck_assert_int_eq(RUN("verify", region, "--order", "backwards"), 2);
  assert_printed("random or sequential");
  ck_assert_int_eq(RUN("selftest", "--tier", "perl"), 2);
  assert_printed("fork, jvm or java");
  ck_assert_int_eq(RUN("selftest", "--tier", "jvm", "--java-home", "/nowhere"), 3);
#ifdef PD_JAVA_FOLDER
  assert_printed("/nowhere");
#else
  assert_printed("without a JDK");
#endif
  ck_assert_int_eq(RUN("verify", region, "--mapping", "shared"), 2);
  ck_assert_int_eq(RUN("verify", region, "--no-such-option"), 2);
}
END_TEST

START_TEST(options_and_operands_that_a_command_does_not_take_exit_with_2) {
  ck_assert_int_eq(RUN("verify", region, "--allow-missing"), 2);
  assert_printed("pagediff verify: --allow-missing is no option of it");
  ck_assert_int_eq(RUN("run", "--workers", "2", "--", "true"), 2);
  assert_printed("pagediff run: --workers");
  ck_assert_int_eq(RUN("-n", "2", "run", "--", "true"), 2);
  assert_printed("pagediff run: --records");
  ck_assert_int_eq(RUN("selftest", "--json", "/no/such"), 2);
  assert_printed("pagediff selftest: --json");
  ck_assert_int_eq(RUN("selftest", region), 2);
  assert_printed("it takes no operands");
}
END_TEST

START_TEST(unusable_regions_exit_with_3_and_are_named) {
  char path[96];
  snprintf(path, sizeof path, "%s/none.ztc", folder);
  ck_assert_int_eq(RUN("verify", path), 3);
  assert_printed(path);
  snprintf(path, sizeof path, "%s/empty.ztc", folder);
  int fd = open(path, O_WRONLY | O_CREAT, 0644);
  ck_assert_int_eq(RUN("verify", path), 3);
  assert_printed("empty");
  ck_assert_int_eq((int)write(fd, "this is not a region at all, but long enough", 44), 44);
  close(fd);
  ck_assert_int_eq(RUN("verify", path), 3);
  assert_printed(path);
  ck_assert_int_eq(RUN("verify", folder), 3);
  assert_printed("not a regular file");
}
END_TEST

START_TEST(report_that_cannot_be_written_exits_with_3) {
  ck_assert_int_eq(RUN("verify", region, "-w", "1", "--no-heap", "--json", "/nowhere/at/all"), 3);
  assert_printed("/nowhere/at/all");
}
END_TEST

START_TEST(region_is_verified_with_all_reports) {
  char json_path[96];
  char html_path[96];
  json_error_t error;
  struct stat status;
  snprintf(json_path, sizeof json_path, "%s/report.json", folder);
  snprintf(html_path, sizeof html_path, "%s/report.html", folder);
  ck_assert_msg(RUN("verify", region, "--workers", "2", "--json", json_path, "--html", html_path) ==
                    0,
                "%s", output);
  assert_printed("VERDICT zero");
  assert_printed("the kernel refuses writes");
  json_t *document = json_load_file(json_path, 0, &error);
  ck_assert_msg(document != NULL, "%s", error.text);
  json_t *one = json_array_get(json_object_get(document, "runs"), 0);
  json_t *side = json_object_get(one, "region");
  json_t *heap = json_object_get(one, "heap");
  ck_assert_int_eq(json_integer_value(json_object_get(side, "records")), RECORDS);
  ck_assert_int_eq(json_integer_value(json_object_get(side, "unshared_pages_most")), 0);
  ck_assert_int_eq(json_integer_value(json_object_get(heap, "records")), RECORDS);
  ck_assert_int_gt(json_integer_value(json_object_get(heap, "unshared_pages_most")), 0);
  json_decref(document);
  ck_assert_int_eq(stat(html_path, &status), 0);
  ck_assert_int_gt(status.st_size, 10000);
}
END_TEST

START_TEST(records_option_bounds_the_work) {
  char json_path[96];
  json_error_t error;
  snprintf(json_path, sizeof json_path, "%s/report.json", folder);
  ck_assert_int_eq(RUN("verify", region, "-w", "1", "-n", "10", "-q", "--json", json_path), 0);
  json_t *document = json_load_file(json_path, 0, &error);
  ck_assert_ptr_nonnull(document);
  json_t *one = json_array_get(json_object_get(document, "runs"), 0);
  json_t *worker = json_array_get(json_object_get(json_object_get(one, "region"), "workers"), 0);
  ck_assert_int_eq(json_integer_value(json_object_get(worker, "records")), 10);
  ck_assert_int_eq(json_integer_value(json_object_get(json_object_get(one, "heap"), "records")),
                   10);
  json_decref(document);
}
END_TEST

START_TEST(a_region_without_records_has_no_zero) {
  char path[96];
  ztc_writer *writer = NULL;
  ztc_error error = {.status = ZTC_OK};
  snprintf(path, sizeof path, "%s/no-records.ztc", folder);
  ck_assert_int_eq(ztc_writer_create(path, 0, &writer, &error), ZTC_OK);
  ck_assert_msg(ztc_writer_publish(writer, &error) == ZTC_OK, "%s", error.message);
  ck_assert_msg(RUN("verify", path, "-w", "1") == 4, "%s", output);
  assert_printed("worker 1 copied no record");
  assert_printed("no control with counted objects: the region has no record");
}
END_TEST

START_TEST(every_mapping_reaches_a_verdict) {
  const char *const kinds[] = {"anon", "file-private", "file-shared", "memfd-private",
                               "memfd-shared"};
  ck_assert_msg(RUN("verify", region, "-w", "2", "--no-heap", "-m", (char *)(uintptr_t)kinds[_i]) ==
                    0,
                "%s", output);
  assert_printed("VERDICT zero");
}
END_TEST

START_TEST(an_ordinary_user_can_run_it) {
  copy_program();
  ck_assert_msg(RUN_AS_NOBODY("verify", region, "-w", "2") == 0, "%s", output);
  assert_printed("user tier");
  assert_printed("page frame numbers are hidden");
}
END_TEST

START_TEST(a_witness_that_works_nowhere_is_no_success_unless_asked_for) {
  copy_program();
  ck_assert_msg(RUN_AS_NOBODY("selftest", "--quiet", "--tier", "fork") == 4, "%s", output);
  assert_printed("missing: pfn: not available here, because page frame numbers are hidden");
  assert_printed("but witnesses are missing");
  assert_printed("user tier");
  ck_assert_msg(RUN_AS_NOBODY("selftest", "--quiet", "--tier", "fork", "--allow-missing") == 0,
                "%s", output);
  assert_printed("missing: pfn");
}
END_TEST

START_TEST(a_pool_is_followed_and_judged) {
  copy_program();
  ck_assert_msg(RUN("run", "--", "sh", "-c", "x=1; (x=2; :); (x=3; :); true") == 1, "%s", output);
  assert_printed("2 processes measured");
  ck_assert_msg(RUN_AS_NOBODY("run", "--", "sh", "-c", "x=1; (x=2; :); true") == 1, "%s", output);
  assert_printed("1 processes measured");
  assert_printed("user tier");
  ck_assert_int_eq(RUN("run", "--", "true"), 4);
  ck_assert_int_eq(RUN("run", "--", "/no/such/program"), 3);
  assert_printed("No such file");
  ck_assert_int_eq(RUN("run", "--", "/no/such/\033[2Jprogram"), 3);
  assert_printed("/no/such/?[2Jprogram");
  ck_assert_int_eq(RUN("run"), 2);
  ck_assert_int_eq(RUN("run", "--baseline", "(x=2; :); true", "--", "sh", "-c", "true"), 4);
  assert_printed("the baseline un-shares");
}
END_TEST

START_TEST(options_behind_the_program_are_its_own) {
  RUN("run", "-q", "echo", "hello", "-n", "5", "-q", "--json", "/no/such", "world");
  assert_printed("hello -n 5 -q --json /no/such world");
  RUN("run", "-q", "--", "echo", "-q", "--", "again");
  assert_printed("-q -- again");
  ck_assert_int_eq(RUN("run", "--no-such-option", "--", "true"), 2);
  assert_printed("pagediff: unrecognized option");
  ck_assert_int_eq(RUN("-q", "verify", "-w", "1", region, "--no-heap"), 0);
}
END_TEST

START_TEST(a_region_is_watched_in_a_command) {
  ck_assert_int_eq(RUN("run", "--region", "/no/such/region", "--", "true"), 3);
  assert_printed("/no/such/region");
  ck_assert_int_eq(RUN("run", "--region", region, "--", "true"), 4);
  assert_printed("no process had pages of the region");
  ck_assert_int_eq(RUN("run", "--region", region, "--baseline", "true", "--", "true"), 2);
  /* The controls of the one inside are seen by the one outside. */
  ck_assert_int_eq(RUN("run", "--region", region, "--", PD_PROGRAM, "verify", region, "-q", "-w",
                       "1", "--no-heap"),
                   1);
  assert_printed("VERDICT unshared");
}
END_TEST

START_TEST(selftest_passes) {
  ck_assert_msg(RUN("selftest", "--tier", "fork", "--allow-missing") == 0, "%s", output);
  assert_printed("answers are as expected");
  assert_printed("0 controls not run");
  bool missing = strstr(output, "missing: ") != NULL;
  ck_assert_msg(RUN("selftest", "--tier", "fork") == (missing ? 4 : 0), "%s", output);
}
END_TEST

START_TEST(a_control_that_cannot_run_is_no_success) {
  refuse_call(__NR_process_vm_readv);
  ck_assert_msg(RUN("selftest", "--tier", "fork", "--mapping", "anon") == 4, "%s", output);
  assert_printed("process_vm_readv");
  assert_printed("1 controls not run");
  /* All answers to it; without frame numbers, those of one witness to the others as well. */
  assert_printed(pd_frames_visible() ? " 9 not available here" : " 15 not available here");
}
END_TEST

START_TEST(too_few_witnesses_have_an_exit_status_of_their_own) {
  copy_program();
  refuse_call(__NR_userfaultfd);
  ck_assert_msg(RUN_AS_NOBODY("verify", region, "-w", "1", "-m", "anon", "--no-heap") == 4, "%s",
                output);
  assert_printed("too few witnesses work here (1 that name pages, 2 needed)");
  assert_printed("not available here, because page frame numbers are hidden");
  assert_printed("not available here, because userfaultfd is refused");
}
END_TEST

START_TEST(the_commands_own_end_is_told_and_a_failed_baseline_is_none) {
  ck_assert_int_eq(RUN("run", "--", "sh", "-c", "x=1; (x=2; :); exit 7"), 1);
  assert_printed("the command: exit status 7");
  ck_assert_int_eq(RUN("run", "--", "sh", "-c", "x=1; (x=2; :); exit 127"), 1);
  assert_printed("the command: exit status 127");
  ck_assert_int_eq(
      RUN("run", "--baseline", "x=1; (x=2; :); exit 3", "--", "sh", "-c", "x=1; (x=2; :); true"),
      4);
  assert_printed("the baseline failed (exit status 3)");
  ck_assert_int_eq(RUN("run", "--", "sh", "-c", "kill -9 $$"), 4);
  assert_printed("killed by signal 9");
}
END_TEST

START_TEST(a_caller_that_ignores_its_children_changes_nothing) {
  unsigned long ignored = 0;
  children_ignored = true;
  ck_assert_int_eq(RUN("run", "--", "sh", "-c", "x=1; (x=2; :); exit 7"), 1);
  assert_printed("the command: exit status 7");
  RUN("run", "--", "grep", "SigIgn", "/proc/self/status");
  assert_printed("SigIgn:");
  ck_assert_int_eq(sscanf(strstr(output, "SigIgn:"), "SigIgn: %lx", &ignored), 1);
  ck_assert_uint_eq(ignored >> (SIGCHLD - 1) & 1, 0);
}
END_TEST

/* As of a shell that runs something else and then becomes pagediff. */
START_TEST(a_child_that_it_did_not_start_is_not_waited_for) {
  int hold[2];
  int status = 0;
  char byte = 0;
  ck_assert_int_eq(pipe(hold), 0);
  pid_t pid = fork();
  if (pid == 0) {
    close(hold[1]);
    if (fork() == 0)
      _exit((int)read(hold[0], &byte, 1)); /* until the test has seen the end */
    execl(PD_PROGRAM, "pagediff", "run", "-q", "--", "true", NULL);
    _exit(127);
  }
  ck_assert_int_eq(waitpid(pid, &status, 0), pid);
  ck_assert(WIFEXITED(status));
  ck_assert_int_eq(WEXITSTATUS(status), 4);
  close(hold[0]);
  close(hold[1]);
}
END_TEST

START_TEST(a_cut_list_says_so_and_where_the_rest_is) {
  RUN("run", "--", "sh", "-c", "i=0; while [ $i -lt 23 ]; do (:); i=$((i+1)); done");
  assert_printed("... and 3 more processes; all of them: --json FILE");
}
END_TEST

int main(void) {
  Suite *suite = suite_create("harness_cli");
  TCase *tests = tcase_create("cli");
  tcase_set_timeout(tests, 60);
  tcase_add_unchecked_fixture(tests, set_up, tear_down);
  tcase_add_test(tests, wrong_usage_exits_with_2_and_says_why);
  tcase_add_test(tests, options_and_operands_that_a_command_does_not_take_exit_with_2);
  tcase_add_test(tests, unusable_regions_exit_with_3_and_are_named);
  tcase_add_test(tests, report_that_cannot_be_written_exits_with_3);
  tcase_add_test(tests, region_is_verified_with_all_reports);
  tcase_add_test(tests, records_option_bounds_the_work);
  tcase_add_test(tests, a_region_without_records_has_no_zero);
  tcase_add_loop_test(tests, every_mapping_reaches_a_verdict, 0, 5);
  tcase_add_test(tests, an_ordinary_user_can_run_it);
  tcase_add_test(tests, a_witness_that_works_nowhere_is_no_success_unless_asked_for);
  tcase_add_test(tests, a_pool_is_followed_and_judged);
  tcase_add_test(tests, options_behind_the_program_are_its_own);
  tcase_add_test(tests, a_region_is_watched_in_a_command);
  tcase_add_test(tests, selftest_passes);
  tcase_add_test(tests, a_control_that_cannot_run_is_no_success);
  tcase_add_test(tests, too_few_witnesses_have_an_exit_status_of_their_own);
  tcase_add_test(tests, the_commands_own_end_is_told_and_a_failed_baseline_is_none);
  tcase_add_test(tests, a_caller_that_ignores_its_children_changes_nothing);
  tcase_add_test(tests, a_child_that_it_did_not_start_is_not_waited_for);
  tcase_add_test(tests, a_cut_list_says_so_and_where_the_rest_is);
  suite_add_tcase(suite, tests);
  return run_suite(suite);
}
