/* `pagediff selftest`: the table, cell by cell, on this machine. */
#include <stdio.h>
#include <unistd.h>

#include "cli.h"
#include "report.h"

/* One image for forked workers, and one that the Java library can read. */
struct image {
  int fd;
  size_t size;
};

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
                          const struct image *image, unsigned *wrong, struct pd_error *error) {
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
    *wrong += matrix.wrong;
    pd_controls_free(&matrix);
  }
  return ok;
}

/* A tier without a JVM is left out and named, unless it was asked for. */
static bool selftest_tiers(struct arguments *arguments, const struct image images[2],
                           unsigned *wrong, struct pd_error *error) {
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
      printf("\n%s: not available here: %s\n", pd_tier_title(host.tier), error->text);
      continue;
    }
    ok = selftest_tier(arguments, &host, &images[tier == PD_TIER_FORK ? 0 : 1], wrong, error);
  }
  return ok;
}

enum exit_code pd_cli_selftest(struct arguments *arguments) {
  const uint64_t records = 20000;
  struct pd_error error = {""};
  struct image images[2] = {{-1, 0}, {-1, 0}};
  uint64_t seed = arguments->verify.seed;
  unsigned wrong = 0;
  bool ok = pd_synthetic_file(records, seed, &images[0].fd, &images[0].size, &error) &&
            pd_sample_region(records, seed, &images[1].fd, &images[1].size, &error) &&
            selftest_tiers(arguments, images, &wrong, &error);
  for (int i = 0; i < 2; i++) {
    if (images[i].fd >= 0)
      close(images[i].fd);
  }
  if (!ok) {
    fprintf(stderr, "pagediff: %s\n", error.text);
    return EXIT_SYSTEM;
  }
  printf("%s (%s tier)\n",
         wrong == 0 ? "all answers are as expected" : "answers differ from the expected table",
         pd_frames_visible() ? "root" : "user");
  return wrong == 0 ? EXIT_ZERO : EXIT_INCONCLUSIVE;
}
