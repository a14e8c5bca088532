/*
 * The JNI library for the test of what a lack of memory does: the n-th allocation of a thread
 * fails, whether it asks malloc or the JVM. A program arms it through native methods of its own;
 * for what happens while the library is loaded, a file that ZTC_JNI_FAULTS names holds the number.
 */
#include "jni_faults.h"

#include <stdio.h>
#include <stdlib.h>

static _Thread_local bool armed;
static _Thread_local int victim, seen;

static bool refuse(void) {
  return armed && seen++ == victim;
}

bool ztc_jni_fault(JNIEnv *env) {
  if (!refuse())
    return false;
  jclass error = ((*env)->FindClass)(env, "java/lang/OutOfMemoryError");
  if (error != NULL)
    (*env)->ThrowNew(env, error, "injected");
  return true;
}

#define WRAP(result, name, parameters, arguments)                                                  \
  result __real_##name parameters;                                                                 \
  result __wrap_##name parameters;                                                                 \
  result __wrap_##name parameters {                                                                \
    return refuse() ? NULL : __real_##name arguments;                                              \
  }
WRAP(void *, malloc, (size_t size), (size))
WRAP(void *, calloc, (size_t count, size_t size), (count, size))
WRAP(void *, realloc, (void *block, size_t size), (block, size))
WRAP(char *, strdup, (const char *text), (text))
WRAP(char *, strndup, (const char *text, size_t size), (text, size))

/* From now on allocation `number` of this thread fails, counted from 0. */
JNIEXPORT void JNICALL Java_io_github_zerotouchcloneexample_JniFaults_arm(JNIEnv *env, jclass type,
                                                                          jint number) {
  (void)env, (void)type;
  seen = 0;
  victim = number;
  armed = true;
}

/* Allocations since then; nothing fails any more. */
JNIEXPORT jint JNICALL Java_io_github_zerotouchcloneexample_JniFaults_disarm(JNIEnv *env,
                                                                             jclass type) {
  (void)env, (void)type;
  armed = false;
  return seen;
}

__attribute__((constructor)) static void read_victim(void) {
  const char *path = getenv("ZTC_JNI_FAULTS");
  FILE *file = path == NULL ? NULL : fopen(path, "r");
  if (file == NULL)
    return;
  armed = fscanf(file, "%d", &victim) == 1;
  fclose(file);
}
