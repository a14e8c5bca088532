/*
 * All JNI glue: thin functions that the table at the end registers, and one way to throw.
 * Signatures and their contracts are documented in io.github.zerotouchclone.internal.Native. Java
 * code keeps the owner of every handle reachable during a call. Every JNI call that can leave an
 * exception pending is followed by a return or by a check.
 */
#include <jni.h>
#include <stdlib.h>
#include <string.h>

#include "ztc/ztc.h"

#define PACKAGE "io/github/zerotouchclone/internal/"

#define UNUSED(name) (void)(name)

static jclass native_class; /* a global reference, written once in JNI_OnLoad */
static jmethodID fail_method;

/* ----------------------------------------------------------------------------- one throw helper --
 */

/* Leaves an exception pending: Native.fail throws it. */
static void throw_error(JNIEnv *env, const ztc_error *error) {
  const jsize size = (jsize)strnlen(error->message, sizeof error->message);
  jbyteArray message = (*env)->NewByteArray(env, size);
  if (message == NULL)
    return;
  (*env)->SetByteArrayRegion(env, message, 0, size, (const jbyte *)error->message);
  const jlong offset = error->offset == ZTC_NO_OFFSET ? -1 : (jlong)error->offset;
  (*env)->CallStaticVoidMethod(env, native_class, fail_method, (jint)error->status, offset,
                               (jint)error->system_errno, message);
}

static bool ok(JNIEnv *env, ztc_status status, ztc_error *error) {
  if (status == ZTC_OK)
    return true;
  if (error->status == ZTC_OK)
    error->status = status; /* without details: Java has the text */
  throw_error(env, error);
  return false;
}

#define NO_ERROR ((ztc_error){.offset = ZTC_NO_OFFSET})

static inline void *pointer(jlong value) {
  return (void *)(intptr_t)value;
}

static inline jlong handle(const void *value) {
  return (jlong)(intptr_t)value;
}

/* A NUL-terminated copy of an array, to be freed; NULL with an exception pending. */
static char *text(JNIEnv *env, jbyteArray bytes) {
  const jsize size = (*env)->GetArrayLength(env, bytes);
  char *copy = malloc((size_t)size + 1);
  if (copy == NULL) {
    ztc_error error = NO_ERROR;
    ok(env, ZTC_NO_MEMORY, &error);
    return NULL;
  }
  (*env)->GetByteArrayRegion(env, bytes, 0, size, (jbyte *)copy);
  copy[size] = '\0';
  if (!(*env)->ExceptionCheck(env))
    return copy;
  free(copy);
  return NULL;
}

/* ------------------------------------------------------------------------------------- library --
 */

static jint abi_version(JNIEnv *env, jclass type) {
  UNUSED(env), UNUSED(type);
  return (jint)ztc_abi_version();
}

static jstring version(JNIEnv *env, jclass type) {
  UNUSED(type);
  return (*env)->NewStringUTF(env, ztc_version());
}

static jstring status_text(JNIEnv *env, jclass type, jint status) {
  UNUSED(type);
  return (*env)->NewStringUTF(env, ztc_status_text((ztc_status)status));
}

static jstring status_name(JNIEnv *env, jclass type, jint status) {
  UNUSED(type);
  return (*env)->NewStringUTF(env, ztc_status_name((ztc_status)status));
}

/* ------------------------------------------------------------------------------------- regions --
 */

static jlong region_open(JNIEnv *env, jclass type, jbyteArray path, jint flags) {
  UNUSED(type);
  char *name = text(env, path);
  if (name == NULL)
    return 0;
  ztc_error error = NO_ERROR;
  ztc_region *region = NULL;
  const ztc_status status = ztc_region_open(name, (uint32_t)flags, &region, &error);
  free(name);
  return ok(env, status, &error) ? handle(region) : 0;
}

static jlong region_open_memory(JNIEnv *env, jclass type, jlong address, jlong size, jint flags) {
  UNUSED(type);
  ztc_error error = NO_ERROR;
  ztc_region *region = NULL;
  const ztc_status status =
      ztc_region_open_memory(pointer(address), (uint64_t)size, (uint32_t)flags, &region, &error);
  return ok(env, status, &error) ? handle(region) : 0;
}

static jlong region_open_descriptor(JNIEnv *env, jclass type, jint descriptor, jint flags) {
  UNUSED(type);
  ztc_error error = NO_ERROR;
  ztc_region *region = NULL;
  const ztc_status status = ztc_region_open_fd(descriptor, (uint32_t)flags, &region, &error);
  return ok(env, status, &error) ? handle(region) : 0;
}

static void region_close(JNIEnv *env, jclass type, jlong region) {
  UNUSED(env), UNUSED(type);
  ztc_region_close(pointer(region));
}

static void region_free(JNIEnv *env, jclass type, jlong region) {
  UNUSED(env), UNUSED(type);
  ztc_region_free(pointer(region));
}

static jlong region_count(JNIEnv *env, jclass type, jlong region) {
  UNUSED(env), UNUSED(type);
  return (jlong)ztc_region_count(pointer(region));
}

static jlong region_size(JNIEnv *env, jclass type, jlong region) {
  UNUSED(env), UNUSED(type);
  return (jlong)ztc_region_size(pointer(region));
}

static jlong region_base(JNIEnv *env, jclass type, jlong region) {
  UNUSED(env), UNUSED(type);
  return handle(ztc_region_base(pointer(region)));
}

static jint region_state(JNIEnv *env, jclass type, jlong region) {
  UNUSED(env), UNUSED(type);
  return (jint)ztc_region_state(pointer(region));
}

static jlong record_offset(JNIEnv *env, jclass type, jlong region, jlong index) {
  UNUSED(env), UNUSED(type);
  uint64_t offset;
  uint64_t size;
  const ztc_status status = ztc_region_extent(pointer(region), (uint64_t)index, &offset, &size);
  return status == ZTC_OK ? (jlong)offset : -(jlong)status;
}

static jlong record_size(JNIEnv *env, jclass type, jlong region, jlong index) {
  UNUSED(env), UNUSED(type);
  uint64_t offset;
  uint64_t size;
  const ztc_status status = ztc_region_extent(pointer(region), (uint64_t)index, &offset, &size);
  return status == ZTC_OK ? (jlong)size : -(jlong)status;
}

static jlong key_count(JNIEnv *env, jclass type, jlong region) {
  UNUSED(env), UNUSED(type);
  return (jlong)ztc_region_key_count(pointer(region));
}

static jlong index_of(JNIEnv *env, jclass type, jlong region, jint key_type, jint encoding,
                      jlong address, jlong size, jlong number) {
  UNUSED(env), UNUSED(type);
  const ztc_key key = {.type = (ztc_key_type)key_type,
                       .encoding = (ztc_encoding)encoding,
                       .data = pointer(address),
                       .size = (uint64_t)size,
                       .number = number};
  uint64_t index = 0;
  const ztc_status status = ztc_index_of(pointer(region), &key, &index);
  return status == ZTC_OK ? (jlong)index : -(jlong)status;
}

static jlongArray region_layout(JNIEnv *env, jclass type, jlong region) {
  UNUSED(type);
  uint64_t index, records, end;
  const volatile uint32_t *state;
  if (ztc_region_layout(pointer(region), &index, &records, &end, &state) != ZTC_OK)
    return NULL;
  const jlong layout[] = {(jlong)index, (jlong)records, (jlong)end, (jlong)(intptr_t)state};
  jlongArray result = (*env)->NewLongArray(env, 4);
  if (result != NULL)
    (*env)->SetLongArrayRegion(env, result, 0, 4, layout);
  return result;
}

static jobject memory(JNIEnv *env, jclass type, jlong address, jlong size) {
  UNUSED(type);
  return (*env)->NewDirectByteBuffer(env, pointer(address), size);
}

typedef struct watcher {
  JNIEnv *env;
  jobject progress;
  jmethodID accept;
} watcher;

static bool tell(void *context, uint64_t done, uint64_t total) {
  UNUSED(total);
  const watcher *w = context;
  (*w->env)->CallVoidMethod(w->env, w->progress, w->accept, (jlong)done);
  return !(*w->env)->ExceptionCheck(w->env);
}

static void region_preload(JNIEnv *env, jclass type, jlong region, jobject progress) {
  UNUSED(type);
  watcher w = {.env = env, .progress = progress};
  /* The interface's, and not that of the object's class, which a native image has no name for. */
  jclass consumer = (*env)->FindClass(env, "java/util/function/LongConsumer");
  if (consumer == NULL)
    return;
  w.accept = (*env)->GetMethodID(env, consumer, "accept", "(J)V");
  if (w.accept == NULL)
    return;
  ztc_error error = NO_ERROR;
  const ztc_status status = ztc_region_preload(pointer(region), tell, &w, &error);
  if (!(*env)->ExceptionCheck(env))
    ok(env, status, &error);
}

static void region_validate(JNIEnv *env, jclass type, jlong region) {
  UNUSED(type);
  ztc_error error = NO_ERROR;
  ok(env, ztc_region_validate(pointer(region), &error), &error);
}

static jbyteArray schema_image(JNIEnv *env, jclass type, jlong region) {
  UNUSED(type);
  const void *image = NULL;
  uint64_t size = 0;
  ztc_schema_image(ztc_region_schema(pointer(region)), &image, &size);
  if (size > INT32_MAX) { /* the format allows 1 MiB */
    ztc_error error = NO_ERROR;
    ok(env, ZTC_CORRUPT, &error);
    return NULL;
  }
  jbyteArray bytes = (*env)->NewByteArray(env, (jsize)size);
  if (bytes == NULL)
    return NULL;
  (*env)->SetByteArrayRegion(env, bytes, 0, (jsize)size, image);
  return bytes;
}

/* ------------------------------------------------------------------------------------ watching --
 */

static jlong watch_create(JNIEnv *env, jclass type, jbyteArray path, jint flags) {
  UNUSED(type);
  char *name = text(env, path);
  if (name == NULL)
    return 0;
  ztc_error error = NO_ERROR;
  ztc_watch *watch = NULL;
  const ztc_status status = ztc_watch_create(name, (uint32_t)flags, &watch, &error);
  free(name);
  return ok(env, status, &error) ? handle(watch) : 0;
}

static jlong watch_poll(JNIEnv *env, jclass type, jlong watch) {
  UNUSED(type);
  ztc_error error = NO_ERROR;
  ztc_region *region = NULL;
  return ok(env, ztc_watch_poll(pointer(watch), &region, &error), &error) ? handle(region) : 0;
}

static jlong watch_snapshot(JNIEnv *env, jclass type, jlong watch) {
  UNUSED(type);
  ztc_error error = NO_ERROR;
  ztc_region *region = NULL;
  return ok(env, ztc_watch_snapshot(pointer(watch), &region, &error), &error) ? handle(region) : 0;
}

static void watch_free(JNIEnv *env, jclass type, jlong watch) {
  UNUSED(env), UNUSED(type);
  ztc_watch_free(pointer(watch));
}

/* ------------------------------------------------------------------------------------- copying --
 */

static jlong buffer_address(JNIEnv *env, jclass type, jobject buffer) {
  UNUSED(type);
  return handle((*env)->GetDirectBufferAddress(env, buffer));
}

static jlong workspace_create(JNIEnv *env, jclass type) {
  UNUSED(type);
  ztc_error error = NO_ERROR;
  ztc_workspace *workspace = NULL;
  /* A copy that needs one has more shared nodes than fit on the stack; it grows from there. */
  return ok(env, ztc_workspace_create(1024, &workspace), &error) ? handle(workspace) : 0;
}

static void workspace_free(JNIEnv *env, jclass type, jlong workspace) {
  UNUSED(env), UNUSED(type);
  ztc_workspace_free(pointer(workspace));
}

/* The result of a copy: its size, if need be larger than the capacity, or minus a status. */
static inline jlong outcome(ztc_status status, uint64_t size) {
  return status == ZTC_OK || status == ZTC_BUFFER_TOO_SMALL ? (jlong)size : -(jlong)status;
}

static jlong copy(JNIEnv *env, jclass type, jlong region, jlong index, jlong address,
                  jlong capacity, jlong workspace) {
  UNUSED(env), UNUSED(type);
  uint64_t size = 0;
  ztc_status status = ztc_copy(pointer(region), (uint64_t)index, pointer(address),
                               (uint64_t)capacity, &size, pointer(workspace));
  if (status == ZTC_NEED_WORKSPACE && workspace != 0) {
    status = ztc_workspace_reserve(pointer(workspace), size);
    if (status == ZTC_OK) {
      status = ztc_copy(pointer(region), (uint64_t)index, pointer(address), (uint64_t)capacity,
                        &size, pointer(workspace));
    }
  }
  return outcome(status, size);
}

static jlong copy_batch(JNIEnv *env, jclass type, jlong region, jlong indices, jlong count,
                        jlong address, jlong capacity, jlong offsets, jlong workspace) {
  UNUSED(env), UNUSED(type);
  size_t done = 0;
  const ztc_status status =
      ztc_copy_batch(pointer(region), pointer(indices), (size_t)count, pointer(address),
                     (uint64_t)capacity, pointer(offsets), &done, pointer(workspace));
  if (status == ZTC_OK || status == ZTC_BUFFER_TOO_SMALL || done > 0)
    return (jlong)done;
  if (status != ZTC_NEED_WORKSPACE || workspace == 0)
    return -(jlong)status;
  /* A single copy of this record makes the workspace large enough. */
  uint64_t size = 0;
  const uint64_t first = *(const uint64_t *)pointer(indices);
  ztc_status single = ztc_copy(pointer(region), first, NULL, 0, &size, pointer(workspace));
  if (single == ZTC_NEED_WORKSPACE)
    single = ztc_workspace_reserve(pointer(workspace), size);
  if (single != ZTC_OK && single != ZTC_BUFFER_TOO_SMALL)
    return -(jlong)single;
  return copy_batch(env, type, region, indices, 1, address, capacity, offsets, workspace);
}

static jlong copy_path(JNIEnv *env, jclass type, jlong region, jlong index, jbyteArray path,
                       jlong address, jlong capacity, jlong workspace) {
  UNUSED(type);
  char *steps = text(env, path);
  if (steps == NULL)
    return 0;
  ztc_error error = NO_ERROR;
  uint64_t size = 0;
  ztc_status status = ztc_copy_path(pointer(region), (uint64_t)index, steps, pointer(address),
                                    (uint64_t)capacity, &size, pointer(workspace), &error);
  if (status == ZTC_NEED_WORKSPACE && workspace != 0) {
    status = ztc_workspace_reserve(pointer(workspace), size);
    if (status == ZTC_OK) {
      status = ztc_copy_path(pointer(region), (uint64_t)index, steps, pointer(address),
                             (uint64_t)capacity, &size, pointer(workspace), &error);
    }
  }
  free(steps);
  if (status == ZTC_NEED_WORKSPACE || status == ZTC_BUFFER_TOO_SMALL)
    return outcome(status, size);
  return ok(env, status, &error) ? (jlong)size : 0;
}

/* Each step as its kind, and a u32 size and a key, or a u64 index. */
static jbyteArray path_steps(JNIEnv *env, jclass type, jbyteArray path) {
  UNUSED(type);
  char *steps = text(env, path);
  if (steps == NULL)
    return NULL;
  /* A step has at least one character, and no key is longer than what it is written as. */
  const size_t length = strlen(steps);
  uint8_t *out = malloc(10 * length + 1);
  size_t at = 0, used = 0;
  ztc_path_step step;
  ztc_error error = NO_ERROR;
  ztc_status status = out == NULL ? ZTC_NO_MEMORY : ZTC_OK;
  while (status == ZTC_OK) {
    status = ztc_path_next(steps, &at, &step, &error);
    if (status != ZTC_OK || step.kind == ZTC_STEP_END)
      break;
    out[used++] = (uint8_t)step.kind;
    const uint32_t size = (uint32_t)step.key_size;
    const bool is_key = step.kind == ZTC_STEP_KEY;
    memcpy(out + used, is_key ? (const void *)&size : (const void *)&step.index, is_key ? 4 : 8);
    used += is_key ? 4 : 8;
    if (is_key && size > 0)
      memcpy(out + used, step.key, size);
    used += size;
  }
  jbyteArray result = NULL;
  if (ok(env, status, &error))
    result = (*env)->NewByteArray(env, (jsize)used);
  if (result != NULL)
    (*env)->SetByteArrayRegion(env, result, 0, (jsize)used, (const jbyte *)out);
  free(out);
  free(steps);
  return result;
}

static void prefetch(JNIEnv *env, jclass type, jlong region, jlong index) {
  UNUSED(env), UNUSED(type);
  ztc_prefetch(pointer(region), (uint64_t)index);
}

/* The caller has checked that the indices are inside of the array. */
static void prefetch_many(JNIEnv *env, jclass type, jlong region, jlongArray indices, jint from,
                          jint count) {
  UNUSED(type);
  enum { PIECE = 256 };
  jlong piece[PIECE];
  while (count > 0) {
    const jint n = count < PIECE ? count : PIECE;
    (*env)->GetLongArrayRegion(env, indices, from, n, piece);
    ztc_prefetch_batch(pointer(region), (const uint64_t *)piece, (size_t)n);
    from += n;
    count -= n;
  }
}

/* ------------------------------------------------------------------------------------- writing --
 */

static jlong writer_create(JNIEnv *env, jclass type, jbyteArray path) {
  UNUSED(type);
  char *name = text(env, path);
  if (name == NULL)
    return 0;
  ztc_error error = NO_ERROR;
  ztc_writer *writer = NULL;
  const ztc_status status = ztc_writer_create(name, 0, &writer, &error);
  free(name);
  return ok(env, status, &error) ? handle(writer) : 0;
}

static void writer_access(JNIEnv *env, jclass type, jlong writer, jint mode, jint owner,
                          jint group) {
  UNUSED(type);
  ztc_error error = NO_ERROR;
  ok(env,
     ztc_writer_access(pointer(writer), (uint32_t)mode, (uint32_t)owner, (uint32_t)group, &error),
     &error);
}

static void writer_feed(JNIEnv *env, jclass type, jlong writer, jlong address, jlong size) {
  UNUSED(type);
  ztc_error error = NO_ERROR;
  ok(env, ztc_writer_feed(pointer(writer), pointer(address), (uint64_t)size, &error), &error);
}

static jint writer_reserve_shared(JNIEnv *env, jclass type, jlong writer) {
  (void)type;
  uint32_t id = 0;
  ztc_error error;
  const ztc_status status = ztc_writer_reserve_shared(pointer(writer), &id);
  if (status != ZTC_OK)
    ztc_writer_error(pointer(writer), &error);
  return ok(env, status, &error) ? (jint)id : -1;
}

static void writer_discard(JNIEnv *env, jclass type, jlong writer) {
  UNUSED(type);
  ztc_error error = NO_ERROR;
  ok(env, ztc_writer_discard_record(pointer(writer)), &error);
}

static void writer_publish(JNIEnv *env, jclass type, jlong writer) {
  UNUSED(type);
  ztc_error error = NO_ERROR;
  ok(env, ztc_writer_try_publish(pointer(writer), &error), &error);
}

static void writer_abort(JNIEnv *env, jclass type, jlong writer) {
  UNUSED(env), UNUSED(type);
  ztc_writer_abort(pointer(writer));
}

/* ----------------------------------------------------------------------------------- the table --
 */

static jobjectArray registered(JNIEnv *env, jclass type);

/* JNI's struct wants char *, though it writes to nothing. */
#define ENTRY(name, signature, function)                                                           \
  { (char *)(uintptr_t)(name), (char *)(uintptr_t)(signature), (void *)(uintptr_t)(function) }

static const JNINativeMethod methods[] = {
    ENTRY("abiVersion", "()I", abi_version),
    ENTRY("version", "()Ljava/lang/String;", version),
    ENTRY("registered", "()[Ljava/lang/String;", registered),
    ENTRY("statusText", "(I)Ljava/lang/String;", status_text),
    ENTRY("statusName", "(I)Ljava/lang/String;", status_name),
    ENTRY("open", "([BI)J", region_open),
    ENTRY("openMemory", "(JJI)J", region_open_memory),
    ENTRY("openDescriptor", "(II)J", region_open_descriptor),
    ENTRY("close", "(J)V", region_close),
    ENTRY("layout", "(J)[J", region_layout),
    ENTRY("memory", "(JJ)Ljava/nio/ByteBuffer;", memory),
    ENTRY("preload", "(JLjava/util/function/LongConsumer;)V", region_preload),
    ENTRY("free", "(J)V", region_free),
    ENTRY("count", "(J)J", region_count),
    ENTRY("size", "(J)J", region_size),
    ENTRY("base", "(J)J", region_base),
    ENTRY("state", "(J)I", region_state),
    ENTRY("recordOffset", "(JJ)J", record_offset),
    ENTRY("recordSize", "(JJ)J", record_size),
    ENTRY("keyCount", "(J)J", key_count),
    ENTRY("indexOf", "(JIIJJJ)J", index_of),
    ENTRY("validate", "(J)V", region_validate),
    ENTRY("schemaImage", "(J)[B", schema_image),
    ENTRY("watchCreate", "([BI)J", watch_create),
    ENTRY("watchPoll", "(J)J", watch_poll),
    ENTRY("watchSnapshot", "(J)J", watch_snapshot),
    ENTRY("watchFree", "(J)V", watch_free),
    ENTRY("bufferAddress", "(Ljava/nio/ByteBuffer;)J", buffer_address),
    ENTRY("workspaceCreate", "()J", workspace_create),
    ENTRY("workspaceFree", "(J)V", workspace_free),
    ENTRY("copy", "(JJJJJ)J", copy),
    ENTRY("copyBatch", "(JJJJJJJ)J", copy_batch),
    ENTRY("copyPath", "(JJ[BJJJ)J", copy_path),
    ENTRY("pathSteps", "([B)[B", path_steps),
    ENTRY("prefetch", "(JJ)V", prefetch),
    ENTRY("prefetchMany", "(J[JII)V", prefetch_many),
    ENTRY("writerCreate", "([B)J", writer_create),
    ENTRY("writerAccess", "(JIII)V", writer_access),
    ENTRY("writerFeed", "(JJJ)V", writer_feed),
    ENTRY("writerReserveShared", "(J)I", writer_reserve_shared),
    ENTRY("writerDiscard", "(J)V", writer_discard),
    ENTRY("writerPublish", "(J)V", writer_publish),
    ENTRY("writerAbort", "(J)V", writer_abort),
};

enum { METHODS = sizeof methods / sizeof methods[0] };

/* Name and signature of each entry, so that a test can compare the table with the class. */
static jobjectArray registered(JNIEnv *env, jclass type) {
  UNUSED(type);
  jclass string = (*env)->FindClass(env, "java/lang/String");
  if (string == NULL)
    return NULL;
  jobjectArray result = (*env)->NewObjectArray(env, METHODS, string, NULL);
  if (result == NULL)
    return NULL;
  for (jsize i = 0; i < METHODS; i++) {
    char line[256] = "";
    strncat(line, methods[i].name, sizeof line - 1);
    strncat(line, methods[i].signature, sizeof line - strlen(line) - 1);
    jstring entry = (*env)->NewStringUTF(env, line);
    if (entry == NULL)
      return NULL;
    (*env)->SetObjectArrayElement(env, result, i, entry);
    if ((*env)->ExceptionCheck(env))
      return NULL;
    (*env)->DeleteLocalRef(env, entry);
  }
  return result;
}

/* ------------------------------------------------------------------------------------- loading --
 */

static void throw_link_error(JNIEnv *env, const char *message) {
  jclass error = (*env)->FindClass(env, "java/lang/UnsatisfiedLinkError");
  if (error != NULL)
    (*env)->ThrowNew(env, error, message);
}

/* The loader class says whether this library is the one it needs. */
static bool abi_matches(JNIEnv *env) {
  jclass loader = (*env)->FindClass(env, PACKAGE "NativeLoader");
  if (loader == NULL)
    return false;
  jmethodID check = (*env)->GetStaticMethodID(env, loader, "abiProblem", "(I)Ljava/lang/String;");
  if (check == NULL)
    return false;
  jstring problem = (*env)->CallStaticObjectMethod(env, loader, check, (jint)ztc_abi_version());
  if ((*env)->ExceptionCheck(env))
    return false;
  if (problem == NULL)
    return true;
  const char *message = (*env)->GetStringUTFChars(env, problem, NULL);
  if (message == NULL)
    return false;
  throw_link_error(env, message);
  (*env)->ReleaseStringUTFChars(env, problem, message);
  return false;
}

static bool register_methods(JNIEnv *env) {
  jclass local = (*env)->FindClass(env, PACKAGE "Native");
  if (local == NULL)
    return false;
  fail_method = (*env)->GetStaticMethodID(env, local, "fail", "(IJI[B)V");
  if (fail_method == NULL)
    return false;
  if ((*env)->RegisterNatives(env, local, methods, METHODS) != JNI_OK)
    return false;
  native_class = (*env)->NewGlobalRef(env, local);
  return native_class != NULL;
}

/* Whether the system property says no. Leaves an exception pending if asking failed. */
static bool sigbus_declined(JNIEnv *env) {
  jclass system = (*env)->FindClass(env, "java/lang/System");
  if (system == NULL)
    return true;
  jmethodID get = (*env)->GetStaticMethodID(env, system, "getProperty",
                                            "(Ljava/lang/String;)Ljava/lang/String;");
  if (get == NULL)
    return true;
  jstring name = (*env)->NewStringUTF(env, "io.github.zerotouchclone.sigbus");
  if (name == NULL)
    return true;
  jstring value = (*env)->CallStaticObjectMethod(env, system, get, name);
  if ((*env)->ExceptionCheck(env))
    return true;
  if (value == NULL)
    return false;
  const char *chars = (*env)->GetStringUTFChars(env, value, NULL);
  if (chars == NULL)
    return true;
  const bool declined = strcmp(chars, "false") == 0;
  (*env)->ReleaseStringUTFChars(env, value, chars);
  return declined;
}

static bool install_sigbus(JNIEnv *env) {
  const bool declined = sigbus_declined(env);
  if ((*env)->ExceptionCheck(env))
    return false;
  if (declined)
    return true;
  const ztc_status status = ztc_sigbus_install();
  if (status == ZTC_OK)
    return true;
  throw_link_error(env, "the handler for SIGBUS was not installed; "
                        "-Dio.github.zerotouchclone.sigbus=false goes without it");
  return false;
}

JNIEXPORT jint JNICALL JNI_OnLoad(JavaVM *vm, void *reserved) {
  UNUSED(reserved);
  JNIEnv *env = NULL;
  if ((*vm)->GetEnv(vm, (void **)&env, JNI_VERSION_10) != JNI_OK)
    return JNI_ERR;
  if (!abi_matches(env) || !register_methods(env) || !install_sigbus(env))
    return JNI_ERR;
  return JNI_VERSION_10;
}

JNIEXPORT void JNICALL JNI_OnUnload(JavaVM *vm, void *reserved) {
  UNUSED(reserved);
  JNIEnv *env = NULL;
  if ((*vm)->GetEnv(vm, (void **)&env, JNI_VERSION_10) != JNI_OK)
    return;
  if (native_class != NULL)
    (*env)->DeleteGlobalRef(env, native_class);
  native_class = NULL;
}
