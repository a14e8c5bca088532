#include "problem.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Control characters of ASCII, and those that UTF-8 writes as two bytes. */
static void make_printable(char *text) {
  for (unsigned char *at = (unsigned char *)text; *at != '\0'; at++) {
    if (*at < 0x20 || *at == 0x7f) {
      *at = '?';
    } else if (at[0] == 0xc2 && at[1] >= 0x80 && at[1] <= 0x9f) {
      at[0] = '?';
      at[1] = '?';
    }
  }
}

const char *pd_printable(const char *text, char *out, size_t size) {
  snprintf(out, size, "%s", text);
  make_printable(out);
  return out;
}

bool pd_fail(struct pd_error *error, const char *format, ...) {
  if (error == NULL)
    return false;
  va_list args;
  va_start(args, format);
  vsnprintf(error->text, sizeof error->text, format, args);
  va_end(args);
  make_printable(error->text);
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
  make_printable(error->text);
  return false;
}
