// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <string_view>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

/// Finds the first byte that ends a name, a value or a target, sixteen at a time.
///
/// A class of stops says which bytes end the run, once for one byte and once for sixteen. Nothing
/// outside the given range is read.
namespace hawser::http::scan {

namespace detail {

constexpr std::array<bool, 256> token_bytes() {
    std::array<bool, 256> table{};
    for (unsigned c = '0'; c <= '9'; ++c) table[c] = true;
    for (unsigned c = 'a'; c <= 'z'; ++c) table[c] = table[c - 32] = true;
    for (const char c : std::string_view("!#$%&'*+-.^_`|~"))
        table[static_cast<unsigned char>(c)] = true;
    return table;
}

inline constexpr auto token_table = token_bytes();

#if defined(__SSE2__)
using block = __m128i;

inline block all(int byte) noexcept { return _mm_set1_epi8(static_cast<char>(byte)); }
inline block at_most(block bytes, int most) noexcept {
    return _mm_cmpeq_epi8(_mm_min_epu8(bytes, all(most)), bytes);
}
inline block within(block bytes, int first, int last) noexcept {
    return at_most(_mm_sub_epi8(bytes, all(first)), last - first);
}
inline unsigned bits(block mask) noexcept { return static_cast<unsigned>(_mm_movemask_epi8(mask)); }
#endif

}  // namespace detail

/// A byte that may stand in a token (RFC 9110 5.6.2).
[[nodiscard]] inline bool is_token_byte(char byte) noexcept {
    return detail::token_table[static_cast<unsigned char>(byte)];
}

[[nodiscard]] inline bool is_blank(char byte) noexcept { return byte == ' ' || byte == '\t'; }
[[nodiscard]] inline bool is_digit(char byte) noexcept { return byte >= '0' && byte <= '9'; }

/// Anything but letters, digits and `-`: what nearly all names consist of.
struct unusual_in_name {
    static bool stops(char byte) noexcept {
        const char low = static_cast<char>(byte | 0x20);
        return !(is_digit(byte) || (low >= 'a' && low <= 'z') || byte == '-');
    }
#if defined(__SSE2__)
    static unsigned stops(detail::block bytes) noexcept {
        using namespace detail;
        const block letters = within(_mm_or_si128(bytes, all(0x20)), 'a', 'z');
        const block digits = within(bytes, '0', '9');
        const block dashes = _mm_cmpeq_epi8(bytes, all('-'));
        return ~bits(_mm_or_si128(_mm_or_si128(letters, digits), dashes)) & 0xffffU;
    }
#endif
};

/// Controls, HTAB among them, and DEL: what does not stand in an ordinary value.
struct unusual_in_value {
    static bool stops(char byte) noexcept {
        const auto c = static_cast<unsigned char>(byte);
        return c < 0x20 || c == 0x7f;
    }
#if defined(__SSE2__)
    static unsigned stops(detail::block bytes) noexcept {
        using namespace detail;
        return bits(_mm_or_si128(at_most(bytes, 0x1f), _mm_cmpeq_epi8(bytes, all(0x7f))));
    }
#endif
};

/// Bytes 00-20, 7f and above, and `#`: what may not stand in a target (E31).
struct forbidden_in_target {
    static bool stops(char byte) noexcept {
        const auto c = static_cast<unsigned char>(byte);
        return c <= 0x20 || c >= 0x7f || c == '#';
    }
#if defined(__SSE2__)
    static unsigned stops(detail::block bytes) noexcept {
        using namespace detail;
        // Signed, so that 80-ff count as less than a blank.
        const block low_or_high = _mm_cmplt_epi8(bytes, all(0x21));
        const block others =
            _mm_or_si128(_mm_cmpeq_epi8(bytes, all(0x7f)), _mm_cmpeq_epi8(bytes, all('#')));
        return bits(_mm_or_si128(low_or_high, others));
    }
#endif
};

struct semicolon {
    static bool stops(char byte) noexcept { return byte == ';'; }
#if defined(__SSE2__)
    static unsigned stops(detail::block bytes) noexcept {
        return detail::bits(_mm_cmpeq_epi8(bytes, detail::all(';')));
    }
#endif
};

/// The first byte of [at, end) at which `Stops` stops, or `end`. Bytes of [floor, end) may be
/// read: `floor` is at or before `at`.
template <typename Stops>
[[nodiscard]] inline const char* find(const char* at, const char* end,
                                      [[maybe_unused]] const char* floor) noexcept {
#if defined(__SSE2__)
    while (end - at >= 16) {
        const unsigned found = Stops::stops(_mm_loadu_si128(reinterpret_cast<const __m128i*>(at)));
        if (found != 0) return at + std::countr_zero(found);
        at += 16;
    }
    if (end - floor >= 16) {
        // The last sixteen bytes of the range; those before `at` are shifted out.
        const auto known = static_cast<unsigned>(16 - (end - at));
        const unsigned found =
            Stops::stops(_mm_loadu_si128(reinterpret_cast<const __m128i*>(end - 16))) >> known;
        return found != 0 ? at + std::countr_zero(found) : end;
    }
#endif
    while (at != end && !Stops::stops(*at)) ++at;
    return at;
}

/// The first byte that is not a token's.
[[nodiscard]] inline const char* find_token_end(const char* at, const char* end,
                                                const char* floor) noexcept {
    at = find<unusual_in_name>(at, end, floor);
    // One at a time from the first unusual byte on: a name full of them costs no more than that.
    while (at != end && is_token_byte(*at)) ++at;
    return at;
}

/// The first control but HTAB, or DEL: what may not stand in a value (RFC 9110 5.5), and what ends
/// its line.
[[nodiscard]] inline const char* find_value_end(const char* at, const char* end,
                                                const char* floor) noexcept {
    at = find<unusual_in_value>(at, end, floor);
    while (at != end && (*at == '\t' || !unusual_in_value::stops(*at))) ++at;
    return at;
}

/// `text` without blanks at both ends.
[[nodiscard]] inline std::string_view trim(std::string_view text) noexcept {
    while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
    while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
    return text;
}

}  // namespace hawser::http::scan
