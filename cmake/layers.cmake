# SPDX-License-Identifier: Apache-2.0
# One library for each line of src/layers.txt, linked to all the lines below it.
#
# The lowest one's precompiled header is shared by all: what nearly every file includes of the
# standard library and of fmt takes a third of a file's time to parse. Files include what they use
# all the same: the preset `tsan` builds without it.

set(layers_file "${CMAKE_SOURCE_DIR}/src/layers.txt")
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${layers_file}")
file(STRINGS "${layers_file}" layers)
list(REVERSE layers)

# What reads the command line runs once, and CLI11 is all in its header: optimizing that beneath a
# sanitizer is a tenth of the whole build.
if(HAWSER_SANITIZE)
  file(GLOB commands CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/src/app/command/*.cc")
  set_source_files_properties(${commands} "${CMAKE_SOURCE_DIR}/src/app/main.cc"
    PROPERTIES COMPILE_OPTIONS -O0 SKIP_PRECOMPILE_HEADERS ON)
endif()

set(layers_below "")
foreach(layer IN LISTS layers)
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/src/${layer}/*.cc")
  list(REMOVE_ITEM sources "${CMAKE_SOURCE_DIR}/src/app/main.cc")

  # A folder of headers alone, or one that is still to come, is a library without objects.
  if(sources)
    add_library(hawser_${layer} STATIC ${sources})
    set(scope PUBLIC)
  else()
    add_library(hawser_${layer} INTERFACE)
    set(scope INTERFACE)
  endif()
  target_include_directories(hawser_${layer} ${scope} "${CMAKE_SOURCE_DIR}/src")
  target_link_libraries(hawser_${layer} ${scope} ${layers_below} ${third_party_${layer}})

  if(sources)
    if(layer STREQUAL "base")
      target_precompile_headers(hawser_base PRIVATE
        <algorithm> <array> <atomic> <charconv> <chrono> <coroutine> <cstddef> <cstdint>
        <cstring> <deque> <expected> <filesystem> <functional> <map> <memory> <mutex> <optional>
        <set> <span> <sstream> <string> <string_view> <thread> <unordered_map> <utility>
        <variant> <vector> <fmt/format.h>)
    else()
      target_precompile_headers(hawser_${layer} REUSE_FROM hawser_base)
    endif()
    target_compile_options(hawser_${layer} PRIVATE -Xclang -fno-pch-timestamp)
  endif()

  list(PREPEND layers_below hawser_${layer})
endforeach()
