#include "answer.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FIRST_CAPACITY = 4096, COPY_ATTEMPTS = 8 };

/* ------------------------------------------------------------------------------ the text -- */

static bool text_reserve(struct text *text, size_t more) {
  if (more <= text->capacity - text->size)
    return true;
  size_t capacity = text->capacity == 0 ? FIRST_CAPACITY : text->capacity;
  while (capacity - text->size < more) {
    if (capacity > SIZE_MAX / 2)
      return false;
    capacity *= 2;
  }
  char *bytes = realloc(text->bytes, capacity);
  if (bytes == NULL)
    return false;
  text->bytes = bytes;
  text->capacity = capacity;
  return true;
}

/* As ztc_value_text wants it. */
static bool text_add(void *context, const char *bytes, size_t size) {
  struct text *text = context;
  if (!text_reserve(text, size))
    return false;
  memcpy(text->bytes + text->size, bytes, size);
  text->size += size;
  return true;
}

__attribute__((format(printf, 2, 3))) static bool text_format(struct text *text, const char *format,
                                                              ...) {
  char line[ZTC_ERROR_MESSAGE_SIZE + 100];
  va_list arguments;
  va_start(arguments, format);
  const int size = vsnprintf(line, sizeof line, format, arguments);
  va_end(arguments);
  if (size < 0)
    return false;
  return text_add(text, line, (size_t)size < sizeof line ? (size_t)size : sizeof line - 1);
}

/* ------------------------------------------------------------------------------ the copy -- */

static bool copy_reserve(struct desk *desk, uint64_t capacity) {
  void *copy = realloc(desk->copy, capacity);
  if (copy == NULL)
    return false;
  desk->copy = copy;
  desk->capacity = capacity;
  return true;
}

static ztc_status workspace_reserve(struct desk *desk, uint64_t entries) {
  return desk->workspace == NULL ? ztc_workspace_create(entries, &desk->workspace)
                                 : ztc_workspace_reserve(desk->workspace, entries);
}

/* Into desk->copy, which grows to what the largest record needed. An attempt may only ask for more
 * than the last one; that ends, whatever the file says. */
static ztc_status record_copy(struct desk *desk, const ztc_region *region, uint64_t index,
                              const char *path, uint64_t *size, ztc_error *error) {
  ztc_status status = ZTC_NO_MEMORY;
  for (int attempt = 0; attempt < COPY_ATTEMPTS; attempt++) {
    status = path == NULL
                 ? ztc_copy(region, index, desk->copy, desk->capacity, size, desk->workspace)
                 : ztc_copy_path(region, index, path, desk->copy, desk->capacity, size,
                                 desk->workspace, error);
    if (status == ZTC_BUFFER_TOO_SMALL) {
      if (!copy_reserve(desk, *size))
        return ZTC_NO_MEMORY;
    } else if (status == ZTC_NEED_WORKSPACE) {
      status = workspace_reserve(desk, *size);
      if (status != ZTC_OK)
        return status;
    } else {
      return status;
    }
  }
  return status;
}

/* --------------------------------------------------------------------------- the answers -- */

static bool refuse(struct desk *desk, ztc_status status, const char *message) {
  desk->out.size = 0;
  return text_format(&desk->out, "error %s %s\n", ztc_status_name(status), message);
}

/* The next word of *rest, or NULL; *rest goes behind it. */
static char *word_next(char **rest) {
  char *word = *rest + strspn(*rest, " ");
  if (*word == '\0')
    return NULL;
  char *end = word + strcspn(word, " ");
  *rest = *end == '\0' ? end : end + 1;
  *end = '\0';
  return word;
}

static bool number_of(const char *word, uint64_t *out) {
  char *end;
  if (word == NULL || *word < '0' || *word > '9')
    return false;
  errno = 0;
  *out = strtoull(word, &end, 10);
  return errno == 0 && *end == '\0';
}

static bool answer_record(struct desk *desk, const ztc_region *region, uint64_t index,
                          const char *rest) {
  const char *path = rest + strspn(rest, " ");
  ztc_error error = {.status = ZTC_OK};
  uint64_t size = 0;
  ztc_value value;
  ztc_status status = record_copy(desk, region, index, *path == '\0' ? NULL : path, &size, &error);
  if (status == ZTC_OK)
    status = ztc_value_root(desk->copy, size, ztc_region_schema(region), &value);
  if (status == ZTC_OK && !text_format(&desk->out, "ok "))
    return false;
  if (status == ZTC_OK)
    status = ztc_value_text(&value, text_add, &desk->out, &error);
  if (status != ZTC_OK)
    return refuse(desk, status, error.status == status ? error.message : ztc_status_text(status));
  return text_format(&desk->out, "\n");
}

static bool answer_key(struct desk *desk, const ztc_region *region, const ztc_key *key,
                       const char *rest) {
  uint64_t index;
  const ztc_status status = ztc_index_of(region, key, &index);
  if (status != ZTC_OK)
    return refuse(desk, status, ztc_status_text(status));
  return answer_record(desk, region, index, rest);
}

bool desk_answer(struct desk *desk, char *request) {
  /* This thread is also the one that polls, so the region stays the same until it is done. */
  const ztc_region *region = ztc_live_region(desk->live);
  char *rest = request;
  const char *command = word_next(&rest);
  uint64_t number;
  desk->out.size = 0;
  if (command == NULL)
    return refuse(desk, ZTC_INVALID_ARGUMENT, "an empty line; commands are get, key, id, status");
  if (strcmp(command, "get") == 0) {
    if (!number_of(word_next(&rest), &number))
      return refuse(desk, ZTC_INVALID_ARGUMENT, "get INDEX [PATH]: the index is a number from 0");
    return answer_record(desk, region, number, rest);
  }
  if (strcmp(command, "key") == 0) {
    const char *word = word_next(&rest);
    if (word == NULL)
      return refuse(desk, ZTC_INVALID_ARGUMENT, "key KEY [PATH]: there is no key");
    const ztc_key key = {
        .type = ZTC_KEY_STRING, .encoding = ZTC_UTF8, .data = word, .size = strlen(word)};
    return answer_key(desk, region, &key, rest);
  }
  if (strcmp(command, "id") == 0) {
    if (!number_of(word_next(&rest), &number) || number > INT64_MAX)
      return refuse(desk, ZTC_INVALID_ARGUMENT, "id NUMBER [PATH]: the number is 0 to 2^63 - 1");
    const ztc_key key = {.type = ZTC_KEY_I64, .number = (int64_t)number};
    return answer_key(desk, region, &key, rest);
  }
  if (strcmp(command, "status") == 0)
    return text_format(&desk->out, "ok worker %ld records %" PRIu64 "\n", (long)getpid(),
                       ztc_region_count(region));
  return refuse(desk, ZTC_INVALID_ARGUMENT, "no such command; there are get, key, id, status");
}

void desk_free(struct desk *desk) {
  ztc_workspace_free(desk->workspace);
  free(desk->copy);
  free(desk->out.bytes);
}
