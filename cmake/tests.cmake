# SPDX-License-Identifier: Apache-2.0
# One test program a layer (tests/<layer>/**/*.cc), one fuzzer a file (fuzz/*_fuzz.cc).

enable_testing()

# Its precompiled header is shared by all test programs: parsing GoogleTest and the standard
# library's heavy headers once saves about a second a file.
file(GLOB support CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/tests/support/*.cc")
add_library(tests_support STATIC "${CMAKE_SOURCE_DIR}/tests/main.cc" ${support})
target_include_directories(tests_support PUBLIC "${CMAKE_SOURCE_DIR}/tests")
target_link_libraries(tests_support PUBLIC hawser_base GTest::gmock)
target_precompile_headers(tests_support PRIVATE
  <gmock/gmock.h> <gtest/gtest.h> <chrono> <expected> <functional> <map> <memory> <optional>
  <span> <string> <string_view> <thread> <vector>)
# Half of the compiler's time for tests would go into optimizing them. All their objects are made
# alike, because they share the precompiled header.
set(tests_options -O0 -fno-lto -Xclang -fno-pch-timestamp)
target_compile_options(tests_support PRIVATE ${tests_options})

foreach(layer IN LISTS layers)
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/tests/${layer}/*.cc")
  if(sources)
    add_executable(tests_${layer} ${sources})
    target_link_libraries(tests_${layer} PRIVATE tests_support hawser_${layer})
    target_precompile_headers(tests_${layer} REUSE_FROM tests_support)
    target_compile_options(tests_${layer} PRIVATE ${tests_options})
    add_test(NAME tests_${layer} COMMAND tests_${layer})
  endif()
endforeach()

# Checks over TLS need certificates too.
target_sources(tests_health PRIVATE "${CMAKE_SOURCE_DIR}/tests/tls/authority.cc")

if(HAWSER_FUZZ)
  file(GLOB fuzzers CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/fuzz/*_fuzz.cc")
  foreach(source IN LISTS fuzzers)
    cmake_path(GET source STEM name)
    string(REGEX REPLACE "_fuzz$" "" name "${name}")
    add_executable(fuzz_${name} ${source})
    target_link_libraries(fuzz_${name} PRIVATE hawser_app)
    target_link_options(fuzz_${name} PRIVATE -fsanitize=fuzzer)
    if(IS_DIRECTORY "${CMAKE_SOURCE_DIR}/fuzz/corpus/${name}")
      add_test(NAME fuzz_${name} COMMAND fuzz_${name} -runs=0 "${CMAKE_SOURCE_DIR}/fuzz/corpus/${name}")
    endif()
  endforeach()
endif()
