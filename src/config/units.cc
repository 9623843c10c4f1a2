// SPDX-License-Identifier: Apache-2.0
#include "config/units.h"

#include <array>
#include <charconv>
#include <cstdint>
#include <limits>
#include <optional>

#include "config/suggest.h"

namespace hawser::config {
namespace {

using std::chrono::nanoseconds;

struct unit {
    std::string_view name;
    std::uint64_t size;
};

constexpr std::uint64_t second = 1'000'000'000;
constexpr std::array<unit, 6> duration_units{{{"d", 86'400 * second},
                                              {"h", 3'600 * second},
                                              {"m", 60 * second},
                                              {"s", second},
                                              {"ms", 1'000'000},
                                              {"us", 1'000}}};
constexpr std::array<unit, 3> byte_units{
    {{"GiB", std::uint64_t{1} << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}}};

constexpr std::uint64_t duration_max = static_cast<std::uint64_t>(nanoseconds::max().count());

/// Takes the digits that `text` begins with off it.
std::optional<std::uint64_t> take_number(std::string_view& text) {
    std::uint64_t value = 0;
    const auto [end, wrong] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (wrong != std::errc()) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return value;
}

/// Takes what stands before the next digit off `text`.
std::string_view take_unit(std::string_view& text) {
    const auto end = std::min(text.find_first_of("0123456789"), text.size());
    const auto name = text.substr(0, end);
    text.remove_prefix(end);
    return name;
}

std::optional<std::uint64_t> product(std::uint64_t left, std::uint64_t right, std::uint64_t most) {
    if (left != 0 && right > most / left) return std::nullopt;
    return left * right;
}

std::unexpected<std::string> no_duration(std::string_view text) {
    return std::unexpected("`" + std::string(text) +
                           "` is no duration: write a number and a unit (us, ms, s, m, h, d), "
                           "such as 30s or 1h30m");
}

std::unexpected<std::string> no_size(std::string_view text) {
    return std::unexpected("`" + std::string(text) +
                           "` is no size: write a number of bytes, or a number with KiB, MiB or "
                           "GiB, such as 32KiB");
}

std::uint64_t byte_unit_size(std::string_view name) {
    std::string lower;
    for (const char c : name) lower += static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
    if (lower.empty() || lower == "b") return 1;
    if (lower == "k" || lower == "kib") return byte_units[2].size;
    if (lower == "m" || lower == "mib") return byte_units[1].size;
    if (lower == "g" || lower == "gib") return byte_units[0].size;
    return 0;
}

}  // namespace

std::expected<nanoseconds, std::string> parse_duration(std::string_view text) {
    if (text == "0") return nanoseconds(0);
    if (text.empty()) return no_duration(text);

    std::uint64_t all = 0;
    for (auto rest = text; !rest.empty();) {
        const auto number = take_number(rest);
        if (!number) return no_duration(text);
        const auto name = take_unit(rest);
        if (name.empty()) {
            return std::unexpected("`" + std::string(text) + "` lacks a unit, did you mean `" +
                                   std::string(text) + "s`?");
        }
        std::uint64_t size = 0;
        for (const auto& known : duration_units) {
            if (known.name == name) size = known.size;
        }
        if (size == 0) return no_duration(text);
        const auto part = product(*number, size, duration_max);
        if (!part || *part > duration_max - all) {
            return std::unexpected("`" + std::string(text) + "` is too long");
        }
        all += *part;
    }
    return nanoseconds(all);
}

std::string text_of(nanoseconds value) {
    const auto count = static_cast<std::uint64_t>(value.count());
    if (count == 0) return "0s";
    for (const auto& known : duration_units) {
        if (count % known.size == 0) {
            return std::to_string(count / known.size) + std::string(known.name);
        }
    }
    return std::to_string(count) + "ns";
}

std::expected<byte_count, std::string> parse_bytes(std::string_view text) {
    auto rest = text;
    const auto number = take_number(rest);
    if (!number) return no_size(text);
    const auto size = byte_unit_size(rest);
    if (size == 0) return no_size(text);
    const auto all = product(*number, size, std::numeric_limits<std::int64_t>::max());
    if (!all) return std::unexpected("`" + std::string(text) + "` is too large");
    return byte_count{*all};
}

std::string text_of(byte_count value) {
    for (const auto& known : byte_units) {
        if (value.value != 0 && value.value % known.size == 0) {
            return std::to_string(value.value / known.size) + std::string(known.name);
        }
    }
    return std::to_string(value.value);
}

}  // namespace hawser::config
