# Tests that put something between the library and the memory it reads, the allocator, or the kernel.

# Every file of the library once more, with the hook of load.h in every load.
file(GLOB ztc_hooked_sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/../src/*.c)
add_library(ztc_hooked STATIC EXCLUDE_FROM_ALL ${ztc_hooked_sources})
target_include_directories(ztc_hooked PUBLIC ../include PRIVATE ../src)
target_compile_definitions(ztc_hooked PUBLIC ZTC_LOAD_HOOK)

# ztc_fault_test(NAME LIBRARY FUNCTION...): NAME.c, with __wrap_FUNCTION for each FUNCTION.
function(ztc_fault_test name library)
  add_executable(${name} ${name}.c support.c)
  target_link_libraries(${name} PRIVATE ${library} PkgConfig::CHECK)
  target_include_directories(${name} PRIVATE ../src)
  target_compile_options(${name} PRIVATE -Wno-conversion -Wno-shadow -Wno-format-truncation)
  foreach(wrapped IN LISTS ARGN)
    target_link_options(${name} PRIVATE -Wl,--wrap=${wrapped})
  endforeach()
  add_test(NAME ${name} COMMAND ${name})
  set_tests_properties(${name} PROPERTIES TIMEOUT 120)
endfunction()

ztc_fault_test(hook_loads ztc_hooked malloc calloc realloc)
ztc_fault_test(fault_fork ztc_hooked)
ztc_fault_test(fault_publish ztc_static open openat pread write pwrite fsync renameat fstat fstatat flock
               unlinkat close fchmod fchown mmap munmap fdopendir getrandom
               sync_file_range)
ztc_fault_test(fault_memory ztc_static malloc calloc realloc strdup strndup free)
ztc_fault_test(fault_seal ztc_static memfd_create fstat pread sendfile fcntl open)
