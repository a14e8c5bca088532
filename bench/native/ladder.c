/* The rungs of the delivery ladder that need native code; Ladder.java says what each is. */
#include <jni.h>
#include <stdlib.h>
#include <string.h>

#include "ztc/ztc.h"

#define RUNG(type, name)                                                                           \
  JNIEXPORT type JNICALL Java_io_github_zerotouchclone_bench_delivery_Ladder_##name

enum { SCRATCH = 1 << 20 };
static _Thread_local uint8_t scratch[SCRATCH];

/* Measured code cannot go on after an error, and nothing here is shipped. */
static uint64_t must_copy(const ztc_region *region, uint64_t index, void *dst, uint64_t capacity) {
  uint64_t size;
  if (ztc_copy(region, index, dst, capacity, &size, NULL) != ZTC_OK)
    abort();
  return size;
}

static const ztc_region *region_of(jlong handle) {
  return (const ztc_region *)(uintptr_t)handle;
}

RUNG(void, empty)(JNIEnv *env, jclass type) {
  (void)env;
  (void)type;
}

RUNG(jlong, addressOf)(JNIEnv *env, jclass type, jobject buffer) {
  (void)type;
  return (jlong)(uintptr_t)(*env)->GetDirectBufferAddress(env, buffer);
}

RUNG(jlong, open)(JNIEnv *env, jclass type, jstring path) {
  (void)type;
  const char *name = (*env)->GetStringUTFChars(env, path, NULL);
  if (name == NULL)
    return 0;
  ztc_region *region = NULL;
  const ztc_status status = ztc_region_open(name, 0, &region, NULL);
  (*env)->ReleaseStringUTFChars(env, path, name);
  return status == ZTC_OK ? (jlong)(uintptr_t)region : 0;
}

RUNG(void, free)(JNIEnv *env, jclass type, jlong region) {
  (void)env;
  (void)type;
  ztc_region_free((ztc_region *)(uintptr_t)region);
}

RUNG(jlong, base)(JNIEnv *env, jclass type, jlong region) {
  (void)env;
  (void)type;
  return (jlong)(uintptr_t)ztc_region_base(region_of(region));
}

RUNG(jlong, toAddress)(JNIEnv *env, jclass type, jlong region, jlong index, jlong dst, jlong size) {
  (void)env;
  (void)type;
  return (jlong)must_copy(region_of(region), (uint64_t)index, (void *)(uintptr_t)dst,
                          (uint64_t)size);
}

RUNG(jbyteArray, toNewArray)(JNIEnv *env, jclass type, jlong region, jlong index) {
  (void)type;
  const jsize size = (jsize)must_copy(region_of(region), (uint64_t)index, scratch, SCRATCH);
  jbyteArray array = (*env)->NewByteArray(env, size);
  if (array != NULL)
    (*env)->SetByteArrayRegion(env, array, 0, size, (const jbyte *)scratch);
  return array;
}

RUNG(jint, toArray)(JNIEnv *env, jclass type, jlong region, jlong index, jbyteArray array) {
  (void)type;
  const jsize size = (jsize)must_copy(region_of(region), (uint64_t)index, scratch, SCRATCH);
  (*env)->SetByteArrayRegion(env, array, 0, size, (const jbyte *)scratch);
  return size;
}

RUNG(jint, toPinnedArray)(JNIEnv *env, jclass type, jlong region, jlong index, jbyteArray array) {
  (void)type;
  const jsize capacity = (*env)->GetArrayLength(env, array);
  void *bytes = (*env)->GetPrimitiveArrayCritical(env, array, NULL);
  if (bytes == NULL)
    return -1;
  const jint size = (jint)must_copy(region_of(region), (uint64_t)index, bytes, (uint64_t)capacity);
  (*env)->ReleasePrimitiveArrayCritical(env, array, bytes, 0);
  return size;
}

/* `count` copies, one after the other, to the same place: what the copy costs without Java. */
RUNG(void, copies)
(JNIEnv *env, jclass type, jlong region, jlong indices, jint count, jlong dst, jlong size) {
  (void)env;
  (void)type;
  const uint64_t *index = (const uint64_t *)(uintptr_t)indices;
  for (jint i = 0; i < count; i++) {
    must_copy(region_of(region), index[i], (void *)(uintptr_t)dst, (uint64_t)size);
    __asm__ volatile("" ::"r"(dst) : "memory");
  }
}

/*
 * `count` extents one behind the other, as a C programmer would by hand: index lines 16 ahead, the
 * first four lines of the extents 8 ahead, nothing checked. `index` is the place of the region's
 * record index.
 */
RUNG(jlong, prefetched)
(JNIEnv *env, jclass type, jlong base_, jlong index, jlong indices, jint count, jlong dst_) {
  (void)env;
  (void)type;
  const uint8_t *base = (const uint8_t *)(uintptr_t)base_;
  const uint64_t *lines = (const uint64_t *)(uintptr_t)(base_ + index);
  const uint64_t *order = (const uint64_t *)(uintptr_t)indices;
  uint8_t *dst = (uint8_t *)(uintptr_t)dst_;
  uint64_t used = 0;
  for (jint i = 0; i < count; i++) {
    if (i + 16 < count)
      __builtin_prefetch(lines + 2 * order[i + 16]);
    if (i + 8 < count) {
      const uint8_t *head = base + (lines[2 * order[i + 8]] & UINT64_C(0xffffffffffff));
      for (int line = 0; line < 4; line++)
        __builtin_prefetch(head + 64 * line);
    }
    const uint64_t *entry = lines + 2 * order[i];
    const uint32_t length = (uint32_t)entry[1];
    memcpy(dst + used, base + (entry[0] & UINT64_C(0xffffffffffff)), length);
    used += length;
  }
  __asm__ volatile("" ::"r"(dst) : "memory");
  return (jlong)used;
}

/* All extents in order, each to the same place: what the copies of a scan cost without Java. */
RUNG(jlong, scanned)
(JNIEnv *env, jclass type, jlong base_, jlong index, jint count, jlong dst_) {
  (void)env;
  (void)type;
  const uint8_t *base = (const uint8_t *)(uintptr_t)base_;
  const uint64_t *lines = (const uint64_t *)(uintptr_t)(base_ + index);
  uint8_t *dst = (uint8_t *)(uintptr_t)dst_;
  uint64_t used = 0;
  for (jint i = 0; i < count; i++) {
    const uint64_t *entry = lines + 2 * (size_t)i;
    const uint32_t length = (uint32_t)entry[1];
    memcpy(dst, base + (entry[0] & UINT64_C(0xffffffffffff)), length);
    __asm__ volatile("" ::"r"(dst) : "memory");
    used += length;
  }
  return (jlong)used;
}
