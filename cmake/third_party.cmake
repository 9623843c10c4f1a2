# SPDX-License-Identifier: Apache-2.0
# Every library that we did not write, and the one layer from which upward it may be used.

find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
find_package(fmt REQUIRED)
find_package(OpenSSL 3.0 REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(spdlog REQUIRED)
find_package(CLI11 REQUIRED)
find_package(prometheus-cpp REQUIRED)
find_package(mimalloc REQUIRED)
find_package(GTest REQUIRED)
find_package(benchmark REQUIRED)
pkg_check_modules(xxhash REQUIRED IMPORTED_TARGET libxxhash)
pkg_check_modules(sodium REQUIRED IMPORTED_TARGET libsodium)

set(third_party_base Threads::Threads fmt::fmt PkgConfig::xxhash)
set(third_party_crypto OpenSSL::Crypto PkgConfig::sodium)
set(third_party_config yaml-cpp nlohmann_json::nlohmann_json)
set(third_party_observe spdlog::spdlog prometheus-cpp::core)
set(third_party_app CLI11::CLI11)
