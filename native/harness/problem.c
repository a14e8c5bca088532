#include "problem.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

bool pd_fail(struct pd_error *error, const char *format, ...) {
  if (error == NULL)
    return false;
  va_list args;
  va_start(args, format);
  vsnprintf(error->text, sizeof error->text, format, args);
  va_end(args);
  return false;
}

bool pd_fail_errno(struct pd_error *error, const char *format, ...) {
  int code = errno;
  if (error == NULL)
    return false;
  va_list args;
  va_start(args, format);
  int used = vsnprintf(error->text, sizeof error->text, format, args);
  va_end(args);
  if (used < 0)
    used = 0;
  if ((size_t)used < sizeof error->text) {
    snprintf(error->text + used, sizeof error->text - (size_t)used, ": %s", strerror(code));
  }
  return false;
}
