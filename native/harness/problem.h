/* One way to say what went wrong: a sentence for a person. */
#ifndef PD_PROBLEM_H
#define PD_PROBLEM_H

#include <stdbool.h>
#include <stddef.h>

struct pd_error {
  char text[320];
};

/* A copy of foreign text (a name of a file) for a terminal, cut at the size: characters that would
 * steer it are question marks. Returns `out`. */
const char *pd_printable(const char *text, char *out, size_t size);

/* Writes the sentence, printable, and returns false, so that a failing function can `return
 * pd_fail(...)`. `error` may be NULL. */
bool pd_fail(struct pd_error *error, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The same, with ": <text of errno>" added. */
bool pd_fail_errno(struct pd_error *error, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
