# The library with invariant 1 broken on purpose: the suite and page diff must both turn red.
foreach(kind 1 2)
  add_library(ztc_broken_${kind} STATIC EXCLUDE_FROM_ALL ${ztc_hooked_sources})
  target_include_directories(ztc_broken_${kind} PUBLIC ../include PRIVATE ../src)
  target_compile_definitions(ztc_broken_${kind} PUBLIC ZTC_BREAK_INVARIANT_1=${kind})

  add_executable(invariant_broken_${kind} invariant_test.c support.c)
  target_link_libraries(invariant_broken_${kind} PRIVATE ztc_broken_${kind} PkgConfig::CHECK)
  target_include_directories(invariant_broken_${kind} PRIVATE ../src)
  target_compile_options(invariant_broken_${kind} PRIVATE -Wno-conversion -Wno-shadow
                                                          -Wno-format-truncation)
  add_test(NAME invariant_broken_${kind} COMMAND invariant_broken_${kind})

  # Put before the good one when pagediff is run.
  add_library(ztc_broken_${kind}_shared SHARED EXCLUDE_FROM_ALL ${ztc_hooked_sources})
  target_include_directories(ztc_broken_${kind}_shared PUBLIC ../include PRIVATE ../src)
  target_compile_definitions(ztc_broken_${kind}_shared PUBLIC ZTC_BREAK_INVARIANT_1=${kind})
endforeach()

# What Check says of the tests that failed, by name.
set_tests_properties(invariant_broken_1 PROPERTIES TIMEOUT 120 PASS_REGULAR_EXPRESSION
  "F:.*copies_change_neither_static_data_nor_the_handle")
set_tests_properties(invariant_broken_2 PROPERTIES TIMEOUT 120 PASS_REGULAR_EXPRESSION
  "F:.*copies_write_no_source_page_of_a_writable_mapping")

if(TARGET harness_broken)
  add_dependencies(harness_broken ztc_broken_1_shared ztc_broken_2_shared)
  target_compile_definitions(harness_broken PRIVATE
    ZTC_BROKEN_1="$<TARGET_FILE:ztc_broken_1_shared>"
    ZTC_BROKEN_2="$<TARGET_FILE:ztc_broken_2_shared>")
  # The pool under test takes the library from outside.
  target_link_libraries(harness_broken PRIVATE ${CMAKE_DL_LIBS})
endif()
