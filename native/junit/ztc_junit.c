/*
 * What the JUnit extension asks the kernel about pages of its own process. The contracts are
 * documented in io.github.zerotouchclone.junit.internal.NativePageWatch. A failure is an
 * IllegalStateException whose message is the harness' sentence. Every JNI call that can leave an
 * exception pending is followed by a return or by a check.
 */
#include <errno.h>
#include <jni.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "pagemap.h"
#include "pageset.h"
#include "problem.h"
#include "uffd.h"

#define CLASS "io/github/zerotouchclone/junit/internal/NativePageWatch"

#define UNUSED(name) (void)(name)

/* Leaves an exception pending; 0 for the caller to return. */
static jlong throw_state(JNIEnv *env, const struct pd_error *error) {
  jclass type = (*env)->FindClass(env, "java/lang/IllegalStateException");
  if (type != NULL) (*env)->ThrowNew(env, type, error->text);
  return 0;
}

/* ------------------------------------------------------------------------------------ the pages -- */

static jint page_size(JNIEnv *env, jobject self) {
  UNUSED(env), UNUSED(self);
  return (jint)pd_page_size();
}

static bool arm_range(uintptr_t base, size_t pages, int *fd, struct pd_error *error) {
  const size_t size = pages * pd_page_size();
  /* A kernel without huge pages answers EINVAL: there is nothing to switch off then. */
  if (madvise((void *)base, size, MADV_NOHUGEPAGE) != 0 && errno != EINVAL) {
    return pd_fail_errno(error, "huge pages cannot be switched off");
  }
  return pd_uffd_arm(base, size, fd, error);
}

static jint arm(JNIEnv *env, jobject self, jlong base, jlong pages) {
  UNUSED(self);
  struct pd_error error = {""};
  int fd = -1;
  if (!arm_range((uintptr_t)base, (size_t)pages, &fd, &error)) throw_state(env, &error);
  return fd;
}

static void release(JNIEnv *env, jobject self, jint fd) {
  UNUSED(env), UNUSED(self);
  close(fd);
}

/* The volatile store keeps the byte, but not the page. */
static void store_silently(JNIEnv *env, jobject self, jlong address) {
  UNUSED(env), UNUSED(self);
  volatile char *byte = (volatile char *)(uintptr_t)address;
  *byte = *byte;
}

/* --------------------------------------------------------------------------------- the witnesses -- */

/*
 * Pages that are this process's own copies: present without bit 61 ("file or shared"), or swapped
 * out without it. A mark for a protected page that nobody has touched, or for a guard, is no page.
 */
static bool scan_copied(uintptr_t base, size_t pages, struct pd_pageset *copied,
                        struct pd_error *error) {
  uint64_t entries[512];
  const size_t most = sizeof entries / sizeof entries[0];
  for (size_t first = 0; first < pages; first += most) {
    const size_t count = pages - first < most ? pages - first : most;
    if (!pd_pagemap_read(getpid(), base + first * pd_page_size(), count, entries, error)) {
      return false;
    }
    for (size_t i = 0; i < count; i++) {
      if (pd_entry_copied(entries[i])) pd_pageset_add(copied, first + i);
    }
  }
  return true;
}

static bool scan_written(uintptr_t base, size_t pages, struct pd_pageset *written,
                         struct pd_error *error) {
  return pd_scan_written(getpid(), base, pages, written, error);
}

/* The first and last page of each run, one after the other. */
static jlongArray runs_of(JNIEnv *env, const struct pd_pageset *set) {
  size_t runs = 0;
  size_t first = 0;
  size_t length = 0;
  for (size_t at = 0; pd_pageset_next_run(set, at, &first, &length); at = first + length) runs++;
  if (runs > INT32_MAX / 2) runs = INT32_MAX / 2; /* of a region of 16 TiB */
  jlongArray result = (*env)->NewLongArray(env, (jsize)(2 * runs));
  if (result == NULL) return NULL;
  size_t at = 0;
  for (jsize i = 0; i < (jsize)runs && pd_pageset_next_run(set, at, &first, &length); i++) {
    const jlong run[2] = {(jlong)first, (jlong)(first + length - 1)};
    (*env)->SetLongArrayRegion(env, result, 2 * i, 2, run);
    at = first + length;
  }
  return result;
}

typedef bool scan(uintptr_t base, size_t pages, struct pd_pageset *found, struct pd_error *error);

static jlongArray found_by(JNIEnv *env, scan *witness, jlong base, jlong pages) {
  struct pd_error error = {""};
  struct pd_pageset found;
  jlongArray result = NULL;
  bool ok = pd_pageset_init(&found, (size_t)pages) || pd_fail(&error, "out of memory");
  ok = ok && witness((uintptr_t)base, (size_t)pages, &found, &error);
  if (ok) {
    result = runs_of(env, &found);
  } else {
    throw_state(env, &error);
  }
  pd_pageset_free(&found);
  return result;
}

static jlongArray written(JNIEnv *env, jobject self, jlong base, jlong pages) {
  UNUSED(self);
  return found_by(env, scan_written, base, pages);
}

static jlongArray copied(JNIEnv *env, jobject self, jlong base, jlong pages) {
  UNUSED(self);
  return found_by(env, scan_copied, base, pages);
}

/* Whether a page of anonymous memory can be protected and scanned. */
static bool try_out(struct pd_error *error) {
  const size_t size = pd_page_size();
  void *page = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (page == MAP_FAILED) return pd_fail_errno(error, "no memory for one page");
  int fd = -1;
  struct pd_pageset found;
  bool ok = pd_pageset_init(&found, 1) || pd_fail(error, "out of memory");
  ok = ok && arm_range((uintptr_t)page, 1, &fd, error) &&
       scan_written((uintptr_t)page, 1, &found, error) &&
       scan_copied((uintptr_t)page, 1, &found, error);
  if (fd >= 0) close(fd);
  pd_pageset_free(&found);
  munmap(page, size);
  return ok;
}

static jstring unavailable(JNIEnv *env, jobject self) {
  UNUSED(self);
  struct pd_error error = {""};
  return try_out(&error) ? NULL : (*env)->NewStringUTF(env, error.text);
}

/* ------------------------------------------------------------------------------------- the table -- */

static jobjectArray registered(JNIEnv *env, jclass type);

/* JNI's struct wants char *, though it writes to nothing. */
#define ENTRY(name, signature, function) \
  { (char *)(uintptr_t)(name), (char *)(uintptr_t)(signature), (void *)(uintptr_t)(function) }

static const JNINativeMethod methods[] = {
    ENTRY("unavailable", "()Ljava/lang/String;", unavailable),
    ENTRY("pageSize", "()I", page_size),
    ENTRY("arm", "(JJ)I", arm),
    ENTRY("release", "(I)V", release),
    ENTRY("written", "(JJ)[J", written),
    ENTRY("copied", "(JJ)[J", copied),
    ENTRY("storeSilently", "(J)V", store_silently),
    ENTRY("registered", "()[Ljava/lang/String;", registered),
};

enum { METHODS = sizeof methods / sizeof methods[0] };

/* Name and signature of each entry, so that a test can compare the table with the class. */
static jobjectArray registered(JNIEnv *env, jclass type) {
  UNUSED(type);
  jclass string = (*env)->FindClass(env, "java/lang/String");
  if (string == NULL) return NULL;
  jobjectArray result = (*env)->NewObjectArray(env, METHODS, string, NULL);
  if (result == NULL) return NULL;
  for (jsize i = 0; i < METHODS; i++) {
    char line[256] = "";
    strncat(line, methods[i].name, sizeof line - 1);
    strncat(line, methods[i].signature, sizeof line - strlen(line) - 1);
    jstring entry = (*env)->NewStringUTF(env, line);
    if (entry == NULL) return NULL;
    (*env)->SetObjectArrayElement(env, result, i, entry);
    if ((*env)->ExceptionCheck(env)) return NULL;
    (*env)->DeleteLocalRef(env, entry);
  }
  return result;
}

JNIEXPORT jint JNICALL JNI_OnLoad(JavaVM *vm, void *reserved) {
  UNUSED(reserved);
  JNIEnv *env = NULL;
  if ((*vm)->GetEnv(vm, (void **)&env, JNI_VERSION_10) != JNI_OK) return JNI_ERR;
  jclass type = (*env)->FindClass(env, CLASS);
  if (type == NULL) return JNI_ERR;
  /* Fails on a class of another version, so that no call can meet the wrong function. */
  if ((*env)->RegisterNatives(env, type, methods, METHODS) != JNI_OK) return JNI_ERR;
  return JNI_VERSION_10;
}
