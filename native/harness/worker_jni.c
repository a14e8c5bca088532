/* The deeds of the controls for a worker in a JVM, and its shared mappings, which it arms. A
 * library of the harness: what users get has nothing of it. */
#include <fcntl.h>
#include <jni.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "control.h"
#include "pagemap.h"
#include "worker.h"

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

/* The whole file, readable, writable and shared; NULL: it cannot be had. */
static void *map_file(JNIEnv *env, jbyteArray path, size_t size) {
  char name[512] = "";
  jsize length = (*env)->GetArrayLength(env, path);
  if ((size_t)length >= sizeof name)
    return NULL;
  (*env)->GetByteArrayRegion(env, path, 0, length, (jbyte *)name);
  int fd = open(name, O_RDWR | O_CLOEXEC);
  void *at = fd < 0 ? MAP_FAILED : mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (fd >= 0)
    close(fd);
  return at == MAP_FAILED ? NULL : at;
}

/* As a forked worker does: touches every page, arms, and leaves the outcome on the board. */
static void arm(struct pd_board *board, uint8_t *base, size_t size) {
  const size_t page = pd_page_size();
  const struct pd_target target = {
      .worker = getpid(),
      .worker_base = (uintptr_t)base,
      .pages = (size + page - 1) / page,
  };
  for (size_t at = 0; at < size; at += page)
    (void)*(volatile uint8_t *)(base + at);
  pd_witness_arm_inside(&pd_witness_scan, &target, &board->arming[PD_SCAN]);
}

JNIEXPORT jlong JNICALL Java_io_github_zerotouchclone_pagediff_Worker_map(JNIEnv *env, jclass type,
                                                                          jbyteArray path,
                                                                          jlong size,
                                                                          jbyteArray board_path) {
  (void)type;
  struct pd_board *board = map_file(env, board_path, sizeof *board);
  uint8_t *at = map_file(env, path, (size_t)size);
  if (board != NULL && at != NULL) {
    madvise(at, (size_t)size, MADV_NOHUGEPAGE);
    arm(board, at, (size_t)size);
  } else {
    throw_text(env, "the file or the board cannot be mapped");
  }
  if (board != NULL)
    munmap(board, sizeof *board);
  return (jlong)(uintptr_t)at;
}
