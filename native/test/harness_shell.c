/* A baseline's line gets an `exec` in front where it is one program, and stays as it is else. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "main.h"
#include "shell.h"

static void assert_line(const char *line, const char *expected) {
  char *made = pd_shell_line(line);
  ck_assert_ptr_nonnull(made);
  ck_assert_str_eq(made, expected);
  free(made);
}

static const char *const PROGRAMS[] = {
    "sh",          "sh -c true", " /bin/sh a b", "'/bin/sh' a > /dev/null 2>&1",
    "/bin/sh >&2", "'sh' 'a' *", "true",
};
enum { PROGRAM_COUNT = sizeof PROGRAMS / sizeof *PROGRAMS };

START_TEST(a_program_alone_takes_the_place_of_the_shell) {
  char expected[64];
  snprintf(expected, sizeof expected, "exec %s", PROGRAMS[_i]);
  assert_line(PROGRAMS[_i], expected);
}
END_TEST

static const char *const OTHERS[] = {
    "",         ":",          "sh; true",        "sh & sh",       "sh | sh",    "sh &",
    "(sh)",     "{ sh; }",    "x=1 sh",          "x=1",           "sh $x",      "sh `true`",
    "! sh",     "sh \"a b\"", "'/bin/sh a",      "'/bin/sh'a",    "sh\nsh",     "sh # a",
    "sh <file", "exec sh",    "no-such-program", "/no/such/sh 1", "sh && true", "sh \\a",
};
enum { OTHER_COUNT = sizeof OTHERS / sizeof *OTHERS };

START_TEST(any_other_line_is_left_to_the_shell) {
  assert_line(OTHERS[_i], OTHERS[_i]);
}
END_TEST

START_TEST(programs_are_looked_for_where_a_shell_does) {
  ck_assert_int_eq(setenv("PATH", "/nowhere:/bin:/usr/bin", 1), 0);
  assert_line("sh a", "exec sh a");
  ck_assert_int_eq(setenv("PATH", "/nowhere", 1), 0);
  assert_line("sh a", "sh a");
  ck_assert_int_eq(setenv("PATH", "", 1), 0);
  assert_line("sh a", "sh a");
}
END_TEST

int main(void) {
  Suite *suite = suite_create("harness_shell");
  TCase *tests = tcase_create("shell");
  tcase_add_loop_test(tests, a_program_alone_takes_the_place_of_the_shell, 0, PROGRAM_COUNT);
  tcase_add_loop_test(tests, any_other_line_is_left_to_the_shell, 0, OTHER_COUNT);
  tcase_add_test(tests, programs_are_looked_for_where_a_shell_does);
  suite_add_tcase(suite, tests);
  return run_suite(suite);
}
