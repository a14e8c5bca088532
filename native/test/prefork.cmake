# The prefork server of native/examples, built against an installed library and driven.
add_executable(prefork_drive prefork_drive.c support.c)
target_link_libraries(prefork_drive PRIVATE ztc_static PkgConfig::CHECK)
target_include_directories(prefork_drive PRIVATE ${CMAKE_SOURCE_DIR}/native/src)
target_compile_options(prefork_drive PRIVATE -Wno-conversion -Wno-shadow -Wno-format-truncation)
if(TARGET pagediff)
  add_dependencies(prefork_drive pagediff ztc_broken_2_shared)
  set(prefork_witness $<TARGET_FILE:pagediff> $<TARGET_FILE:ztc_broken_2_shared>)
else() # the witness is the harness
  return()
endif()
add_test(NAME prefork COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/prefork.sh ${CMAKE_COMMAND}
         ${CMAKE_BINARY_DIR} ${CMAKE_C_COMPILER} $<TARGET_FILE:prefork_drive> ${prefork_witness})
set_tests_properties(prefork PROPERTIES TIMEOUT 180)
