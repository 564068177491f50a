# find_package(oo_webhooks) gives
#   oo_webhooks::oo_webhooks  the shared library and its C header
#   oo_webhooks::cpp          the header-only C++ layer over it, where it is installed
# Everything is found from this file's own place: the folder may be moved.

get_filename_component(_oo_webhooks_prefix "${CMAKE_CURRENT_LIST_DIR}/../../.." ABSOLUTE)

if(NOT TARGET oo_webhooks::oo_webhooks)
  add_library(oo_webhooks::oo_webhooks SHARED IMPORTED)
  set_target_properties(oo_webhooks::oo_webhooks PROPERTIES
    IMPORTED_LOCATION "${_oo_webhooks_prefix}/lib/liboo_webhooks.so.1"
    IMPORTED_SONAME "liboo_webhooks.so.1"
    INTERFACE_INCLUDE_DIRECTORIES "${_oo_webhooks_prefix}/include")
endif()

if(EXISTS "${_oo_webhooks_prefix}/include/oo_webhooks.hpp" AND NOT TARGET oo_webhooks::cpp)
  add_library(oo_webhooks::cpp INTERFACE IMPORTED)
  set_target_properties(oo_webhooks::cpp PROPERTIES
    INTERFACE_COMPILE_FEATURES cxx_std_17
    INTERFACE_LINK_LIBRARIES oo_webhooks::oo_webhooks)
endif()

unset(_oo_webhooks_prefix)
