#include "error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void fill(ztc_error *error, ztc_status status, int errnum, uint64_t offset,
                 const char *format, va_list arguments) {
  error->status = status;
  error->system_errno = errnum;
  error->offset = offset;
  int used = vsnprintf(error->message, sizeof error->message, format, arguments);
  if (errnum == 0 || used < 0 || (size_t)used >= sizeof error->message)
    return;
  char buffer[96];
#ifdef __GLIBC__
  const char *text = strerror_r(errnum, buffer, sizeof buffer);
#else
  const char *text = buffer;
  if (strerror_r(errnum, buffer, sizeof buffer) != 0)
    snprintf(buffer, sizeof buffer, "errno %d", errnum);
#endif
  snprintf(error->message + used, sizeof error->message - (size_t)used, ": %s", text);
}

const char *ztc__shown(char room[ZTC__SHOWN_ROOM], const char *name) {
  enum { DOTS = 3, END = ZTC__SHOWN_ROOM - 1 - DOTS };
  const size_t size = strlen(name);
  if (size < ZTC__SHOWN_ROOM)
    return name;
  const char *end = name + size - END;
  while ((*end & 0xC0) == 0x80) /* not in the middle of a character */
    end++;
  memcpy(room, "...", DOTS);
  strcpy(room + DOTS, end);
  return room;
}

ztc_status ztc__fail(ztc_error *error, ztc_status status, uint64_t offset, const char *format,
                     ...) {
  if (error != NULL) {
    va_list arguments;
    va_start(arguments, format);
    fill(error, status, 0, offset, format, arguments);
    va_end(arguments);
  }
  return status;
}

ztc_status ztc__fail_system(ztc_error *error, int errnum, const char *format, ...) {
  ztc_status status = ZTC_IO;
  if (errnum == ENOENT)
    status = ZTC_NOT_FOUND;
  if (errnum == EACCES || errnum == EPERM)
    status = ZTC_ACCESS;
  if (errnum == ENOMEM)
    status = ZTC_NO_MEMORY;
  if (error != NULL) {
    va_list arguments;
    va_start(arguments, format);
    fill(error, status, errnum, ZTC_NO_OFFSET, format, arguments);
    va_end(arguments);
  }
  return status;
}
