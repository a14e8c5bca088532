/* No thread is inside of the allocator while another one forks: a child has the locks of a
 * sanitizer's allocator as they were, and those of libc's as if nobody held them. Included once, by
 * a program that is linked with --wrap for each of these functions. */
#ifndef ALLOCATOR_AT_FORK_H
#define ALLOCATOR_AT_FORK_H

#include <dirent.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static pthread_mutex_t allocating = PTHREAD_MUTEX_INITIALIZER;

static void enter_allocator(void) {
  pthread_mutex_lock(&allocating);
}

static void leave_allocator(void) {
  pthread_mutex_unlock(&allocating);
}

static void leave_scope(const int *scope) {
  (void)scope;
  leave_allocator();
}

static void keep_allocator_free_at_forks(void) {
  pthread_atfork(enter_allocator, leave_allocator, leave_allocator);
}

#define ALLOCATES(result, name, parameters, arguments)                                             \
  result __real_##name parameters;                                                                 \
  result __wrap_##name parameters;                                                                 \
  result __wrap_##name parameters {                                                                \
    enter_allocator();                                                                             \
    __attribute__((cleanup(leave_scope))) const int scope = 0;                                     \
    return __real_##name arguments;                                                                \
  }

ALLOCATES(void *, malloc, (size_t size), (size))
ALLOCATES(void *, calloc, (size_t count, size_t size), (count, size))
ALLOCATES(void *, realloc, (void *block, size_t size), (block, size))
ALLOCATES(void, free, (void *block), (block))
ALLOCATES(char *, strdup, (const char *text), (text))
ALLOCATES(char *, strndup, (const char *text, size_t size), (text, size))
ALLOCATES(DIR *, fdopendir, (int fd), (fd))
ALLOCATES(int, closedir, (DIR * listing), (listing))
ALLOCATES(FILE *, fopen, (const char *path, const char *mode), (path, mode))
ALLOCATES(char *, fgets, (char *line, int size, FILE *file), (line, size, file))
ALLOCATES(int, fclose, (FILE * file), (file))
ALLOCATES(void, qsort,
          (void *base, size_t count, size_t size, int (*compare)(const void *, const void *)),
          (base, count, size, compare))

#undef ALLOCATES

#endif
