/* What the parts of the command line share. */
#ifndef PD_CLI_H
#define PD_CLI_H

#include "java.h"
#include "verify.h"

enum exit_code { EXIT_ZERO, EXIT_UNSHARED, EXIT_USAGE, EXIT_SYSTEM, EXIT_INCONCLUSIVE };

struct arguments {
  struct pd_verify_options verify;
  struct pd_java java;
  const char *java_home;
  const char *java_files;
  bool mapping_given;
  bool tier_given;
  bool allow_missing; /* selftest: a witness that works nowhere here is no failure */
  const char *json;
  const char *html;
  char *baseline;
  const char *region;
  uint64_t sample_ms;
  bool quiet;
  uint64_t given;  /* a bit for each option, by its place in the table */
  char **operands; /* the first one is the command's name */
  int operand_count;
};

enum exit_code pd_cli_selftest(struct arguments *arguments);
enum exit_code pd_cli_run(const struct arguments *arguments);

#endif
