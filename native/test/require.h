/* Capabilities named in ZTC_REQUIRE must be there: without them a test fails instead of passing on
 * less than it says. */
#ifndef ZTC_TEST_REQUIRE_H
#define ZTC_TEST_REQUIRE_H

#include <check.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Whether the list in ZTC_REQUIRE, separated by commas, has the word. */
static inline bool is_required(const char *word) {
  const char *list = getenv("ZTC_REQUIRE");
  size_t length = strlen(word);
  for (const char *at = list; at != NULL && *at != '\0'; at += strspn(at, ",")) {
    size_t n = strcspn(at, ",");
    if (n == length && strncmp(at, word, n) == 0)
      return true;
    at += n;
  }
  return false;
}

/* What a test needs is missing: a failure where it is required. */
static inline void not_available(const char *word, const char *why) {
  ck_assert_msg(!is_required(word), "required, but not available: %s: %s", word, why);
  printf("not available here: %s: %s\n", word, why);
}

#endif
