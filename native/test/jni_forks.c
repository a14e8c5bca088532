/* A thread of a JVM forks in native code; what the child does with the library. */
#include <jni.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ztc/ztc.h"

enum { PATIENCE = 20 };

static bool reads(const ztc_region *region) {
  static uint8_t copy[1 << 16];
  uint64_t size, index;
  const ztc_key key = {.type = ZTC_KEY_I64, .number = 1};
  if (ztc_index_of(region, &key, &index) != ZTC_OK || index != 1)
    return false;
  for (index = 0; index < ztc_region_count(region); index++) {
    ztc_value root;
    if (ztc_copy(region, index, copy, sizeof copy, &size, NULL) != ZTC_OK ||
        ztc_value_root(copy, size, ztc_region_schema(region), &root) != ZTC_OK)
      return false;
  }
  return true;
}

/* It can read what its parent opened, open, and publish. */
static bool lives(const ztc_region *inherited, const char *path) {
  char own[4096];
  ztc_region *region;
  ztc_writer *writer;
  snprintf(own, sizeof own, "%s-%d", path, (int)getpid());
  if (!reads(inherited) || ztc_region_open(path, ZTC_OPEN_VERIFY_ALL, &region, NULL) != ZTC_OK)
    return false;
  const bool good = reads(region);
  ztc_region_close(region);
  ztc_region_free(region);
  if (!good || ztc_writer_create(own, 0, &writer, NULL) != ZTC_OK)
    return false;
  ztc_writer_null(writer);
  ztc_writer_end_record(writer, NULL);
  return ztc_writer_publish(writer, NULL) == ZTC_OK && unlink(own) == 0;
}

/* The status that waitpid tells of the child, or -1. */
JNIEXPORT jint JNICALL Java_io_github_zerotouchcloneexample_JniForks_forkAndLive(JNIEnv *env,
                                                                                 jclass type,
                                                                                 jstring path) {
  (void)type;
  const char *name = (*env)->GetStringUTFChars(env, path, NULL);
  ztc_region *region = NULL;
  int status = -1;
  if (name != NULL && ztc_region_open(name, 0, &region, NULL) == ZTC_OK) {
    const pid_t child = fork();
    if (child == 0) {
      alarm(PATIENCE);
      _exit(lives(region, name) ? 0 : 1);
    }
    if (child > 0 && waitpid(child, &status, 0) != child)
      status = -1;
    ztc_region_free(region);
  }
  if (name != NULL)
    (*env)->ReleaseStringUTFChars(env, path, name);
  return status;
}
