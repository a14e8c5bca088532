/* The deeds of the controls for a worker in a JVM. A library of the harness: what users get has
 * nothing of it. */
#include <fcntl.h>
#include <jni.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "control.h"

static void throw_text(JNIEnv *env, const char *text) {
  jclass type = (*env)->FindClass(env, "java/lang/IllegalStateException");
  if (type != NULL)
    (*env)->ThrowNew(env, type, text);
}

JNIEXPORT void JNICALL Java_io_github_zerotouchclone_pagediff_Worker_strike(
    JNIEnv *env, jclass type, jint control, jlong base, jlongArray places) {
  (void)type;
  struct pd_error error = {""};
  jsize count = (*env)->GetArrayLength(env, places);
  jlong *copy = malloc((size_t)count * sizeof *copy + 1);
  if (copy == NULL) {
    throw_text(env, "no memory");
    return;
  }
  (*env)->GetLongArrayRegion(env, places, 0, count, copy);
  struct pd_strike strike = {
      .control = (enum pd_control_id)control,
      .base = (uint8_t *)(uintptr_t)base,
      .places = (const uint64_t *)copy,
      .count = (size_t)count,
  };
  if (!(*env)->ExceptionCheck(env) && !pd_strike(&strike, &error))
    throw_text(env, error.text);
  free(copy);
}

JNIEXPORT jlong JNICALL Java_io_github_zerotouchclone_pagediff_Worker_map(JNIEnv *env, jclass type,
                                                                          jbyteArray path,
                                                                          jlong size) {
  (void)type;
  char name[512] = "";
  jsize length = (*env)->GetArrayLength(env, path);
  if ((size_t)length >= sizeof name) {
    throw_text(env, "the path is too long");
    return 0;
  }
  (*env)->GetByteArrayRegion(env, path, 0, length, (jbyte *)name);
  int fd = open(name, O_RDWR | O_CLOEXEC);
  void *at =
      fd < 0 ? MAP_FAILED : mmap(NULL, (size_t)size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (fd >= 0)
    close(fd);
  if (at == MAP_FAILED) {
    throw_text(env, "the file cannot be mapped");
    return 0;
  }
  madvise(at, (size_t)size, MADV_NOHUGEPAGE);
  return (jlong)(uintptr_t)at;
}
