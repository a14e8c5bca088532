#include "shared_keys.h"

#include <pthread.h>
#include <sys/mman.h>

/* So many keys are shared whatever they are; then only those that several hashes have, up to as
   many as are ever shared. */
enum { KEYS_FREE = 64, KEYS_MOST = ZT_KEYS_SLOTS / 4, KEYS_REPEATED = 2 };

__thread zt_shared_keys *zt_keys;

static pthread_key_t thread_end;

static void forget(void *keys) {
  munmap(keys, sizeof(zt_shared_keys));
  zt_keys = NULL;
}

void zt_shared_keys_init(void) {
  static bool watching;
  if (!watching && pthread_key_create(&thread_end, forget) != 0)
    Perl_croak_nocontext("ZeroTouch: out of memory");
  watching = true;
  /* A thread's variables get their memory when they are first looked at. */
  (void)*(zt_shared_keys *const volatile *)&zt_keys;
}

/* From the kernel, since malloc's free memory is inherited. */
void zt_shared_keys_make(void) {
  void *at = mmap(NULL, sizeof(zt_shared_keys), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
                  -1, 0);
  if (at == MAP_FAILED)
    Perl_croak_nocontext("ZeroTouch: out of memory");
  zt_keys = at;
  pthread_setspecific(thread_end, at);
}

static inline size_t refcount_of(const HEK *key) {
  return ((const struct shared_he *)(const void *)((const char *)key -
                                                   STRUCT_OFFSET(struct shared_he, shared_he_hek)))
      ->shared_he_he.he_valu.hent_refcount;
}

bool zt_shared_keys_add(const HEK *key, const HEK **slot) {
  if (zt_keys->used >= KEYS_MOST)
    return false;
  if (zt_keys->used >= KEYS_FREE && refcount_of(key) <= KEYS_REPEATED)
    return false;
  *slot = key;
  zt_keys->used++;
  return true;
}
