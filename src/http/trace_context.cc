// SPDX-License-Identifier: Apache-2.0
#include "http/trace_context.h"

#include <algorithm>
#include <cstring>

namespace hawser::http {
namespace {

constexpr std::size_t trace_at = 3;
constexpr std::size_t trace_digits = 32;
constexpr std::size_t parent_at = 36;
constexpr std::size_t parent_digits = 16;
constexpr std::size_t flags_at = 53;

/// The grammar knows no capitals.
bool is_hexadecimal(std::string_view text) {
    return std::ranges::all_of(
        text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

bool is_id(std::string_view text) {
    return is_hexadecimal(text) && text.find_first_not_of('0') != std::string_view::npos;
}

}  // namespace

std::optional<std::string_view> trace_id_of(std::string_view traceparent) noexcept {
    if (traceparent.size() < new_traceparent::size) return std::nullopt;
    const auto version = traceparent.substr(0, 2);
    // A later version may be longer, behind another dash; `ff` is none.
    if (!is_hexadecimal(version) || version == "ff") return std::nullopt;
    if (traceparent.size() > new_traceparent::size &&
        (version == "00" || traceparent[new_traceparent::size] != '-'))
        return std::nullopt;
    if (traceparent[2] != '-' || traceparent[parent_at - 1] != '-' ||
        traceparent[flags_at - 1] != '-')
        return std::nullopt;
    const auto trace = traceparent.substr(trace_at, trace_digits);
    if (!is_id(trace) || !is_id(traceparent.substr(parent_at, parent_digits)) ||
        !is_hexadecimal(traceparent.substr(flags_at, 2)))
        return std::nullopt;
    return trace;
}

void write_hexadecimal(std::uint64_t value, char* out) noexcept {
    for (int i = 15; i >= 0; --i) {
        out[i] = "0123456789abcdef"[value & 15];
        value >>= 4;
    }
}

new_traceparent::new_traceparent(std::array<std::uint64_t, 2> trace,
                                 std::uint64_t parent) noexcept {
    // An id of zeros is none; one in 2^64 may as well be another.
    if (trace[1] == 0) trace[1] = 1;
    if (parent == 0) parent = 1;
    std::memcpy(text_.data(), "00-", 3);
    write_hexadecimal(trace[0], text_.data() + trace_at);
    write_hexadecimal(trace[1], text_.data() + trace_at + 16);
    text_[parent_at - 1] = '-';
    write_hexadecimal(parent, text_.data() + parent_at);
    std::memcpy(text_.data() + flags_at - 1, "-01", 3);
}

}  // namespace hawser::http
