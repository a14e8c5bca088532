/* A region written through the public C API, for controls in a JVM: those read nothing else. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "order.h"
#include "source.h"
#include "ztc/ztc.h"

enum { LONGEST_TEXT = 600 };

/* {"id": i, "text": 40 to 600 letters, "list": [i, true, 0.5]} */
static ztc_status add_record(ztc_writer *writer, uint64_t index, uint64_t seed) {
  char text[LONGEST_TEXT];
  uint64_t state = seed ^ index;
  size_t length = 40 + (size_t)(pd_random(&state) % (LONGEST_TEXT - 40));
  for (size_t i = 0; i < length; i++)
    text[i] = (char)('a' + pd_random(&state) % 26);
  ztc_writer_begin_map(writer);
  ztc_writer_key(writer, "id", 2, ZTC_UTF8);
  ztc_writer_int(writer, ZTC_TYPE_I64, (int64_t)index);
  ztc_writer_key(writer, "text", 4, ZTC_UTF8);
  ztc_writer_string(writer, text, length, ZTC_UTF8);
  ztc_writer_key(writer, "list", 4, ZTC_UTF8);
  ztc_writer_begin_list(writer);
  ztc_writer_int(writer, ZTC_TYPE_I64, (int64_t)index);
  ztc_writer_bool(writer, true);
  ztc_writer_f64(writer, 0.5);
  ztc_writer_end(writer);
  ztc_status status = ztc_writer_end(writer);
  return status == ZTC_OK ? ztc_writer_end_record(writer, NULL) : status;
}

static bool publish(const char *path, uint64_t count, uint64_t seed, struct pd_error *error) {
  ztc_writer *writer = NULL;
  ztc_error why = {.status = ZTC_OK};
  if (ztc_writer_create(path, 0, &writer, &why) != ZTC_OK)
    return pd_fail(error, "%s", why.message);
  for (uint64_t i = 0; i < count; i++) {
    ztc_status status = add_record(writer, i, seed);
    if (status != ZTC_OK) {
      ztc_writer_abort(writer);
      return pd_fail(error, "a sample region cannot be written: %s", ztc_status_text(status));
    }
  }
  return ztc_writer_publish(writer, &why) == ZTC_OK || pd_fail(error, "%s", why.message);
}

bool pd_sample_region(uint64_t count, uint64_t seed, int *fd, size_t *size,
                      struct pd_error *error) {
  const char *parent = getenv("TMPDIR");
  char folder[400];
  char path[420];
  struct stat status;
  *fd = -1;
  snprintf(folder, sizeof folder, "%s/pagediff-XXXXXX",
           parent != NULL && parent[0] != '\0' ? parent : "/var/tmp");
  if (mkdtemp(folder) == NULL)
    return pd_fail_errno(error, "%s cannot be made (set TMPDIR)", folder);
  snprintf(path, sizeof path, "%s/sample.ztc", folder);
  bool ok = publish(path, count, seed, error);
  if (ok) {
    *fd = open(path, O_RDONLY | O_CLOEXEC);
    ok = *fd >= 0 && fstat(*fd, &status) == 0;
    if (!ok)
      pd_fail_errno(error, "%s", path);
  }
  if (ok)
    *size = (size_t)status.st_size;
  unlink(path);
  rmdir(folder);
  return ok;
}
