# SPDX-License-Identifier: Apache-2.0
# Which commit is built, for `build_info`. Asked again when a commit is made or checked out.

find_package(Git QUIET)
set(revision "")
if(Git_FOUND)
  execute_process(COMMAND "${GIT_EXECUTABLE}" rev-parse --short=12 HEAD
    WORKING_DIRECTORY "${CMAKE_SOURCE_DIR}" OUTPUT_VARIABLE revision
    OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  execute_process(COMMAND "${GIT_EXECUTABLE}" rev-parse --git-path logs/HEAD
    WORKING_DIRECTORY "${CMAKE_SOURCE_DIR}" OUTPUT_VARIABLE moves
    OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  cmake_path(ABSOLUTE_PATH moves BASE_DIRECTORY "${CMAKE_SOURCE_DIR}")
  if(revision AND EXISTS "${moves}")
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${moves}")
  endif()
endif()
set_source_files_properties("${CMAKE_SOURCE_DIR}/src/app/version.cc" PROPERTIES
  COMPILE_DEFINITIONS "HAWSER_REVISION=\"${revision}\"")
