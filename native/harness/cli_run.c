/* `pagediff run`: any command, followed through its forks. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "run.h"
#include "shell.h"

static bool write_files(const struct arguments *arguments, const struct pd_pool *pool,
                        const struct pd_pool *baseline) {
  struct pd_error error = {""};
  bool ok = true;
  if (arguments->json != NULL) {
    json_t *document = pd_pool_json(pool, baseline);
    ok = pd_json_write(document, arguments->json, &error);
    json_decref(document);
  }
  if (ok && arguments->html != NULL)
    ok = pd_pool_html(pool, baseline, arguments->html, &error);
  if (!ok)
    fprintf(stderr, "pagediff: %s\n", error.text);
  return ok;
}

/* Who interrupts the baseline does not want the command any more. */
static bool is_wanted(const struct pd_pool *baseline) {
  if (baseline->interrupted != 0)
    fprintf(stderr, "pagediff: interrupted (%s) in the baseline, before the command was started\n",
            strsignal(baseline->interrupted));
  return baseline->interrupted == 0;
}

static bool run_one(char *const command[], const struct pd_pool_options *options,
                    struct pd_pool *pool) {
  struct pd_error error = {""};
  bool ok = pd_pool_run(command, options, pool, &error);
  if (ok && pool->exec_errno != 0)
    ok = pd_fail(&error, "%.200s: %s", command[0], strerror(pool->exec_errno));
  if (!ok)
    fprintf(stderr, "pagediff: %s\n", error.text);
  return ok;
}

static enum exit_code report(const struct arguments *arguments, const struct pd_pool *pool,
                             const struct pd_pool *baseline) {
  static const enum exit_code codes[] = {
      [PD_ZERO] = EXIT_ZERO, [PD_UNSHARED] = EXIT_UNSHARED, [PD_INCONCLUSIVE] = EXIT_INCONCLUSIVE};
  struct pd_verdict verdict;
  pd_pool_judge(pool, baseline, &verdict);
  if (arguments->quiet) {
    printf("%s: %s\n", pd_outcome_name(verdict.outcome), verdict.sentence);
  } else {
    pd_pool_print(pool, baseline, stdout);
  }
  return write_files(arguments, pool, baseline) ? codes[verdict.outcome] : EXIT_SYSTEM;
}

static enum exit_code run_all(const struct arguments *arguments) {
  struct pd_watch watch = {.mapping = {.fd = -1}};
  struct pd_pool_options options = {.sample_ms = (unsigned)arguments->sample_ms};
  const struct pd_pool_options plain = {0};
  struct pd_pool pool = {0};
  struct pd_pool baseline = {0};
  struct pd_error error = {""};
  char *line = arguments->baseline == NULL ? NULL : pd_shell_line(arguments->baseline);
  char *shell[] = {"sh", "-c", line, NULL};
  enum exit_code code = EXIT_SYSTEM;
  const struct pd_pool *base = arguments->baseline == NULL ? NULL : &baseline;
  bool ok = base == NULL || line != NULL;
  if (!ok)
    fputs("pagediff: no memory for the baseline's command\n", stderr);
  if (ok && arguments->region != NULL) {
    options.watch = &watch;
    ok = pd_watch_open(&watch, arguments->region, &error);
    if (!ok)
      fprintf(stderr, "pagediff: %s\n", error.text);
    /* The library then maps regions where a stray write would succeed. */
    setenv("ZTC_AUDIT", "1", 1);
  }
  if (ok && base != NULL)
    ok = run_one(shell, arguments->html == NULL ? &plain : &options, &baseline) &&
         is_wanted(&baseline);
  if (ok && run_one(arguments->operands + 1, &options, &pool))
    code = report(arguments, &pool, base);
  pd_pool_free(&pool);
  pd_pool_free(&baseline);
  pd_watch_close(&watch);
  free(line);
  return code;
}

enum exit_code pd_cli_run(const struct arguments *arguments) {
  if (arguments->operand_count < 2) {
    fputs("pagediff run: name a command after -- (see --help)\n", stderr);
    return EXIT_USAGE;
  }
  if (arguments->region != NULL && arguments->baseline != NULL) {
    fputs("pagediff run: nothing is to be subtracted of a region: --region or --baseline\n",
          stderr);
    return EXIT_USAGE;
  }
  return run_all(arguments);
}
