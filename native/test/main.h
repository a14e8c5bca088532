/* How a Check executable with one suite runs it. */
#ifndef ZTC_TEST_MAIN_H
#define ZTC_TEST_MAIN_H

#include <check.h>
#include <stdlib.h>

/* Runs each case in a process of its own, and returns the status of `main`. */
static inline int run_suite(Suite *suite) {
  SRunner *runner = srunner_create(suite);
  srunner_run_all(runner, CK_ENV);
  const int failed = srunner_ntests_failed(runner);
  srunner_free(runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* The main function that runs the cases that `fill` adds. */
#define ZTC_TEST_MAIN(name, fill)                                                                  \
  int main(void) {                                                                                 \
    Suite *suite = suite_create(name);                                                             \
    TCase *tests = tcase_create(name);                                                             \
    tcase_set_timeout(tests, 60);                                                                  \
    fill(tests);                                                                                   \
    suite_add_tcase(suite, tests);                                                                 \
    return run_suite(suite);                                                                       \
  }

#endif
