# find_package(oo_webhooks) gives
#   oo_webhooks::oo_webhooks  the shared library and its C header
#   oo_webhooks::cpp          the header-only C++ layer over it, where it is installed
# Everything is found from this file's own place: the folder may be moved.

# Its real place: where /lib is a link to /usr/lib, the headers are in /usr/include all the same.
get_filename_component(_oo_webhooks_here "${CMAKE_CURRENT_LIST_DIR}" REALPATH)
get_filename_component(_oo_webhooks_libdir "${_oo_webhooks_here}/../.." ABSOLUTE)
get_filename_component(_oo_webhooks_includedir "${_oo_webhooks_here}/../../../include" ABSOLUTE)

if(NOT TARGET oo_webhooks::oo_webhooks)
  add_library(oo_webhooks::oo_webhooks SHARED IMPORTED)
  set_target_properties(oo_webhooks::oo_webhooks PROPERTIES
    IMPORTED_LOCATION "${_oo_webhooks_libdir}/liboo_webhooks.so.1"
    IMPORTED_SONAME "liboo_webhooks.so.1"
    INTERFACE_INCLUDE_DIRECTORIES "${_oo_webhooks_includedir}")
endif()

if(EXISTS "${_oo_webhooks_includedir}/oo_webhooks.hpp" AND NOT TARGET oo_webhooks::cpp
   AND NOT OO_WEBHOOKS_WITHOUT_CPP)
  add_library(oo_webhooks::cpp INTERFACE IMPORTED)
  set_target_properties(oo_webhooks::cpp PROPERTIES
    INTERFACE_COMPILE_FEATURES cxx_std_17
    INTERFACE_LINK_LIBRARIES oo_webhooks::oo_webhooks)
endif()

unset(_oo_webhooks_here)
unset(_oo_webhooks_libdir)
unset(_oo_webhooks_includedir)
