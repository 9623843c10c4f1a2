// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>

/// Every bound of the session service that is not a setting, and the defaults of those that are,
/// as `base/limits.h` has them of the data path (docs/limits.md).
namespace hawser::limits {

using namespace std::chrono_literals;

inline constexpr std::size_t namespaces_max = 200;
inline constexpr std::size_t session_keys_patterns_max = 16;
inline constexpr std::size_t namespace_sessions = 1'000'000;
inline constexpr std::size_t namespace_bytes = 1024 * 1024 * 1024;
inline constexpr std::size_t record_bytes = 1024 * 1024;  ///< name and value
/// What is larger is not written with its record held: room for it is made beforehand.
inline constexpr std::size_t written_at_once = 64 * 1024;
inline constexpr std::size_t sessions_memory = 1024 * 1024 * 1024;  ///< all namespaces together
inline constexpr std::chrono::milliseconds session_end_remembered = 60s;
inline constexpr std::chrono::milliseconds session_end_remembered_max = 1h;
/// A session larger than this is not merged: that would hold a worker for too long.
inline constexpr std::size_t merged_bytes = 128 * 1024;
inline constexpr std::size_t document_depth_max = 32;
/// What clients of one namespace have read is remembered up to so much, to tell their saves apart.
inline constexpr std::size_t readings_bytes = 32 * 1024 * 1024;
inline constexpr std::chrono::seconds readings_remembered = 60s;
inline constexpr std::size_t lock_keys_patterns_max = 16;
inline constexpr std::size_t keys_listed = 100'000;  ///< by one KEYS
inline constexpr std::size_t keys_listed_bytes = 16 * 1024 * 1024;
/// Of a hash, set, sorted set or list: a change reads and writes all of them.
inline constexpr std::size_t container_fields = 32'768;
inline constexpr std::size_t container_fields_changed = 1024;  ///< by one command
/// Commands that wait for EXEC, and their bytes.
inline constexpr std::size_t transaction_commands = 4096;
inline constexpr std::size_t transaction_bytes = 16 * 1024 * 1024;
inline constexpr std::size_t keys_watched = 1024;
inline constexpr std::size_t watched_bytes = 1024 * 1024;  ///< of their names
inline constexpr std::size_t pattern_bytes = 4096;         ///< by which a client looks for names
inline constexpr std::size_t subscriptions_max = 10'000;   ///< of one client
inline constexpr std::size_t subscriptions_bytes = 4 * 1024 * 1024;  ///< of their names
/// What waits for one subscriber, and for all of a namespace on one worker: more is not kept.
inline constexpr std::size_t subscriber_backlog = 32 * 1024 * 1024;
/// For all subscribers of a namespace together.
inline constexpr std::size_t subscribers_backlog_all = 256 * 1024 * 1024;
inline constexpr std::size_t subscriber_behind = 4 * 1024 * 1024;     ///< others wait for it ...
inline constexpr std::chrono::milliseconds subscribers_awaited = 1s;  ///< ... for so long
inline constexpr std::size_t mark_field_max = 64;                     ///< bytes of its name
inline constexpr std::size_t api_body = 2 * 1024 * 1024;
inline constexpr std::size_t api_connections = 1024;         ///< of one worker
inline constexpr std::chrono::seconds opening_awaited = 2s;  ///< rather than told of
/// Records of what was done to sessions that wait until they are written down.
inline constexpr std::size_t audited_waiting_max = 10'000;
inline constexpr std::size_t session_password_min = 16;  ///< characters
inline constexpr std::size_t session_password_file_max = 4096;
inline constexpr std::size_t resp_connections = 10'000;
inline constexpr std::chrono::seconds resp_greeting = 10s;  ///< until a client has said who it is
inline constexpr std::chrono::seconds resp_stall = 60s;     ///< of one that takes no answers

}  // namespace hawser::limits
