/* The page is drawn in a real browser: the region's map without a cell in the colour of un-shared
 * pages, the control's map full of them, and a curve for every worker. */
#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness_require.h"
#include "main.h"
#include "run.h"
#include "verify.h"

enum { RECORDS = 4000, WORKERS = 2, MOST_OUTPUT = 1 << 22 };

static const char *const BROWSERS[] = {"chromium", "chromium-browser", "google-chrome"};

/* Counts what was drawn and leaves it in the title. */
static const char PROBE[] =
    "<script>document.title = [...document.querySelectorAll('canvas')].map((canvas) => {"
    "  const hex = "
    "getComputedStyle(document.documentElement).getPropertyValue('--unshared').trim();"
    "  const want = [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));"
    "  const data = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;"
    "  let drawn = 0, unshared = 0;"
    "  for (let i = 0; i < data.length; i += 4) {"
    "    if (data[i + 3] === 0) continue;"
    "    drawn++;"
    "    if (want.every((value, k) => Math.abs(value - data[i + k]) < 24)) unshared++;"
    "  }"
    "  return drawn === 0 ? 'blank' : unshared === 0 ? 'shared' : unshared > drawn / 2 ? 'copied'"
    "    : 'mixed';"
    "}).join(' ') + ' curves=' + document.querySelectorAll('svg polyline').length;"
    "const captions = [...document.querySelectorAll('figcaption')].map((c) => c.textContent);"
    "const first = document.querySelector('canvas'), box = first.getBoundingClientRect();"
    "first.dispatchEvent(new MouseEvent('mousemove', {clientX: box.left + 240, clientY: box.top + "
    "2}));"
    "document.title += ' tip=' + document.getElementById('tip').textContent.replace('\\n', ' ');"
    "document.title += captions.filter((c) => c.includes(' of them dropped')).join('');"
    "</script>";

static const char *browser(void) {
  static char command[64];
  for (size_t i = 0; i < sizeof BROWSERS / sizeof *BROWSERS; i++) {
    snprintf(command, sizeof command, "command -v %s >/dev/null 2>&1", BROWSERS[i]);
    if (system(command) == 0)
      return BROWSERS[i];
  }
  return NULL;
}

static void append_probe(const char *path) {
  FILE *page = fopen(path, "ae");
  ck_assert_ptr_nonnull(page);
  ck_assert_int_ge(fputs(PROBE, page), 0);
  ck_assert_int_eq(fclose(page), 0);
}

static void make_page(const char *path) {
  struct pd_error error = {""};
  struct pd_progress progress;
  struct pd_verify_options options;
  struct pd_report report = {.run_count = 1};
  int fd = -1;
  size_t size = 0;
  pd_progress_init(&progress);
  pd_verify_defaults(&options);
  options.workers = WORKERS;
  report.runs = calloc(1, sizeof *report.runs);
  ck_assert(pd_synthetic_file(RECORDS, 5, &fd, &size, &error));
  ck_assert_msg(pd_verify("synthetic", fd, size, pd_source_open_synthetic, &options, &progress,
                          report.runs, &error),
                "%s", error.text);
  ck_assert_msg(pd_report_html(&report, path, &error), "%s", error.text);
  append_probe(path);
  pd_report_free(&report);
  close(fd);
}

static char folder[] = "/var/tmp/harness-page-XXXXXX";
static char path[64];

static void set_up(void) {
  ck_assert_msg(browser() != NULL, "a browser is required, but there is none on the path");
  ck_assert_ptr_nonnull(mkdtemp(folder));
  snprintf(path, sizeof path, "%s/page.html", folder);
}

static void tear_down(void) {
  char command[128];
  snprintf(command, sizeof command, "rm -rf %s", folder);
  ck_assert_int_eq(system(command), 0);
}

/* What the probe wrote into the title when the browser had drawn the page. */
static const char *drawn_title(void) {
  static char output[MOST_OUTPUT];
  char command[512];
  snprintf(command, sizeof command,
           "HOME=%s %s --headless --no-sandbox --disable-gpu --user-data-dir=%s/profile --dump-dom "
           "file://%s 2>/dev/null",
           folder, browser(), folder, path);
  FILE *pipe = popen(command, "re");
  ck_assert_ptr_nonnull(pipe);
  size_t size = fread(output, 1, sizeof output - 1, pipe);
  output[size] = '\0';
  ck_assert_int_eq(pclose(pipe), 0);
  char *title = strstr(output, "<title>");
  ck_assert_ptr_nonnull(title);
  char *end = strstr(title, "</title>");
  ck_assert_ptr_nonnull(end);
  *end = '\0';
  return title;
}

START_TEST(maps_and_curves_are_drawn) {
  make_page(path);
  const char *title = drawn_title();
  const char expected[] = "<title>shared shared copied copied curves=4 tip=page";
  ck_assert_msg(strncmp(title, expected, sizeof expected - 1) == 0, "%.200s", title);
  ck_assert_msg(strstr(title, ": shared record") != NULL, "%s", title);
}
END_TEST

START_TEST(inherited_pages_and_growth_of_a_command_are_drawn) {
  const struct pd_pool_options options = {.sample_ms = 1};
  struct pd_error error = {""};
  struct pd_pool pool;
  char *const arguments[] = {"sh", "-c", "x=1; (x=2; :); (x=3; :); true", NULL};
  ck_assert_msg(pd_pool_run(arguments, &options, &pool, &error), "%s", error.text);
  pool.children[0].dropped = 3;
  pool.children[0].parted = 2;
  ck_assert_msg(pd_pool_html(&pool, &pool, path, &error), "%s", error.text);
  append_probe(path);
  const char *title = drawn_title();
  const char expected[] = "<title>mixed mixed curves=4 tip=page";
  ck_assert_msg(strncmp(title, expected, sizeof expected - 1) == 0, "%.200s", title);
  ck_assert_msg(strstr(title, ", from page ") != NULL, "%s", title);
  ck_assert_msg(strstr(title, "(3 of them dropped before the exit), 2 un-shared by the parent") !=
                    NULL,
                "%s", title);
  pd_pool_free(&pool);
}
END_TEST

START_TEST(a_watched_region_is_drawn_in_each_process) {
  const size_t records = 3000;
  struct pd_error error = {""};
  char command[512];
  char region[64];
  int fd = -1;
  size_t size = 0;
  ck_assert_msg(pd_sample_region(records, 5, &fd, &size, &error), "%s", error.text);
  snprintf(region, sizeof region, "/proc/%ld/fd/%d", (long)getpid(), fd);
  /* Its worker leaves the region alone, its controls do not. */
  snprintf(command, sizeof command,
           "'%s' run --region %s --html %s -- '%s' verify %s -q -w 1 --no-heap >%s/out 2>&1",
           PD_PROGRAM, region, path, PD_PROGRAM, region, folder);
  ck_assert_int_eq(WEXITSTATUS(system(command)), 1);
  append_probe(path);
  const char *title = drawn_title();
  ck_assert_msg(strncmp(title, "<title>shared ", 14) == 0, "%.300s", title);
  ck_assert_msg(strstr(title, " mixed") != NULL, "%.300s", title);
  ck_assert_msg(strstr(title, "blank") == NULL, "%.300s", title);
  ck_assert_msg(strstr(title, "curves=0") == NULL, "%.300s", title);
  ck_assert_msg(strstr(title, " record") != NULL, "%.300s", title);
  close(fd);
}
END_TEST

int main(void) {
  if (browser() == NULL && !is_required("browser")) {
    puts("SKIPPED: no Chromium on the path");
    return EXIT_SKIPPED;
  }
  Suite *suite = suite_create("harness_page");
  TCase *tests = tcase_create("page");
  tcase_set_timeout(tests, 100);
  tcase_add_unchecked_fixture(tests, set_up, tear_down);
  tcase_add_test(tests, maps_and_curves_are_drawn);
  tcase_add_test(tests, inherited_pages_and_growth_of_a_command_are_drawn);
  tcase_add_test(tests, a_watched_region_is_drawn_in_each_process);
  suite_add_tcase(suite, tests);
  return run_suite(suite);
}
