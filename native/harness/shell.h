/* A command line as a person writes it, for sh. */
#ifndef PD_SHELL_H
#define PD_SHELL_H

/* The same line with `exec` in front where that changes nothing but that no shell is left in
 * between: a program that is found, with its arguments and redirections. Any other line as it is.
 * NULL when memory is short; free it. */
char *pd_shell_line(const char *line);

#endif
