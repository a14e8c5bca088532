/* What a program unloads while the kernel, or regions, still need it. */
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "main.h"
#include "support.h"

typedef ztc_status (*installer)(void);

static volatile sig_atomic_t faults;

static void on_fault(int signal_number, siginfo_t *info, void *context) {
  (void)signal_number;
  (void)context;
  faults++;
  mmap((void *)((uintptr_t)info->si_addr & ~UINT64_C(4095)), 4096, PROT_READ,
       MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
}

START_TEST(the_handler_outlives_the_unloading_of_the_library) {
  const struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO};
  sigaction(SIGBUS, &action, NULL);
  void *library = dlopen(ZTC_LIBRARY, RTLD_NOW | RTLD_LOCAL);
  ck_assert_msg(library != NULL, "%s", dlerror());
  const installer install = (installer)(uintptr_t)dlsym(library, "ztc_sigbus_install");
  ck_assert_ptr_nonnull(install);
  ck_assert_ztc(install());
  ck_assert_int_eq(dlclose(library), 0);
  const int fd = open(test_path("file"), O_CREAT | O_RDWR, 0600);
  ck_assert_int_eq(ftruncate(fd, 4096), 0);
  const volatile char *page = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0);
  ck_assert_int_eq(ftruncate(fd, 0), 0);
  ck_assert_int_eq(*page, 0);
  ck_assert_int_eq(faults, 1);
  close(fd);
}
END_TEST

/* A JVM unloads it with the class loader that loaded it. */
static const char *const libraries[] = {
    ZTC_LIBRARY,
#ifdef ZTC_JNI_LIBRARY
    ZTC_JNI_LIBRARY,
#endif
};

START_TEST(what_was_loaded_once_stays) {
  void *library = dlopen(libraries[_i], RTLD_NOW | RTLD_LOCAL);
  ck_assert_msg(library != NULL, "%s", dlerror());
  ck_assert_int_eq(dlclose(library), 0);
  ck_assert_msg(dlopen(libraries[_i], RTLD_NOW | RTLD_NOLOAD) != NULL, "%s is gone", libraries[_i]);
}
END_TEST

static void fill(TCase *tests) {
  tcase_add_test(tests, the_handler_outlives_the_unloading_of_the_library);
  tcase_add_loop_test(tests, what_was_loaded_once_stays, 0,
                      (int)(sizeof libraries / sizeof *libraries));
}

ZTC_TEST_MAIN("unload", fill)
