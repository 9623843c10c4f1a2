// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace hawser::http {

/// The trace id of a `traceparent` (W3C Trace Context, 3.2): 32 lower-case hexadecimal digits, not
/// all zero. Nothing unless the whole value is what its version allows: whoever finds it broken
/// begins a new trace.
[[nodiscard]] std::optional<std::string_view> trace_id_of(std::string_view traceparent) noexcept;

/// The `traceparent` of a trace that begins here: version 00, to be recorded.
class new_traceparent {
  public:
    static constexpr std::size_t size = 55;

    new_traceparent(std::array<std::uint64_t, 2> trace, std::uint64_t parent) noexcept;
    [[nodiscard]] std::string_view text() const noexcept { return {text_.data(), size}; }

  private:
    std::array<char, size> text_;
};

/// 16 lower-case hexadecimal digits; `out` has room for them.
void write_hexadecimal(std::uint64_t value, char* out) noexcept;

}  // namespace hawser::http
