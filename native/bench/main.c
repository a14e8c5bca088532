/* ztc_bench: the native benchmark suite. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cases.h"

static const char usage[] =
    "Usage: ztc_bench [OPTION]... [SUITE]...\n"
    "Measures the C library against memcpy in the same run. Suites: single batch graph path keys\n"
    "open validate (default: all).\n\n"
    "  -d, --directory DIR  keep the regions here (default /tmp/ztc-bench)\n"
    "  -m, --megabytes N    size of a region far out of cache (default 1024)\n"
    "  -r, --rounds N       paired rounds, 30 or more for figures to quote (default 31)\n"
    "  -j, --json FILE      every round of every figure as well, a JSON object a line\n"
    "  -h, --help           this text\n";

typedef struct suite {
  const char *name;
  void (*run)(const settings *);
} suite;

static const suite suites[] = {
    {"single", run_single}, {"batch", run_batch}, {"graph", run_graph},      {"path", run_path},
    {"keys", run_keys},     {"open", run_open},   {"validate", run_validate}};
enum { SUITES = sizeof suites / sizeof *suites };

static int is_wanted(const char *name, int argc, char **argv) {
  for (int i = optind; i < argc; i++) {
    if (strcmp(argv[i], name) == 0)
      return 1;
  }
  return optind == argc;
}

static int is_known(const char *name) {
  for (int i = 0; i < SUITES; i++) {
    if (strcmp(suites[i].name, name) == 0)
      return 1;
  }
  return 0;
}

int main(int argc, char **argv) {
  settings s = {.directory = "/tmp/ztc-bench", .far_bytes = UINT64_C(1024) << 20, .rounds = 31};
  static const struct option options[] = {{"directory", required_argument, NULL, 'd'},
                                          {"megabytes", required_argument, NULL, 'm'},
                                          {"rounds", required_argument, NULL, 'r'},
                                          {"json", required_argument, NULL, 'j'},
                                          {"help", no_argument, NULL, 'h'},
                                          {0}};
  for (int option; (option = getopt_long(argc, argv, "d:m:r:j:h", options, NULL)) != -1;) {
    if (option == 'd')
      s.directory = optarg;
    if (option == 'm')
      s.far_bytes = strtoull(optarg, NULL, 10) << 20;
    if (option == 'r')
      s.rounds = atoi(optarg);
    if (option == 'j' && !open_json(optarg)) {
      fprintf(stderr, "ztc_bench: cannot write %s\n", optarg);
      return 2;
    }
    if (option == 'h')
      return fputs(usage, stdout) < 0;
    if (option == '?')
      return fputs(usage, stderr), 2;
  }
  for (int i = optind; i < argc; i++) {
    if (is_known(argv[i]))
      continue;
    fprintf(stderr, "ztc_bench: no suite \"%s\"\n%s", argv[i], usage);
    return 2;
  }
  if (s.far_bytes < 1 << 20 || s.rounds < 1) {
    fprintf(stderr, "ztc_bench: at least 1 megabyte and 1 round\n");
    return 2;
  }
  mkdir(s.directory, 0777);
  printf("ztc %s, regions of %llu MiB in %s, %d paired rounds a figure\n", ztc_version(),
         (unsigned long long)(s.far_bytes >> 20), s.directory, s.rounds);
  for (int i = 0; i < SUITES; i++) {
    if (is_wanted(suites[i].name, argc, argv))
      suites[i].run(&s);
  }
  if (!close_json()) {
    fprintf(stderr, "ztc_bench: the JSON file could not be written\n");
    return 3;
  }
  return 0;
}
