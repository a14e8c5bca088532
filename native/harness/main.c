/* The command line of page diff. */
#include <getopt.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "cli.h"
#include "report.h"
#include "ztc/ztc.h"

static const char USAGE[] =
    "Usage: pagediff verify REGION... [options]\n"
    "       pagediff run [--region REGION | --inherited] [options] -- COMMAND [ARGUMENT...]\n"
    "       pagediff selftest [--tier TIER] [--mapping KIND] [--seed S]\n"
    "\n"
    "verify    forks workers that copy every record of each region, proves with independent\n"
    "          witnesses which source pages they un-shared, and runs the same workers over the\n"
    "          same data laid out as reference-counted objects.\n"
    "run       runs a command, follows it through its forks, and reports for every private "
    "mapping\n"
    "          a process inherited from its parent the pages it un-shared by the time it exits.\n"
    "          Needs no region: it shows what any prefork pool does. Huge pages are off in it.\n"
    "          With --region, the pages of that region in every process that maps the file; the\n"
    "          library then maps regions where a stray write would succeed (ZTC_AUDIT=1).\n"
    "selftest  runs the controls with every kind of worker on every kind of mapping and compares\n"
    "          all answers with the expected table.\n"
    "\n"
    "  -w, --workers N       workers at once (4)\n"
    "  -o, --order ORDER     random or sequential (random)\n"
    "  -s, --seed S          seed of the order and of the controls' pages (1)\n"
    "  -n, --records MAX     copy at most MAX records a worker (all)\n"
    "  -m, --mapping KIND    anon, file-private, file-shared, memfd-private, memfd-shared\n"
    "                        (file-private)\n"
    "  -t, --tier TIER       what the workers are: fork, jvm (a forked child creates a JVM in its\n"
    "                        process), java (processes of their own) (fork)\n"
    "      --java-home HOME  the JVM for these ($JAVA_HOME, else the java on the path)\n"
    "      --java-files DIR  their classes and libraries (those of the build)\n"
    "      --allow-missing   with selftest: a witness that works nowhere here is named, no "
    "failure\n"
    "      --no-heap         leave the reference-counted control out\n"
    "      --json FILE       write the report as JSON\n"
    "      --html FILE       write the report as one self-contained page\n"
    "      --baseline CMD    with run: a shell command, the host's empty loop, to subtract; a\n"
    "                        program alone runs without a shell in between\n"
    "      --region REGION   with run: only this region's pages\n"
    "      --inherited       with run: everything inherited (the default)\n"
    "      --samples MS      with run: a point of each curve every MS milliseconds (200 with\n"
    "                        --html or --json, 0: none)\n"
    "  -q, --quiet           print verdicts only\n"
    "  -h, --help            print this\n"
    "      --version         print the version\n"
    "\n"
    "Exit status: 0 no page un-shared, 1 pages un-shared, 2 usage, 3 system failure,\n"
    "4 inconclusive. run reports the command's own status; when that is not 0, the answer is 1 or\n"
    "4 and never 0. SIGINT, SIGQUIT, SIGTERM and SIGHUP are handed on to the command, and when it\n"
    "has ended, run reports; SIGKILL of pagediff kills the command and all that it started.\n"
    "selftest ends with 4 when an answer differs, a control could not run, or a witness works\n"
    "nowhere here. Without root, page frame numbers are hidden and the verdict rests on the other\n"
    "witnesses; it says so.\n";

enum long_only {
  OPTION_NO_HEAP = 256,
  OPTION_ALLOW_MISSING,
  OPTION_JAVA_HOME,
  OPTION_JAVA_FILES,
  OPTION_JSON,
  OPTION_HTML,
  OPTION_BASELINE,
  OPTION_REGION,
  OPTION_INHERITED,
  OPTION_SAMPLES,
  OPTION_VERSION
};

static const struct option OPTIONS[] = {
    {"workers", required_argument, NULL, 'w'},
    {"order", required_argument, NULL, 'o'},
    {"seed", required_argument, NULL, 's'},
    {"records", required_argument, NULL, 'n'},
    {"mapping", required_argument, NULL, 'm'},
    {"tier", required_argument, NULL, 't'},
    {"java-home", required_argument, NULL, OPTION_JAVA_HOME},
    {"java-files", required_argument, NULL, OPTION_JAVA_FILES},
    {"allow-missing", no_argument, NULL, OPTION_ALLOW_MISSING},
    {"no-heap", no_argument, NULL, OPTION_NO_HEAP},
    {"json", required_argument, NULL, OPTION_JSON},
    {"html", required_argument, NULL, OPTION_HTML},
    {"baseline", required_argument, NULL, OPTION_BASELINE},
    {"region", required_argument, NULL, OPTION_REGION},
    {"inherited", no_argument, NULL, OPTION_INHERITED},
    {"samples", required_argument, NULL, OPTION_SAMPLES},
    {"quiet", no_argument, NULL, 'q'},
    {"help", no_argument, NULL, 'h'},
    {"version", no_argument, NULL, OPTION_VERSION},
    {NULL, 0, NULL, 0},
};

enum taker { OF_VERIFY = 1, OF_RUN = 2, OF_SELFTEST = 4 };

/* The commands that take an option. */
static unsigned takers_of(int option) {
  switch (option) {
    case 'w':
    case 'o':
    case 'n':
    case OPTION_NO_HEAP:
      return OF_VERIFY;
    case 's':
    case 'm':
    case 't':
    case OPTION_JAVA_HOME:
    case OPTION_JAVA_FILES:
      return OF_VERIFY | OF_SELFTEST;
    case OPTION_ALLOW_MISSING:
      return OF_SELFTEST;
    case OPTION_JSON:
    case OPTION_HTML:
      return OF_VERIFY | OF_RUN;
    case OPTION_BASELINE:
    case OPTION_REGION:
    case OPTION_INHERITED:
    case OPTION_SAMPLES:
      return OF_RUN;
    default:
      return OF_VERIFY | OF_RUN | OF_SELFTEST;
  }
}

/* An option that a command would not look at is a mistake, and is told. */
static bool are_taken(const struct arguments *arguments, enum taker command) {
  for (size_t i = 0; OPTIONS[i].name != NULL; i++) {
    bool given = (arguments->given >> i & 1) != 0;
    if (given && (takers_of(OPTIONS[i].val) & (unsigned)command) == 0) {
      fprintf(stderr, "pagediff %s: --%s is no option of it (see --help)\n",
              arguments->operands[0], OPTIONS[i].name);
      return false;
    }
  }
  return true;
}

static bool number_argument(const char *name, uint64_t least, uint64_t most, uint64_t *out) {
  char *end = NULL;
  if (optarg[0] >= '0' && optarg[0] <= '9') {
    *out = strtoull(optarg, &end, 10);
    if (*end == '\0' && *out >= least && *out <= most)
      return true;
  }
  fprintf(stderr, "pagediff: --%s %s: a number from %" PRIu64 " to %" PRIu64 " is needed\n", name,
          optarg, least, most);
  return false;
}

static bool order_argument(struct arguments *arguments) {
  arguments->verify.sequential = strcmp(optarg, "sequential") == 0;
  if (arguments->verify.sequential || strcmp(optarg, "random") == 0)
    return true;
  fprintf(stderr, "pagediff: --order %s: random or sequential is needed\n", optarg);
  return false;
}

static bool mapping_argument(struct arguments *arguments) {
  arguments->mapping_given = true;
  if (pd_mapping_parse(optarg, &arguments->verify.mapping))
    return true;
  fprintf(stderr, "pagediff: --mapping %s: no such kind of mapping (see --help)\n", optarg);
  return false;
}

static bool tier_argument(struct arguments *arguments) {
  arguments->tier_given = true;
  if (pd_tier_parse(optarg, &arguments->verify.host.tier))
    return true;
  fprintf(stderr, "pagediff: --tier %s: fork, jvm or java is needed\n", optarg);
  return false;
}

static bool one_option(int option, struct arguments *arguments) {
  uint64_t value = 0;
  switch (option) {
    case 'w':
      if (!number_argument("workers", 1, 1024, &value))
        return false;
      arguments->verify.workers = (size_t)value;
      return true;
    case 'o':
      return order_argument(arguments);
    case 's':
      return number_argument("seed", 0, INT64_MAX, &arguments->verify.seed);
    case 'n':
      return number_argument("records", 1, INT64_MAX, &arguments->verify.records);
    case 'm':
      return mapping_argument(arguments);
    case 't':
      return tier_argument(arguments);
    case OPTION_JAVA_HOME:
      arguments->java_home = optarg;
      return true;
    case OPTION_JAVA_FILES:
      arguments->java_files = optarg;
      return true;
    case OPTION_ALLOW_MISSING:
      arguments->allow_missing = true;
      return true;
    case OPTION_NO_HEAP:
      arguments->verify.heap = false;
      return true;
    case OPTION_JSON:
      arguments->json = optarg;
      return true;
    case OPTION_HTML:
      arguments->html = optarg;
      return true;
    case OPTION_BASELINE:
      arguments->baseline = optarg;
      return true;
    case OPTION_REGION:
      arguments->region = optarg;
      return true;
    case OPTION_INHERITED:
      arguments->region = NULL;
      return true;
    case OPTION_SAMPLES:
      return number_argument("samples", 0, 3600000, &arguments->sample_ms);
    case 'q':
      arguments->quiet = true;
      return true;
    case 'h':
      fputs(USAGE, stdout);
      exit(EXIT_ZERO);
    case OPTION_VERSION:
      printf("pagediff %s\n", ztc_version());
      exit(EXIT_ZERO);
    default:
      return false;
  }
}

/* All options, or with `first` those before the first operand. */
static bool parse_options(int argc, char **argv, bool first, struct arguments *arguments) {
  const char *letters = "+w:o:s:n:m:t:qh";
  int option = 0;
  while ((option = getopt_long(argc, argv, first ? letters : letters + 1, OPTIONS, NULL)) != -1) {
    if (!one_option(option, arguments))
      return false;
    for (size_t i = 0; OPTIONS[i].name != NULL; i++)
      arguments->given |= OPTIONS[i].val == option ? UINT64_C(1) << i : 0;
  }
  return true;
}

/* The command's name, and what comes before and after it: behind that of `run`, the first operand
 * is a program, and all that follows is the program's. */
static bool parse(int argc, char **argv, struct arguments *arguments) {
  *arguments = (struct arguments){.sample_ms = UINT64_MAX};
  pd_verify_defaults(&arguments->verify);
  if (!parse_options(argc, argv, true, arguments))
    return false;
  int at = optind;
  arguments->operands = argv + at;
  if (at < argc) {
    char *command = argv[at];
    argv[at] = argv[0]; /* in whose name wrong options are told */
    optind = 0;         /* from the start, in another order */
    if (!parse_options(argc - at, argv + at, strcmp(command, "run") == 0, arguments))
      return false;
    arguments->operand_count = argc - at - optind + 1;
    arguments->operands = argv + at + optind - 1;
    arguments->operands[0] = command;
  }
  if (arguments->sample_ms == UINT64_MAX)
    arguments->sample_ms = arguments->html != NULL || arguments->json != NULL ? 200 : 0;
  return true;
}

static void describe(struct pd_report *report) {
  struct utsname name;
  if (uname(&name) == 0) {
    snprintf(report->kernel, sizeof report->kernel, "%.60s %.60s", name.sysname, name.release);
  }
  report->root = pd_frames_visible();
}

static bool write_files(const struct arguments *arguments, const struct pd_report *report) {
  struct pd_error error = {""};
  bool ok = true;
  if (arguments->json != NULL) {
    json_t *document = pd_report_json(report, true);
    ok = pd_json_write(document, arguments->json, &error);
    json_decref(document);
    if (!ok)
      fprintf(stderr, "pagediff: %s\n", error.text);
  }
  if (arguments->html != NULL && !pd_report_html(report, arguments->html, &error)) {
    fprintf(stderr, "pagediff: %s\n", error.text);
    ok = false;
  }
  return ok;
}

/* The worst outcome counts: un-shared pages before no verdict before zero. */
static enum exit_code worst(const struct pd_report *report) {
  enum exit_code code = EXIT_ZERO;
  for (size_t i = 0; i < report->run_count; i++) {
    enum pd_outcome outcome = report->runs[i].verdict.outcome;
    if (outcome == PD_UNSHARED)
      return EXIT_UNSHARED;
    if (outcome == PD_INCONCLUSIVE)
      code = EXIT_INCONCLUSIVE;
  }
  return code;
}

static enum exit_code verify_all(const struct arguments *arguments, struct pd_report *report) {
  struct pd_progress progress;
  struct pd_error error = {""};
  pd_progress_init(&progress);
  for (int i = 1; i < arguments->operand_count; i++) {
    struct pd_run *run = &report->runs[report->run_count++];
    if (!pd_verify_region(arguments->operands[i], &arguments->verify, &progress, run, &error)) {
      pd_progress_end(&progress);
      fprintf(stderr, "pagediff: %s\n", error.text);
      return EXIT_SYSTEM;
    }
    if (arguments->quiet) {
      char path[512];
      printf("%s: %s: %s\n", pd_printable(run->path, path, sizeof path),
             pd_outcome_name(run->verdict.outcome), run->verdict.sentence);
    } else {
      pd_report_print(run, stdout);
    }
    fflush(stdout);
  }
  return write_files(arguments, report) ? worst(report) : EXIT_SYSTEM;
}

static enum exit_code verify(struct arguments *arguments) {
  struct pd_report report = {0};
  if (arguments->operand_count < 2) {
    fputs("pagediff verify: name at least one region (see --help)\n", stderr);
    return EXIT_USAGE;
  }
  if (arguments->verify.host.tier != PD_TIER_FORK) {
    struct pd_error error = {""};
    arguments->verify.host.java = &arguments->java;
    if (!pd_java_find(&arguments->java, arguments->java_home, arguments->java_files, &error)) {
      fprintf(stderr, "pagediff: %s\n", error.text);
      return EXIT_SYSTEM;
    }
  }
  report.runs = calloc((size_t)arguments->operand_count, sizeof *report.runs);
  if (report.runs == NULL)
    return EXIT_SYSTEM;
  describe(&report);
  enum exit_code code = verify_all(arguments, &report);
  pd_report_free(&report);
  return code;
}

int main(int argc, char **argv) {
  struct arguments arguments;
  signal(SIGCHLD, SIG_DFL); /* ignored, as a caller may leave it, no child has an end to be told */
  if (!parse(argc, argv, &arguments))
    return EXIT_USAGE;
  const char *command = arguments.operand_count > 0 ? arguments.operands[0] : "";
  if (strcmp(command, "verify") == 0)
    return (int)(are_taken(&arguments, OF_VERIFY) ? verify(&arguments) : EXIT_USAGE);
  if (strcmp(command, "run") == 0)
    return (int)(are_taken(&arguments, OF_RUN) ? pd_cli_run(&arguments) : EXIT_USAGE);
  if (strcmp(command, "selftest") == 0)
    return (int)(are_taken(&arguments, OF_SELFTEST) ? pd_cli_selftest(&arguments) : EXIT_USAGE);
  fputs(USAGE, stderr);
  return EXIT_USAGE;
}
