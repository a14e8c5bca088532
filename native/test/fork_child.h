/* What a forked child must be able to do, whatever its parent's threads were doing. */
#ifndef FORK_CHILD_H
#define FORK_CHILD_H

#include <check.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support.h"

enum { RECORD = 29, PATIENCE = 20 /* seconds */ };

static ztc_region *open_sample(void) {
  ztc_region *region;
  publish_sample(test_path("sample.ztc"));
  ck_assert_ztc(ztc_region_open(test_path("sample.ztc"), 0, &region, NULL));
  return region;
}

typedef struct comparison {
  const char *rest; /* of the expected text; NULL after a difference */
} comparison;

static bool compare(void *context, const char *text, size_t size) {
  comparison *c = context;
  const bool same = strncmp(c->rest, text, size) == 0;
  c->rest = same ? c->rest + size : NULL;
  return same;
}

/* Reads in every way. Not with the test library, which must not be called where this runs. */
static bool reads(const ztc_region *region) {
  uint8_t copy[4096];
  uint64_t size, index = 9, cursor = 0;
  ztc_key key;
  ztc_value root;
  if (ztc_index_of(region, &sample_keys[0], &index) != ZTC_OK || index != 0 ||
      ztc_region_key_next(region, &cursor, &key, &index, copy, sizeof copy) != ZTC_OK)
    return false;
  for (int by_path = 0; by_path < 2; by_path++) {
    comparison c = {.rest = sample_texts[RECORD]};
    const ztc_status status =
        by_path ? ztc_copy_path(region, RECORD, "$", copy, sizeof copy, &size, NULL, NULL)
                : ztc_copy(region, RECORD, copy, sizeof copy, &size, NULL);
    if (status != ZTC_OK ||
        ztc_value_root(copy, size, ztc_region_schema(region), &root) != ZTC_OK ||
        ztc_value_text(&root, compare, &c, NULL) != ZTC_OK || c.rest == NULL || *c.rest != 0)
      return false;
  }
  return true;
}

/* Opens, watches and publishes. */
static bool lives(const char *path, const char *own) {
  ztc_region *region, *sealed;
  ztc_watch *watch;
  ztc_writer *writer;
  if (ztc_region_open(path, ZTC_OPEN_VERIFY_ALL, &region, NULL) != ZTC_OK ||
      ztc_region_open(path, ZTC_OPEN_SEALED, &sealed, NULL) != ZTC_OK ||
      ztc_watch_create(path, 0, &watch, NULL) != ZTC_OK ||
      ztc_writer_create(own, 0, &writer, NULL) != ZTC_OK)
    return false;
  bool good = reads(region) && reads(sealed) && ztc_writer_null(writer) == ZTC_OK &&
              ztc_writer_end_record(writer, NULL) == ZTC_OK;
  ztc_region_free(sealed);
  ztc_region_close(region);
  ztc_region_free(region);
  ztc_watch_free(watch);
  return ztc_writer_publish(writer, NULL) == ZTC_OK && good;
}

static int status_of(pid_t child) {
  int status = -1;
  ck_assert_int_eq(waitpid(child, &status, 0), child);
  return status;
}

/* For a child: Check's own handler, which it inherits, would kill the whole test without a word. */
static void lose_patience_later(void) {
  signal(SIGALRM, SIG_DFL);
  alarm(PATIENCE);
}

#endif
