# SPDX-License-Identifier: Apache-2.0
# One compiler, one set of warnings, and what each preset adds.

if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang" OR CMAKE_CXX_COMPILER_VERSION VERSION_LESS 19)
  message(FATAL_ERROR
    "Hawser is built by clang 19 or newer, not by ${CMAKE_CXX_COMPILER_ID} "
    "${CMAKE_CXX_COMPILER_VERSION}: GCC 12 miscompiles ordinary coroutines. "
    "Install what packaging/packages.txt lists (tools/install.sh build) and use a preset: "
    "cmake --preset release")
endif()

set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_CXX_SCAN_FOR_MODULES OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

add_compile_options(-Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror)
add_link_options(-fuse-ld=lld)

# Said for all alike: CMake would give libraries another kind of code than programs, and a
# precompiled header serves one kind only.
add_compile_options(-fPIE)
add_link_options(-pie)

# The same bytes from any checkout, and no name of a machine in a binary.
# (ccache names files relative to the build folder.)
add_compile_options("-ffile-prefix-map=${CMAKE_SOURCE_DIR}/=" -fmacro-prefix-map=../../=)

set(HAWSER_SANITIZE "" CACHE STRING "address, thread or empty; address brings undefined and the fuzzers' hooks")
set(HAWSER_FUZZ OFF)
if(HAWSER_SANITIZE STREQUAL "address")
  set(HAWSER_FUZZ ON)
  # The fuzzers' hooks are in every object, so one build serves unit tests and fuzzers alike.
  add_compile_options(-fsanitize=address,undefined,fuzzer-no-link -fno-sanitize-recover=all
                      -fno-omit-frame-pointer)
  add_link_options(-fsanitize=address,undefined)
elseif(HAWSER_SANITIZE STREQUAL "thread")
  add_compile_options(-fsanitize=thread -fno-omit-frame-pointer)
  add_link_options(-fsanitize=thread)
elseif(HAWSER_SANITIZE)
  message(FATAL_ERROR "HAWSER_SANITIZE is '${HAWSER_SANITIZE}': use address, thread or nothing")
endif()

# ThinLTO with fat objects: each object holds machine code beside its bitcode, so tests link at
# once from the former while what we ship or measure is optimized across files from the latter.
option(HAWSER_LTO "Optimize the shipped binary across files (ThinLTO)" OFF)
function(hawser_link_optimized target)
  if(HAWSER_LTO)
    target_link_options(${target} PRIVATE -flto=thin -Wl,--fat-lto-objects
      "-Wl,--thinlto-cache-dir=${CMAKE_BINARY_DIR}/thinlto"
      -Wl,--thinlto-cache-policy=cache_size_bytes=1g)
  endif()
endfunction()
if(HAWSER_LTO)
  add_compile_options(-flto=thin -ffat-lto-objects)
endif()

find_program(CCACHE ccache)
if(CCACHE)
  # A precompiled header is compared by content, not by time.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env
      CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
      CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} ${CCACHE})
endif()
