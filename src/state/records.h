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

/// What one process of an upgrade tells the other of a server while both serve.
struct finding {
    enum class fitness : std::uint8_t { up, out, down };

    server_id id{};
    fitness is = fitness::up;
    std::uint64_t out_until = 0;  ///< nanoseconds of the machine's steady clock; only of one out
    std::uint64_t came_back = 0;  ///< as of a `server_record`
    std::uint32_t outages = 0;
    bool was_gone = false;    ///< in this outage nobody answered a connect
    bool has_passed = false;  ///< a check
    generation instance = 0;
    std::uint32_t weight = 100;  ///< percent that its agent asks for
    upstream::admin_state asked = upstream::admin_state::ready;  ///< the same
    // Of one with `max-connections`: how many places the old process wants, and how many of them
    // the new one leaves to it.
    std::uint32_t turn = 0;  ///< of what it wants, counted by the old one and repeated by the new
    std::uint32_t places = 0;
    std::uint32_t changes = 0;  ///< of its fitness that the teller has found itself

    friend bool operator==(const finding&, const finding&) = default;
};

/// Records as bytes: one after the other, each of its fixed size. Layout in docs/state.md.
inline constexpr std::size_t session_size = 77;
inline constexpr std::size_t ending_size = 45;
inline constexpr std::size_t server_size = 32;
inline constexpr std::size_t finding_size = 51;

void append(const registry::record& one, bytes& out);
void append(const registry::ending& one, bytes& out);
void append(const server_record& one, bytes& out);
void append(const finding& one, bytes& out);

/// All of `text`; nothing if it is cut or holds what cannot be.
[[nodiscard]] std::optional<std::vector<registry::record>> read_sessions(
    std::span<const std::uint8_t> text);
[[nodiscard]] std::optional<std::vector<registry::ending>> read_endings(
    std::span<const std::uint8_t> text);
[[nodiscard]] std::optional<std::vector<server_record>> read_servers(
    std::span<const std::uint8_t> text);
[[nodiscard]] std::optional<std::vector<finding>> read_findings(std::span<const std::uint8_t> text);

/// What is known of `one` now, and the other way round. A server that was out goes on being out
/// for what is left of its time.
[[nodiscard]] server_record record_of(const upstream::server& one, const instant& now);
void restore(upstream::server& one, const server_record& told, const instant& now);

/// What is found of `one` now, but for what it asks for and its places.
[[nodiscard]] finding finding_of(const upstream::server& one);

}  // namespace hawser::state
