// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

/// Every bound of the data path that is not a setting, and the defaults of those that are.
/// Reaching one has a stated outcome (docs/limits.md); nothing grows past it.
namespace hawser::limits {

using namespace std::chrono_literals;

// Heads of requests (E53) and answers (E55).
inline constexpr std::size_t request_head_max = 32 * 1024;
inline constexpr std::size_t request_line_max = 16 * 1024;
inline constexpr std::size_t request_fields_max = 100;
inline constexpr std::size_t method_max = 64;
inline constexpr std::size_t response_head_max = 64 * 1024;
inline constexpr std::size_t response_fields_max = 200;
inline constexpr unsigned interim_answers_max = 32;

// Chunked bodies (E20, E23).
inline constexpr std::size_t chunk_size_digits_max = 16;
inline constexpr std::size_t chunk_extension_max = 256;
inline constexpr std::size_t chunk_extensions_of_body_max = 16 * 1024;

// HTTP/2, of each connection (E107, E115, E116). What a peer has not taken yet lies in its streams:
// each may always hold its share, the rest of the connection's bound goes to whoever comes first.
inline constexpr std::size_t h2_streams_max = 100;
inline constexpr std::size_t h2_stream_window = 64 * 1024;
inline constexpr std::size_t h2_connection_window = 1024 * 1024;
inline constexpr std::size_t h2_read_ahead_of_stream = 64 * 1024;
inline constexpr std::size_t h2_read_ahead = 1024 * 1024;
inline constexpr std::size_t h2_read_ahead_share = 4 * 1024;
inline constexpr std::size_t h2_written_max = 64 * 1024;      ///< at once
inline constexpr std::chrono::milliseconds h2_end_time = 1s;  ///< for the answer to a PING (E118)
inline constexpr unsigned h2_cancels_max = 100;  ///< of ours to a server, unless more end (E183)
inline constexpr std::size_t held_body_max =
    16 * 1024;                                        ///< of a request that may be refused (E181)
inline constexpr std::size_t h2_field_overhead = 32;  ///< counted beside name and value (E112)
inline constexpr std::size_t h2_header_table = 4 * 1024;

// Floods of HTTP/2 frames (E108-E114): crossing one ends the connection with ENHANCE_YOUR_CALM.
inline constexpr std::chrono::seconds h2_flood_time = 10s;
inline constexpr unsigned h2_resets_max = 200;  ///< in that time, unless more are completed
inline constexpr unsigned h2_control_frames_max = 1000;        ///< in that time without a request
inline constexpr unsigned h2_empty_frames_max = 100;           ///< of a connection
inline constexpr unsigned h2_continuations_max = 8;            ///< of a header block
inline constexpr std::size_t h2_header_block_max = 32 * 1024;  ///< compressed, of a client
inline constexpr std::size_t h2_answer_header_block_max = 64 * 1024;  ///< of a server
inline constexpr unsigned h2_acknowledgements_max = 100;  ///< held for a peer that does not read
inline constexpr unsigned h2_settings_max = 32;           ///< entries of a SETTINGS frame

// Buffers. A worker reads into one hot buffer; a connection holds at most what a peer did not take.
inline constexpr std::size_t hot_buffer = 128 * 1024;
inline constexpr unsigned accepts_per_turn_max = 64;  ///< then those who are in have their turn
inline constexpr unsigned reads_per_turn_max = 8;  ///< then other connections have their turn (E57)

// TLS. Records are sealed into one buffer of the worker; what the peer does not take is kept.
inline constexpr std::size_t tls_record_max = 16 * 1024;
inline constexpr std::size_t tls_sealed_max = 64 * 1024;   ///< before the peer has to take it
inline constexpr std::size_t tls_owed_max = 256 * 1024;    ///< answers to a peer that does not read
inline constexpr std::size_t tls_certificates_max = 1000;  ///< of a listener
inline constexpr std::size_t tls_file_max = 1024 * 1024;   ///< certificates, keys, OCSP answers
inline constexpr std::size_t tls_authorities_max = 16 * 1024 * 1024;  ///< bytes of a file of them
inline constexpr std::size_t handshakes_max = 1000;  ///< at once, of a listener, by default
inline constexpr std::size_t handshakes_of_source_max = 100;  ///< the same, of one source
inline constexpr unsigned handshakes_per_turn_max = 2;  ///< then whoever is in has a turn (E125)
inline constexpr std::chrono::hours ticket_key_time = std::chrono::hours(12);  ///< E123
inline constexpr unsigned ticket_keys_before = 2;                              ///< that still open
inline constexpr std::size_t tls_sessions_kept_max = 4;  ///< of a worker to one server

// Refusals (E3) and early answers (E74).
inline constexpr std::size_t linger_bytes_max = 64 * 1024;
inline constexpr std::chrono::milliseconds linger_time = 1s;

inline constexpr std::chrono::seconds half_closed_time = 60s;  ///< of a tunnel (E147)

// Those who are under way for long and must go: one after the other (E149, E174).
inline constexpr std::chrono::milliseconds farewell_gap = 10ms;  ///< of one worker, between two
inline constexpr std::chrono::milliseconds farewell_time = 10s;  ///< for all of them, by default

// Who a client is (E138), and how much it may ask for (E161, E162, E169).
inline constexpr std::size_t proxy_header_max = 4096;   ///< bytes behind a version 2's first 16
inline constexpr std::size_t networks_max = 1'000'000;  ///< of one list, its files' included
inline constexpr std::size_t network_file_max = 64 * 1024 * 1024;
inline constexpr std::size_t rate_limits_max = 16;      ///< of one listener or route
inline constexpr std::size_t rate_limit_keys = 65'536;  ///< buckets of one limit, by default
inline constexpr std::size_t rate_limit_keys_max = 16'777'216;
inline constexpr std::uint32_t rate_limit_requests_max = 1'000'000'000;  ///< in its time
inline constexpr std::chrono::milliseconds rate_limit_time_max = 24h;
inline constexpr std::size_t turned_away_max = 256;        ///< told so at once, by one worker
inline constexpr std::size_t descriptors_reserved = 128;   ///< for logs, checks, the operator
inline constexpr unsigned connections_tight_percent = 90;  ///< then new sessions are refused
inline constexpr unsigned memory_tight_percent = 95;
inline constexpr unsigned memory_full_percent = 98;     ///< then nobody is accepted
inline constexpr unsigned pressure_ease_percent = 2;    ///< below a bound by so much it is over
inline constexpr unsigned source_ports_tried_max = 64;  ///< of a pool's range, for a connection

// Retries (E71).
inline constexpr unsigned retries_max = 2;
inline constexpr unsigned retry_percent_max = 20;
inline constexpr unsigned retries_always_allowed = 3;

// Requests that wait for a place at a server, and servers that warm up (docs/queueing.md).
inline constexpr std::uint32_t queue_length_max = 1'000'000;  ///< of one pool
inline constexpr std::chrono::milliseconds queue_timeout_max = 1h;
inline constexpr std::chrono::seconds retry_after_max = 24h;
inline constexpr std::chrono::milliseconds first_claim_max = 1min;
inline constexpr std::size_t releases_of_pool_max = 16;
inline constexpr std::size_t value_paths_max = 16;  ///< that make a pool's sessions valuable
inline constexpr std::chrono::milliseconds slow_start_max = 1h;

// Servers and their passive health (health/outliers.h).
inline constexpr std::uint32_t server_weight_max = 256;
inline constexpr std::uint32_t server_priority_max = 65'535;  ///< as SRV records have them
inline constexpr std::size_t servers_of_pool_max = 1024;
inline constexpr std::chrono::milliseconds home_knock_pace = 500ms;  ///< who waits for its home
inline constexpr std::chrono::seconds trial_time_max = 10s;  ///< then another request may try
inline constexpr std::chrono::seconds trial_patience = 5s;   ///< for a repeatable request to come
inline constexpr unsigned unwell_percent_max = 50;  ///< of a pool, taken out for their answers
inline constexpr std::chrono::milliseconds outage_restored_max = 5min;  ///< left after a restart

// Health checks (health/check.h). Those that find no place wait for it; their servers keep the
// state that they have.
inline constexpr std::size_t checks_at_once_max = 64;
inline constexpr std::size_t checked_body_max = 64 * 1024;  ///< looked at, of an answer
inline constexpr std::size_t grpc_service_max = 100;        ///< bytes of a service's name
inline constexpr std::size_t agent_line_max = 128;          ///< bytes of an agent's report
inline constexpr std::size_t unended_children_max = 64;     ///< killed; then no more are started

// Discovery (docs/discovery.md). What is beyond is passed over, and told.
inline constexpr std::size_t dns_records_max = servers_of_pool_max;  ///< of one answer
inline constexpr std::size_t dns_questions_at_once = 64;
inline constexpr std::chrono::milliseconds first_look_max = 5s;  ///< of all pools, before the start

// Drains (docs/draining.md).
inline constexpr std::chrono::milliseconds drain_deadline = 30min;  ///< by default
inline constexpr std::chrono::milliseconds drain_deadline_max = 30 * 24h;
inline constexpr std::chrono::seconds session_rule_idle_max = 24h;  ///< of a rule for a class
inline constexpr std::size_t drain_lifetimes_min = 20;  ///< ended sessions, to tell an end by
inline constexpr std::uint32_t rebalanced_per_second_max = 1'000'000;  ///< of a pool
inline constexpr std::size_t drain_looks = 65'536;  ///< at sessions, ten times a second
inline constexpr std::chrono::seconds drain_farewell_time = 10s;  ///< for what is cut, to end

// Balancers (docs/balancing.md): what a worker's tables of one pool hold, and what a pick looks at.
inline constexpr std::size_t maglev_slots = 65'537;      ///< a prime
inline constexpr std::size_t ring_points = 1024;         ///< of each unit of weight
inline constexpr std::size_t ring_points_max = 262'144;  ///< of all: beyond, each has half as many
inline constexpr std::size_t random_choices_max = 16;
inline constexpr std::size_t hashed_parameters_max = 16;  ///< of a query

// Patterns of routes (RE2), and what a route answers by itself.
inline constexpr std::size_t patterns_max = 1000;  ///< of a configuration
inline constexpr std::size_t pattern_text_max = 1024;
inline constexpr std::size_t pattern_groups_max = 9;
inline constexpr std::size_t pattern_memory_max = 1024 * 1024;           ///< of one
inline constexpr std::size_t pattern_set_memory_max = 16 * 1024 * 1024;  ///< of all of one host
inline constexpr std::size_t own_body_max = 64 * 1024;  ///< of a fixed answer, of an error page

// Compression of answers. More memory at once than this: an answer goes on as it came.
inline constexpr std::size_t coding_overhead_max = 4096;  ///< room for what only grows
inline constexpr std::size_t compression_memory_max = 64 * 1024 * 1024;  ///< of each worker

// Affinity and sessions.
inline constexpr std::size_t cookie_value_max = 1024;  ///< E154
inline constexpr std::size_t cookie_copies_max = 4;    ///< tried of one request (E153)
inline constexpr std::size_t cookie_name_max = 64;
inline constexpr std::size_t affinity_chain_max = 6;    ///< affinities of a pool
inline constexpr std::size_t session_value_max = 1024;  ///< that a key is made of; longer is none
inline constexpr std::size_t bearer_token_max = 8 * 1024;  ///< a longer one is none
inline constexpr std::size_t tokens_remembered = 1024;     ///< verified once, by each worker
inline constexpr std::size_t jwt_keys_max = 64;            ///< of a file
inline constexpr std::chrono::seconds binding_age_max = 400 * 24h;  ///< ttl and absolute limit
inline constexpr std::chrono::seconds clock_skew_max = 60s;
inline constexpr std::size_t workers_max = 64;

// Sessions that clients name themselves: new ones of one source, in a second and at once; and how
// many sources are remembered. More are served without a place in the registry. Of each worker.
inline constexpr unsigned new_keys_of_source = 100;
inline constexpr unsigned new_keys_of_source_burst = 1000;
inline constexpr std::size_t new_keys_sources = 16'384;

// The registry of sessions: defaults, and what one session or one shard may hold.
inline constexpr std::size_t registry_sessions = 1'000'000;
inline constexpr std::size_t registry_tentative = 125'000;  ///< sessions whose key never came back
inline constexpr std::chrono::seconds session_idle = 30min;
inline constexpr std::chrono::seconds session_absolute = 12h;
inline constexpr std::size_t sessions_ended_max = 1'048'576;  ///< by operators; one more goes on
// Ids that a server would have had to give out first, and that nobody knows: how many sources that
// show such are told apart, by each pool, and how many of one source in a minute are guesses.
inline constexpr std::size_t guess_sources = 4096;
inline constexpr unsigned guesses_a_minute = 120;
inline constexpr unsigned session_keys_max = 16;           ///< one more is refused
inline constexpr unsigned session_in_flight_max = 65'535;  ///< more are served unregistered
inline constexpr unsigned registry_pools_max = 65'535;     ///< sessions of more are unregistered

// What outlives a process (state/): sessions of one block of a snapshot or a handover.
inline constexpr std::size_t state_block_sessions = 800;  ///< 61,600 bytes
inline constexpr std::size_t state_block_max = 64 * 1024;
inline constexpr std::chrono::seconds snapshot_interval = 60s;
inline constexpr std::chrono::seconds upgrade_start_time = 120s;  ///< until a new process is ready
inline constexpr std::chrono::seconds upgrade_word_time = 10s;    ///< for each word after that
inline constexpr std::chrono::seconds upgrade_answer_wait = 1s;   ///< until the other one knows
inline constexpr std::chrono::milliseconds upgrade_timeout = 10min;

// Keys. More than these: the file is refused; salts: the one not used for longest is derived anew.
inline constexpr std::size_t key_file_max = 64 * 1024;
inline constexpr std::size_t keys_max = 64;
inline constexpr std::size_t subkeys_max = 256;

// Logs and metrics (E4, E166). A text past its bound is cut and marked; a full ring drops records.
inline constexpr std::size_t logged_method_max = 16;
inline constexpr std::size_t logged_target_max = 512;
inline constexpr std::size_t logged_host_max = 96;
inline constexpr std::size_t logged_field_max = 192;  ///< User-Agent, Referer
inline constexpr std::size_t logged_request_id_max = 64;
inline constexpr std::size_t logged_trace_id_max = 32;
inline constexpr std::size_t logged_name_max = 48;  ///< listener, pool, server
inline constexpr std::size_t logged_address_max = 64;
inline constexpr std::size_t log_message_max = 2048;
inline constexpr std::size_t log_queue_max = 1024;      ///< messages
inline constexpr std::size_t log_batch = 64 * 1024;     ///< bytes of lines before they are written
inline constexpr std::size_t log_line_max = 16 * 1024;  ///< every byte of a record encoded
inline constexpr unsigned log_alike_max = 5;            ///< messages of one key in log_alike_time
inline constexpr std::chrono::seconds log_alike_time = 10s;
inline constexpr std::size_t access_ring = 1024 * 1024;  ///< bytes, of each worker
inline constexpr std::size_t counted_verdicts_max = 8;
inline constexpr std::size_t counted_causes_max = 32;

// The admin endpoint, apart from the traffic (E170).
inline constexpr std::size_t admin_body_max = 64 * 1024;
inline constexpr std::size_t admin_connections_max = 64;          ///< beyond it new ones are closed
inline constexpr std::size_t admin_connections_of_peer_max = 16;  ///< beyond the loopback
inline constexpr std::uint32_t admin_requests_max = 1000;  ///< a second, of one peer: then 429
inline constexpr std::uint32_t admin_requests_burst = 2000;
inline constexpr std::uint32_t admin_failures_max = 5;  ///< the same, of those who may not ask
inline constexpr std::uint32_t admin_failures_burst = 20;
inline constexpr std::size_t admin_peers_max = 1024;  ///< that are told apart
inline constexpr std::uint32_t admin_page = 100;      ///< of a list, unless asked otherwise
inline constexpr std::uint32_t admin_page_max = 10'000;
inline constexpr std::size_t admin_token_min = 32;  ///< characters
inline constexpr std::size_t admin_tokens_max = 256;
inline constexpr std::size_t admin_tokens_file_max = 64 * 1024;
inline constexpr std::size_t audited_body_max = 1024;  ///< of a change's body; the rest is cut off
inline constexpr std::chrono::seconds log_level_time_max = 24h;  ///< of what is told more
inline constexpr std::size_t log_watches_max = 16;

// What people set at run time. More is refused; a larger file is damaged.
inline constexpr std::size_t overrides_max = 10'000;
inline constexpr std::size_t overrides_file_max = 16 * 1024 * 1024;

// Configuration: what a file may ask of its reader, aliases expanded.
inline constexpr std::size_t configuration_file_max = 16 * 1024 * 1024;
inline constexpr std::size_t configuration_files_max = 256;
inline constexpr std::size_t configuration_nodes_max = 500'000;
inline constexpr std::size_t configuration_keys_max = 10'000;  ///< of one map
inline constexpr std::size_t configuration_depth_max = 32;
inline constexpr int passed_sockets_max = 4096;  ///< by the service manager; more are not looked at
inline constexpr std::size_t listeners_max = 256;
inline constexpr std::size_t addresses_of_listener_max = 64;
inline constexpr std::size_t routes_max = 10'000;
inline constexpr std::size_t problems_max = 100;  ///< told; the rest is counted
inline constexpr std::size_t name_max = 64;       ///< of a listener, a pool, a server

}  // namespace hawser::limits
