// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>

namespace hawser {

/// A number of bytes, as configuration and limits name it.
struct byte_count {
    std::uint64_t value = 0;

    friend constexpr auto operator<=>(byte_count, byte_count) = default;
};

namespace literals {

consteval byte_count operator""_KiB(unsigned long long n) { return {n * 1024}; }
consteval byte_count operator""_MiB(unsigned long long n) { return {n * 1024 * 1024}; }
consteval byte_count operator""_GiB(unsigned long long n) { return {n * 1024 * 1024 * 1024}; }

}  // namespace literals
}  // namespace hawser
