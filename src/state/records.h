// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/ids.h"
#include "registry/session.h"
#include "state/bytes.h"
#include "upstream/server.h"

namespace hawser::state {

/// What is known of one server beside its configuration, in the time of the wall clock.
struct server_record {
    server_id id{};
    generation instance = 0;      ///< announced last; 0: none
    std::uint32_t outages = 0;    ///< in a row
    std::uint64_t out_until = 0;  ///< milliseconds since 1970; 0: it is up
    std::uint64_t came_back = 0;  ///< from being gone, the same; 0: never seen

    friend bool operator==(const server_record&, const server_record&) = default;
};

/// Records as bytes: one after the other, each of its fixed size. Layout in docs/state.md.
inline constexpr std::size_t session_size = 77;
inline constexpr std::size_t server_size = 32;

void append(const registry::record& one, bytes& out);
void append(const server_record& one, bytes& out);

/// All of `text`; nothing if it is cut or holds what cannot be.
[[nodiscard]] std::optional<std::vector<registry::record>> read_sessions(
    std::span<const std::uint8_t> text);
[[nodiscard]] std::optional<std::vector<server_record>> read_servers(
    std::span<const std::uint8_t> text);

/// What is known of `one` now, and the other way round. A server that was out goes on being out
/// for what is left of its time.
[[nodiscard]] server_record record_of(const upstream::server& one, const instant& now);
void restore(upstream::server& one, const server_record& told, const instant& now);

}  // namespace hawser::state
