/* `pagediff selftest`: the table, cell by cell, on this machine. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "report.h"

/* One image for forked workers, and one that the Java library can read. */
struct image {
  int fd;
  size_t size;
};

/* What all matrices come to. */
struct answers {
  unsigned cells;
  unsigned wrong;
  unsigned unavailable; /* of witnesses that do not work here, and of controls that could not run */
  unsigned not_run;     /* controls; a tier that was left out has all of them */
  bool claimed[PD_VMFLAGS]; /* the table has an answer of this witness somewhere, */
  bool worked[PD_VMFLAGS];  /* and it gave one */
  char why[PD_VMFLAGS][PD_WHY];
};

static void note_witness(const struct pd_control_result *result, int w, struct answers *answers) {
  if (!result->available || result->expected[w] == PD_CELL_UNAVAILABLE)
    return;
  answers->claimed[w] = true;
  if (result->observed[w] != PD_CELL_UNAVAILABLE) {
    answers->worked[w] = true;
  } else if (answers->why[w][0] == '\0') {
    memcpy(answers->why[w], result->detail[w], PD_WHY);
  }
}

static void count(const struct pd_host *host, enum pd_mapping_kind kind,
                  const struct pd_control_matrix *matrix, struct answers *answers) {
  answers->cells += matrix->cells;
  answers->wrong += matrix->wrong;
  answers->unavailable += matrix->unavailable;
  for (int c = 0; pd_tier_has(host->tier, kind) && c < PD_CONTROLS; c++)
    answers->not_run += matrix->results[c].available ? 0 : 1;
  for (int c = 0; pd_tier_has(host->tier, kind) && c < PD_CONTROLS; c++) {
    for (int w = 0; w < PD_VMFLAGS; w++)
      note_witness(&matrix->results[c], w, answers);
  }
}

static bool selftest_on(const struct pd_host *host, enum pd_mapping_kind kind,
                        const struct image *image, uint64_t seed, struct pd_control_matrix *matrix,
                        struct pd_error *error) {
  struct pd_mapping mapping;
  struct pd_source source;
  struct pd_digests digests = {0};
  if (!pd_mapping_open(&mapping, kind, image->fd, image->size, NULL, NULL, error))
    return false;
  bool ok = host->tier == PD_TIER_FORK ? pd_source_open_synthetic(&source, &mapping, error)
                                       : pd_source_open_region(&source, &mapping, error);
  if (ok) {
    ok = pd_digests_init(&digests, mapping.pages) || pd_fail(error, "no memory for digests");
    ok = ok && pd_controls_run(host, &mapping, &source, &digests, seed, matrix, error);
    pd_digests_free(&digests);
    source.close(&source);
  }
  pd_mapping_close(&mapping);
  return ok;
}

static bool selftest_tier(const struct arguments *arguments, const struct pd_host *host,
                          const struct image *image, struct answers *answers,
                          struct pd_error *error) {
  bool ok = true;
  for (int kind = 0; ok && kind < PD_MAPPING_KINDS; kind++) {
    struct pd_control_matrix matrix = {0};
    if (arguments->mapping_given && kind != (int)arguments->verify.mapping)
      continue;
    ok = selftest_on(host, (enum pd_mapping_kind)kind, image, arguments->verify.seed, &matrix,
                     error);
    if (ok && !arguments->quiet) {
      printf("\n%s, %s: %s\n", pd_tier_title(host->tier),
             pd_mapping_name((enum pd_mapping_kind)kind),
             pd_mapping_title((enum pd_mapping_kind)kind));
      pd_matrix_print(&matrix, stdout);
      fflush(stdout);
    }
    count(host, (enum pd_mapping_kind)kind, &matrix, answers);
    pd_controls_free(&matrix);
  }
  return ok;
}

/* A tier without a JVM is left out and named, unless it was asked for. */
static bool selftest_tiers(struct arguments *arguments, const struct image images[2],
                           struct answers *answers, struct pd_error *error) {
  struct pd_host host = {.java = &arguments->java};
  bool ok = true;
  for (int tier = 0; ok && tier < PD_TIERS; tier++) {
    if (arguments->tier_given && tier != (int)arguments->verify.host.tier)
      continue;
    host.tier = (enum pd_tier)tier;
    if (tier != PD_TIER_FORK &&
        !pd_java_find(&arguments->java, arguments->java_home, arguments->java_files, error)) {
      if (arguments->tier_given)
        return false;
      printf("\n%s: not available here, because %s\n", pd_tier_title(host.tier), error->text);
      answers->not_run += PD_CONTROLS;
      continue;
    }
    ok = selftest_tier(arguments, &host, &images[tier == PD_TIER_FORK ? 0 : 1], answers, error);
  }
  return ok;
}

/* Says which witnesses gave no answer at all. */
static unsigned print_missing(const struct answers *answers) {
  unsigned missing = 0;
  for (int w = 0; w < PD_VMFLAGS; w++) {
    if (!answers->claimed[w] || answers->worked[w])
      continue;
    printf("%s: %s: not available here, because %s\n", missing == 0 ? "\nmissing" : "missing",
           pd_witnesses[w]->name, answers->why[w]);
    missing++;
  }
  return missing;
}

enum exit_code pd_cli_selftest(struct arguments *arguments) {
  const uint64_t records = 20000;
  if (arguments->operand_count > 1) {
    fputs("pagediff selftest: it takes no operands, as its data are its own (see --help)\n",
          stderr);
    return EXIT_USAGE;
  }
  struct pd_error error = {""};
  struct image images[2] = {{-1, 0}, {-1, 0}};
  uint64_t seed = arguments->verify.seed;
  struct answers answers = {0};
  bool ok = pd_synthetic_file(records, seed, &images[0].fd, &images[0].size, &error) &&
            pd_sample_region(records, seed, &images[1].fd, &images[1].size, &error) &&
            selftest_tiers(arguments, images, &answers, &error);
  for (int i = 0; i < 2; i++) {
    if (images[i].fd >= 0)
      close(images[i].fd);
  }
  if (!ok) {
    fprintf(stderr, "pagediff: %s\n", error.text);
    return EXIT_SYSTEM;
  }
  unsigned missing = print_missing(&answers);
  const char *said = answers.wrong > 0     ? "answers differ from the expected table"
                     : answers.not_run > 0 ? "the answers are as expected, but not all controls ran"
                     : missing > 0 ? "the answers are as expected, but witnesses are missing"
                                   : "all answers are as expected";
  printf("%s: %u of %u, %u not available here, %u controls not run (%s tier)\n", said,
         answers.cells - answers.wrong, answers.cells, answers.unavailable, answers.not_run,
         pd_frames_visible() ? "root" : "user");
  return answers.wrong == 0 && answers.not_run == 0 && (missing == 0 || arguments->allow_missing)
             ? EXIT_ZERO
             : EXIT_INCONCLUSIVE;
}
