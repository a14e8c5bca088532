# What `cmake --install` leaves: the header, the library, and how pkg-config and CMake find both.
# Everything is relative to the place of the files, so that an installed tree can be moved.
include(CMakePackageConfigHelpers)

install(TARGETS ztc EXPORT ztc LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(FILES include/ztc/ztc.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/ztc)

set(ztc_pkgconfig ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
file(RELATIVE_PATH ZTC_PC_TO_PREFIX /prefix/${ztc_pkgconfig} /prefix)
configure_file(ztc.pc.in ${CMAKE_CURRENT_BINARY_DIR}/ztc.pc @ONLY)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/ztc.pc DESTINATION ${ztc_pkgconfig})

# find_package(ztc) and the target ztc::ztc. Below 1.0, each minor version is one of its own.
set(ztc_package ${CMAKE_INSTALL_LIBDIR}/cmake/ztc)
write_basic_package_version_file(${CMAKE_CURRENT_BINARY_DIR}/ztcConfigVersion.cmake
                                 COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/ztcConfigVersion.cmake DESTINATION ${ztc_package})
install(EXPORT ztc FILE ztcConfig.cmake NAMESPACE ztc:: DESTINATION ${ztc_package})
