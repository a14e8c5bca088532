/* One way to say what went wrong: a sentence for a person. */
#ifndef PD_PROBLEM_H
#define PD_PROBLEM_H

#include <stdbool.h>

struct pd_error {
  char text[320];
};

/* Writes the sentence and returns false, so that a failing function can `return pd_fail(...)`.
 * `error` may be NULL. */
bool pd_fail(struct pd_error *error, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The same, with ": <text of errno>" added. */
bool pd_fail_errno(struct pd_error *error, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
