// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>

#include "base/clock.h"
#include "base/limits.h"

namespace hawser::observe {

/// The texts of a request that a record keeps a bounded copy of.
enum class text : std::uint8_t {
    client,    ///< address without port
    listener,  ///< name
    method,
    target,  ///< as the client sent it
    host,
    pool,            ///< name
    server,          ///< name
    server_address,  ///< with port
    user_agent,
    referer,
    request_id,
    trace_id,     ///< of W3C Trace Context
    server_name,  ///< that the client's handshake asked for
    // Both ends of both connections, with their ports.
    peer,    ///< of the client's connection: the client, or a proxy in front
    local,   ///< ours, of the client's connection
    source,  ///< ours, of the server's connection
};

inline constexpr std::array<std::size_t, 16> text_max = {
    limits::logged_address_max, limits::logged_name_max,       limits::logged_method_max,
    limits::logged_target_max,  limits::logged_host_max,       limits::logged_name_max,
    limits::logged_name_max,    limits::logged_address_max,    limits::logged_field_max,
    limits::logged_field_max,   limits::logged_request_id_max, limits::logged_trace_id_max,
    limits::logged_host_max,    limits::logged_address_max,    limits::logged_address_max,
    limits::logged_address_max};

/// A duration that was never measured, because the exchange did not get that far.
inline constexpr std::chrono::microseconds not_reached{-1};

/// Everything the access log says of one request, without a pointer to anything that may die.
///
/// An exchange owns one, fills it as it goes (texts before its first wait, as the head lies in the
/// hot buffer only so long) and hands it to its worker's `access_lane` when it ends. Making one
/// touches only the numbers; handing it over copies only what was filled. The texts come from
/// outside and may hold any byte: encoding them is the log thread's work.
struct access_record {
    wall_time started{};                             ///< when its first byte was read
    std::chrono::microseconds total{0};              ///< until the last byte was sent or given up
    std::chrono::microseconds queued = not_reached;  ///< for a place at a server; a part of `total`
    std::chrono::microseconds connect = not_reached;  ///< zero on a pooled connection
    std::chrono::microseconds first_byte =
        not_reached;               ///< of the server's answer, since `started`
    std::uint64_t bytes_in = 0;    ///< from the client, head and body
    std::uint64_t bytes_out = 0;   ///< to the client, head and body
    std::uint64_t session = 0;     ///< salted hash of the key, never the key; 0: no session
    std::string_view verdict;      ///< static text, as are the next three; empty: none
    std::string_view cause;        ///< of the verdict
    std::string_view ended;        ///< why not in order: `client-left`, a refusal's cause; or empty
    std::string_view protocol;     ///< `HTTP/1.1`; empty: nothing like a request was read
    std::string_view tls_version;  ///< static text, as is the next; empty: in clear
    std::string_view tls_cipher;
    std::string_view server_tls;  ///< the version, of a connection opened for this; static text
    std::chrono::microseconds server_handshake = not_reached;  ///< a part of `connect`
    std::uint32_t generation = 0;                              ///< of the home
    std::uint16_t status = 0;  ///< as sent, or as recorded only (499); 0: none
    std::uint16_t client_port = 0;
    std::uint8_t attempts = 0;  ///< servers tried; more than one: retried
    bool tls_resumed = false;
    bool server_tls_resumed = false;

    // Not defaulted: `{}` would clear the texts' room.
    // NOLINTNEXTLINE(modernize-use-equals-default): for that reason
    access_record() noexcept {}

    /// Keeps a copy of `bytes`, cut at the text's bound. A later `put` of the same text replaces
    /// it.
    void put(text which, std::string_view bytes) noexcept {
        const auto index = std::to_underlying(which);
        span& place = spans_[index];
        std::size_t size = std::min(bytes.size(), text_max[index]);
        if (size > place.size) {
            const std::size_t left = arena_max - used_;
            if (size <= left) {
                place.begin = used_;
                used_ = static_cast<std::uint16_t>(used_ + size);
            } else {
                size = place.size;
            }
        }
        if (size != 0) std::memcpy(texts_ + place.begin, bytes.data(), size);
        place.size = static_cast<std::uint16_t>(size);
        const auto bit = static_cast<std::uint16_t>(1U << index);
        cut_ = static_cast<std::uint16_t>(size < bytes.size() ? cut_ | bit : cut_ & ~bit);
    }

    [[nodiscard]] std::string_view get(text which) const noexcept {
        const span place = spans_[std::to_underlying(which)];
        return {texts_ + place.begin, place.size};
    }

    /// Was the text longer than its bound?
    [[nodiscard]] bool is_cut(text which) const noexcept {
        return (cut_ >> std::to_underlying(which) & 1U) != 0;
    }

    /// The filled part of the record; copied over a fresh record it makes the same one.
    [[nodiscard]] std::span<const std::byte> bytes() const noexcept {
        const auto* begin = reinterpret_cast<const std::byte*>(this);
        return {begin, reinterpret_cast<const std::byte*>(texts_ + used_)};
    }

  private:
    struct span {
        std::uint16_t begin = 0;
        std::uint16_t size = 0;
    };

    static constexpr std::size_t arena_max = [] {
        std::size_t sum = 0;
        for (const std::size_t bound : text_max) sum += bound;
        return sum;
    }();

    std::array<span, text_max.size()> spans_{};
    std::uint16_t used_ = 0;
    std::uint16_t cut_ = 0;
    char texts_[arena_max];  // last, and not initialised: only the filled part is ever read
};

static_assert(std::is_trivially_copyable_v<access_record>);
static_assert(sizeof(access_record) <= 2048);

}  // namespace hawser::observe
