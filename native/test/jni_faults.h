/* Put before ztc_jni.c in a test build: each JNI call that allocates may fail as it would for a
   lack of memory, with an OutOfMemoryError pending. Each name expands to a question first. */
#ifndef ZTC_JNI_FAULTS_H
#define ZTC_JNI_FAULTS_H

#include <jni.h>
#include <stdbool.h>

/* Whether this call is the one that fails; the error is pending then. */
bool ztc_jni_fault(JNIEnv *env);

#define ZTC_ASKED(name, env, ...)                                                                  \
  name == NULL || ztc_jni_fault(env) ? NULL : (*(env))->name(env, __VA_ARGS__)
#define FindClass(env, name) ZTC_ASKED(FindClass, env, name)
#define GetMethodID(env, ...) ZTC_ASKED(GetMethodID, env, __VA_ARGS__)
#define GetStaticMethodID(env, ...) ZTC_ASKED(GetStaticMethodID, env, __VA_ARGS__)
#define GetStringUTFChars(env, ...) ZTC_ASKED(GetStringUTFChars, env, __VA_ARGS__)
#define NewByteArray(env, size) ZTC_ASKED(NewByteArray, env, size)
#define NewDirectByteBuffer(env, ...) ZTC_ASKED(NewDirectByteBuffer, env, __VA_ARGS__)
#define NewGlobalRef(env, object) ZTC_ASKED(NewGlobalRef, env, object)
#define NewLongArray(env, size) ZTC_ASKED(NewLongArray, env, size)
#define NewObjectArray(env, ...) ZTC_ASKED(NewObjectArray, env, __VA_ARGS__)
#define NewStringUTF(env, text) ZTC_ASKED(NewStringUTF, env, text)

#endif
