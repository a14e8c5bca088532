#include "java.h"

#include <dlfcn.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* CMake says whether there was a jni.h, and where the build leaves classes and libraries. */
#ifdef PD_JAVA_FILES

#include <jni.h>

enum { MOST_OPTIONS = 10, MOST_PATH = PATH_MAX + 64 };

static const char WORKER_CLASS[] = "io/github/zerotouchclone/pagediff/Worker";
static const char WORKER_NAME[] = "io.github.zerotouchclone.pagediff.Worker";

static bool libjvm(const char *home, char path[MOST_PATH]) {
  snprintf(path, MOST_PATH, "%s/lib/server/libjvm.so", home);
  return access(path, R_OK) == 0;
}

/* The home of the `java` on the path. */
static bool home_on_path(char home[PATH_MAX]) {
  char *folders = strdup(getenv("PATH") != NULL ? getenv("PATH") : "");
  char *rest = folders;
  bool found = false;
  for (char *folder = NULL; !found && (folder = strsep(&rest, ":")) != NULL;) {
    char program[MOST_PATH];
    snprintf(program, sizeof program, "%s/java", folder);
    found = realpath(program, home) != NULL;
  }
  free(folders);
  for (int i = 0; found && i < 2; i++) { /* HOME/bin/java */
    char *slash = strrchr(home, '/');
    if (slash != NULL)
      *slash = '\0';
  }
  return found;
}

bool pd_java_find(struct pd_java *java, const char *home, const char *files,
                  struct pd_error *error) {
  char on_path[PATH_MAX];
  char library[MOST_PATH];
  if (home == NULL)
    home = getenv("JAVA_HOME");
  if ((home == NULL || home[0] == '\0') && home_on_path(on_path))
    home = on_path;
  if (home == NULL || home[0] == '\0')
    return pd_fail(error, "no JVM: set JAVA_HOME or name one with --java-home");
  if (!libjvm(home, library))
    return pd_fail(error, "no JVM: there is no %s", library);
  snprintf(java->home, sizeof java->home, "%s", home);
  snprintf(java->files, sizeof java->files, "%s", files != NULL ? files : PD_JAVA_FILES);
  return true;
}

/* Both tiers run the JVM with the same options. */
static size_t options(const struct pd_java *java, char text[MOST_OPTIONS][1200]) {
  size_t n = 0;
  snprintf(text[n++], 1200, "-Djava.class.path=%s", java->files);
  snprintf(text[n++], 1200, "-Dpagediff.library=%s/libpagediff_worker.so", java->files);
  snprintf(text[n++], 1200, "-Dio.github.zerotouchclone.library=%s/libztc_jni.so", java->files);
  snprintf(text[n++], 1200, "--enable-native-access=ALL-UNNAMED");
  snprintf(text[n++], 1200, "-Xmx128m");
  snprintf(text[n++], 1200, "-XX:-UsePerfData");
  snprintf(text[n++], 1200, "-Xlog:disable");
  snprintf(text[n++], 1200, "-Xlog:all=warning:stderr");
  return n;
}

/* ---------------------------------------------------------------- a JVM in a forked child -- */

static bool thrown(JNIEnv *env, struct pd_error *error) {
  (*env)->ExceptionDescribe(env);
  return pd_fail(error, "the JVM could not run the worker's class");
}

static bool call_work(JNIEnv *env, char *const arguments[], struct pd_error *error) {
  jsize count = 0;
  while (arguments[count] != NULL)
    count++;
  jclass worker = (*env)->FindClass(env, WORKER_CLASS);
  jclass string = worker == NULL ? NULL : (*env)->FindClass(env, "java/lang/String");
  jmethodID work = string == NULL
                       ? NULL
                       : (*env)->GetStaticMethodID(env, worker, "work",
                                                   "([Ljava/lang/String;)Ljava/lang/String;");
  jobjectArray array = work == NULL ? NULL : (*env)->NewObjectArray(env, count, string, NULL);
  if (array == NULL)
    return thrown(env, error);
  for (jsize i = 0; i < count; i++) {
    jstring argument = (*env)->NewStringUTF(env, arguments[i]);
    if (argument == NULL)
      return thrown(env, error);
    (*env)->SetObjectArrayElement(env, array, i, argument);
  }
  jstring why = (*env)->CallStaticObjectMethod(env, worker, work, array);
  if ((*env)->ExceptionCheck(env))
    return thrown(env, error);
  if (why == NULL)
    return true;
  const char *text = (*env)->GetStringUTFChars(env, why, NULL);
  return pd_fail(error, "%s", text != NULL ? text : "the worker in the JVM failed");
}

static bool create_and_work(const struct pd_java_task *task, struct pd_error *error) {
  typedef jint create_function(JavaVM **, void **, void *);
  char text[MOST_OPTIONS][1200];
  char path[MOST_PATH];
  JavaVMOption vm_options[MOST_OPTIONS] = {{0}};
  size_t count = options(task->java, text);
  for (size_t i = 0; i < count; i++)
    vm_options[i].optionString = text[i];
  JavaVMInitArgs init = {.version = JNI_VERSION_10, .nOptions = (jint)count, .options = vm_options};
  JavaVM *vm = NULL;
  JNIEnv *env = NULL;
  libjvm(task->java->home, path);
  void *library = dlopen(path, RTLD_NOW | RTLD_GLOBAL);
  if (library == NULL)
    return pd_fail(error, "%s", dlerror());
  create_function *create = NULL;
  *(void **)&create = dlsym(library, "JNI_CreateJavaVM");
  if (create == NULL || create(&vm, (void **)&env, &init) != JNI_OK)
    return pd_fail(error, "a JVM cannot be created in this process (%s)", path);
  return call_work(env, task->arguments, error);
}

static bool add_argument(struct pd_java_task *task, char *argument) {
  size_t n = 0;
  while (task->arguments[n] != NULL)
    n++;
  if (argument == NULL || n + 1 >= PD_JAVA_ARGUMENTS)
    return false;
  task->arguments[n] = argument;
  return true;
}

static bool add_format(struct pd_java_task *task, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static bool add_format(struct pd_java_task *task, const char *format, ...) {
  char *text = NULL;
  va_list args;
  va_start(args, format);
  int length = vasprintf(&text, format, args);
  va_end(args);
  return add_argument(task, length < 0 ? NULL : text);
}

static bool job_in_child(void *context, struct pd_board *board) {
  struct pd_java_task *task = context;
  return create_and_work(task, &board->why);
}

/* ----------------------------------------------------------------- a process of its own -- */

/* The descriptors that a `java` process inherits. */
enum { BOARD_FD = 8, REGION_FD = 9 };

static bool inherits_descriptor(const struct pd_mapping *mapping) {
  return mapping->kind == PD_MEMFD_PRIVATE || mapping->kind == PD_MEMFD_SHARED;
}

static bool start_process(struct pd_worker *worker, const struct pd_mapping *mapping,
                          const struct pd_java_task *task, struct pd_error *error) {
  char text[MOST_OPTIONS][1200];
  char program[MOST_PATH];
  const char *command[MOST_OPTIONS + PD_JAVA_ARGUMENTS + 3];
  size_t count = options(task->java, text);
  size_t n = 0;
  snprintf(program, sizeof program, "%s/bin/java", task->java->home);
  command[n++] = program;
  for (size_t i = 0; i < count; i++)
    command[n++] = text[i];
  command[n++] = WORKER_NAME;
  for (size_t i = 0; task->arguments[i] != NULL; i++)
    command[n++] = task->arguments[i];
  command[n] = NULL;
  struct pd_program how = {
      .command = command,
      .environment = pd_mapping_is_shared(mapping->kind) ? NULL : "ZTC_AUDIT=1",
      .board_fd = BOARD_FD,
      .inherited = inherits_descriptor(mapping) ? mapping->fd : -1,
      .inherited_fd = REGION_FD,
  };
  return pd_worker_start_program(worker, &how, error);
}

static bool name_region(struct pd_java_task *task, const struct pd_mapping *mapping) {
  const char *key = pd_mapping_is_shared(mapping->kind) ? "shared" : "path";
  if (task->tier == PD_TIER_JVM)
    return add_format(task, "memory=%ju", (uintmax_t)(uintptr_t)mapping->base);
  if (inherits_descriptor(mapping))
    return add_format(task, "%s=/proc/self/fd/%d", key, REGION_FD);
  return add_format(task, "%s=/proc/%ld/fd/%d", key, (long)getpid(), mapping->fd);
}

static bool begin_task(struct pd_java_task *task, const struct pd_java *java, enum pd_tier tier,
                       const struct pd_mapping *mapping) {
  *task = (struct pd_java_task){.java = java, .tier = tier};
  return add_format(task, "size=%zu", mapping->size) && name_region(task, mapping);
}

bool pd_java_task_copy(struct pd_java_task *task, const struct pd_java *java, enum pd_tier tier,
                       const struct pd_mapping *mapping, uint64_t records, uint64_t seed) {
  return begin_task(task, java, tier, mapping) &&
         add_format(task, "records=%ju", (uintmax_t)records) &&
         add_format(task, "seed=%ju", (uintmax_t)seed);
}

bool pd_java_task_strike(struct pd_java_task *task, const struct pd_java *java, enum pd_tier tier,
                         const struct pd_mapping *mapping, const struct pd_strike *strike) {
  char *list = NULL;
  size_t size = 0;
  FILE *out = open_memstream(&list, &size);
  if (out == NULL || !begin_task(task, java, tier, mapping))
    return false;
  fputs("strikes=", out);
  for (size_t i = 0; i < strike->count; i++)
    fprintf(out, "%s%ju", i == 0 ? "" : ",", (uintmax_t)strike->places[i]);
  bool ok = fclose(out) == 0 && add_format(task, "control=%d", (int)strike->control);
  if (ok && add_argument(task, list))
    return true;
  free(list);
  return false;
}

void pd_java_task_free(struct pd_java_task *task) {
  for (size_t i = 0; i < PD_JAVA_ARGUMENTS; i++)
    free(task->arguments[i]);
  memset(task, 0, sizeof *task);
}

bool pd_java_start(struct pd_worker *worker, const struct pd_mapping *mapping,
                   struct pd_java_task *task, struct pd_error *error) {
  if (!pd_worker_board(worker, error))
    return false;
  int board_fd = task->tier == PD_TIER_JVM ? worker->board_fd : BOARD_FD;
  if (!add_format(task, "board=/proc/self/fd/%d", board_fd)) {
    pd_worker_end(worker);
    return pd_fail(error, "no memory for a worker");
  }
  return task->tier == PD_TIER_JVM
             ? pd_worker_fork(worker, mapping, NULL, job_in_child, task, error)
             : start_process(worker, mapping, task, error);
}

#else /* without a JDK at build time */

bool pd_java_find(struct pd_java *java, const char *home, const char *files,
                  struct pd_error *error) {
  (void)java, (void)home, (void)files;
  return pd_fail(error, "no JVM: page diff was built without a JDK");
}

bool pd_java_task_copy(struct pd_java_task *task, const struct pd_java *java, enum pd_tier tier,
                       const struct pd_mapping *mapping, uint64_t records, uint64_t seed) {
  (void)task, (void)java, (void)tier, (void)mapping, (void)records, (void)seed;
  return false;
}

bool pd_java_task_strike(struct pd_java_task *task, const struct pd_java *java, enum pd_tier tier,
                         const struct pd_mapping *mapping, const struct pd_strike *strike) {
  (void)task, (void)java, (void)tier, (void)mapping, (void)strike;
  return false;
}

void pd_java_task_free(struct pd_java_task *task) {
  memset(task, 0, sizeof *task);
}

bool pd_java_start(struct pd_worker *worker, const struct pd_mapping *mapping,
                   struct pd_java_task *task, struct pd_error *error) {
  (void)worker, (void)mapping, (void)task;
  return pd_fail(error, "no JVM");
}

#endif
