// SPDX-License-Identifier: Apache-2.0
#include "http/field.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

namespace hawser::http {
namespace {

/// What a name means for forwarding; several may hold.
enum trait : std::uint8_t {
    plain_name = 0,
    hop = 1,        ///< ends here (E88, E91)
    kept = 2,       ///< naming it in Connection does nothing (E89)
    reserved = 4,   ///< no look-alike with `_` (E51)
    no_trailer = 8  ///< dropped from trailers (E26, RFC 9110 6.5.1)
};

struct known_name {
    std::string_view name;
    field_id id;
    std::uint8_t traits;
};

constexpr std::uint8_t ours_traits = kept | reserved | no_trailer;

/// Every name that we know, shortest first.
constexpr auto known_names = std::to_array<known_name>({
    {"te", field_id::te, hop | no_trailer},
    {"via", field_id::via, plain_name},
    {"date", field_id::date, plain_name},
    {"host", field_id::host, ours_traits},
    {"proxy", field_id::proxy, hop | no_trailer},
    {"accept", field_id::accept, plain_name},
    {"cookie", field_id::cookie, kept | no_trailer},
    {"expect", field_id::expect, kept | no_trailer},
    {"origin", field_id::origin, plain_name},
    {"server", field_id::server, plain_name},
    {"referer", field_id::referer, plain_name},
    {"trailer", field_id::trailer, no_trailer},
    {"upgrade", field_id::upgrade, hop | no_trailer},
    {"location", field_id::location, no_trailer},
    {"forwarded", field_id::forwarded, ours_traits},
    {"x-real-ip", field_id::x_real_ip, ours_traits},
    {"connection", field_id::connection, hop | no_trailer},
    {"keep-alive", field_id::keep_alive, hop | reserved | no_trailer},
    {"set-cookie", field_id::set_cookie, no_trailer},
    {"user-agent", field_id::user_agent, plain_name},
    {"retry-after", field_id::retry_after, no_trailer},
    {"traceparent", field_id::traceparent, plain_name},
    {"content-type", field_id::content_type, no_trailer},
    {"max-forwards", field_id::max_forwards, ours_traits},
    {"x-request-id", field_id::x_request_id, plain_name},
    {"authorization", field_id::authorization, no_trailer},
    {"cache-control", field_id::cache_control, no_trailer},
    {"content-length", field_id::content_length, ours_traits},
    {"http2-settings", field_id::http2_settings, hop | reserved | no_trailer},
    {"x-forwarded-for", field_id::x_forwarded_for, ours_traits},
    {"proxy-connection", field_id::proxy_connection, hop | reserved | no_trailer},
    {"www-authenticate", field_id::www_authenticate, no_trailer},
    {"x-forwarded-host", field_id::x_forwarded_host, ours_traits},
    {"x-forwarded-port", field_id::x_forwarded_port, ours_traits},
    {"sec-websocket-key", field_id::sec_websocket_key, plain_name},
    {"transfer-encoding", field_id::transfer_encoding, ours_traits},
    {"x-forwarded-proto", field_id::x_forwarded_proto, ours_traits},
    {"proxy-authenticate", field_id::proxy_authenticate, no_trailer},
    {"proxy-authorization", field_id::proxy_authorization, no_trailer},
    {"sec-websocket-accept", field_id::sec_websocket_accept, plain_name},
});

constexpr std::string_view ours_prefix = "hawser-";
constexpr std::string_view forwarded_prefix = "x-forwarded-";

constexpr std::size_t length_max = known_names.back().name.size();
static_assert(std::ranges::is_sorted(known_names, {}, [](auto& each) { return each.name.size(); }));

/// Where the names of each length begin in `known_names`.
constexpr auto first_of_length = [] {
    std::array<std::uint8_t, length_max + 2> firsts{};
    for (std::size_t length = 0; length < firsts.size(); ++length)
        while (firsts[length] < known_names.size() &&
               known_names[firsts[length]].name.size() < length)
            ++firsts[length];
    return firsts;
}();

constexpr auto traits_of_id = [] {
    std::array<std::uint8_t, 256> traits{};
    for (const auto& each : known_names) traits[std::to_underlying(each.id)] = each.traits;
    traits[std::to_underlying(field_id::ours)] = ours_traits;
    traits[std::to_underlying(field_id::x_forwarded_other)] = ours_traits;
    return traits;
}();

bool has(field_id id, trait asked) noexcept {
    return (traits_of_id[std::to_underlying(id)] & asked) != 0;
}

template <typename Word>
constexpr std::uint64_t word_at(const char* at) noexcept {
    if consteval {
        std::uint64_t word = 0;
        for (std::size_t i = 0; i < sizeof(Word); ++i)
            word |= std::uint64_t{static_cast<unsigned char>(at[i])} << (8 * i);
        return word;
    } else {
        Word word;
        std::memcpy(&word, at, sizeof word);
        return word;
    }
}

/// The first and the last eight bytes of a name in lower case: enough to tell names of up to
/// sixteen bytes apart. Bit 20 makes letters alike and, among the bytes of tokens, confuses only
/// `^` with `~`, which no known name holds.
struct signature {
    std::uint64_t first;
    std::uint64_t last;

    friend constexpr bool operator==(const signature&, const signature&) = default;
};

constexpr signature signature_of(const char* name, std::size_t length) noexcept {
    constexpr std::uint64_t lower = 0x2020202020202020U;
    if (length >= 8)
        return {word_at<std::uint64_t>(name) | lower,
                word_at<std::uint64_t>(name + length - 8) | lower};
    if (length >= 4)
        return {word_at<std::uint32_t>(name) | lower,
                word_at<std::uint32_t>(name + length - 4) | lower};
    return {word_at<std::uint8_t>(name) | lower, (word_at<std::uint8_t>(name + length / 2) << 8 |
                                                  word_at<std::uint8_t>(name + length - 1)) |
                                                     lower};
}

constexpr auto signatures = [] {
    std::array<signature, known_names.size()> all{};
    for (std::size_t i = 0; i < all.size(); ++i)
        all[i] = signature_of(known_names[i].name.data(), known_names[i].name.size());
    return all;
}();

bool begins_with(std::string_view name, std::string_view prefix) noexcept {
    return name.size() >= prefix.size() &&
           equal_ignoring_case(name.substr(0, prefix.size()), prefix);
}

field_id id_by_prefix(std::string_view name) noexcept {
    const char first = static_cast<char>(name.front() | 0x20);
    if (first == 'x' && begins_with(name, forwarded_prefix)) return field_id::x_forwarded_other;
    if (first == 'h' && begins_with(name, ours_prefix)) return field_id::ours;
    return field_id::other;
}

char lower(char byte) noexcept {
    return byte >= 'A' && byte <= 'Z' ? static_cast<char>(byte + 32) : byte;
}

}  // namespace

field_id field_id_of(std::string_view name) noexcept {
    if (name.empty()) return field_id::other;
    if (name.size() <= length_max) {
        const signature asked = signature_of(name.data(), name.size());
        const std::size_t last = first_of_length[name.size() + 1];
        for (std::size_t i = first_of_length[name.size()]; i < last; ++i)
            if (signatures[i] == asked &&
                (name.size() <= 16 || equal_ignoring_case(name, known_names[i].name)))
                return known_names[i].id;
    }
    return id_by_prefix(name);
}

bool is_hop_by_hop(field_id id) noexcept { return has(id, hop); }
bool is_kept_against_connection(field_id id) noexcept { return has(id, kept); }
bool is_reserved(field_id id) noexcept { return has(id, reserved); }
bool may_be_trailer(field_id id) noexcept { return !has(id, no_trailer); }

field_id field_id_of_look_alike(std::string_view name) noexcept {
    // Longer than any known name: a prefix is all that can match beyond.
    std::array<char, 2 * length_max> dashed;
    const std::size_t length = std::min(name.size(), dashed.size());
    std::ranges::replace_copy(name.substr(0, length), dashed.begin(), '_', '-');
    return field_id_of({dashed.data(), length});
}

bool are_names_alike(std::string_view a, std::string_view b) noexcept {
    const auto folded = [](char byte) { return byte == '_' ? '-' : lower(byte); };
    return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [&](char x, char y) {
               return folded(x) == folded(y);
           });
}

bool equal_ignoring_case(std::string_view a, std::string_view b) noexcept {
    return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(),
                                              [](char x, char y) { return lower(x) == lower(y); });
}

}  // namespace hawser::http
