// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "async/task.h"
#include "sessions/containers.h"
#include "sessions/holding.h"
#include "sessions/resp/command.h"

/// Commands for hashes, sets, sorted sets and lists: each says what it makes of a container's data,
/// or what it tells of it, and how that is done is the same for all.
namespace hawser::sessions::resp {

/// What a container has become.
struct remade {
    std::string data = {};     ///< empty: nothing is left of it
    std::int64_t number = 0;   ///< to be answered
    std::string refusal = {};  ///< unless empty: why it stays as it is
};

/// What a command makes of a container: of one that is not there too, which is empty. It may be
/// asked again, of what others have made of it meanwhile.
struct plan {
    std::function<remade(std::string_view data)> by;
    record_event told;            ///< how those who listen to events hear of it
    bool is_always_told = false;  ///< of one that it leaves as it was too
    bool answers_ok = false;      ///< not with a number
};
/// Nothing: it has been answered why there is none.
using planner = std::optional<plan> (*)(call& asked);
/// Answers out of a container's data.
using teller = void (*)(call& asked, std::string_view data);

[[nodiscard]] bool carry_out_at_once(call& asked, holding as, planner by);
[[nodiscard]] task<> carry_out(call& asked, holding as, planner by);
[[nodiscard]] bool show_at_once(call& asked, holding as, teller tell);
[[nodiscard]] task<> show(call& asked, holding as, teller tell);

// In the form that the list of commands has.

template <holding As, planner By>
task<> serve_change(call& asked) {
    return carry_out(asked, As, By);
}
template <holding As, planner By>
bool change_at_once(call& asked) {
    return carry_out_at_once(asked, As, By);
}
template <holding As, teller Tell>
task<> serve_show(call& asked) {
    return show(asked, As, Tell);
}
template <holding As, teller Tell>
bool tell_at_once(call& asked) {
    return show_at_once(asked, As, Tell);
}

/// With `what` in it, if that is not too many.
[[nodiscard]] remade remade_of(changed what, std::int64_t number);
[[nodiscard]] std::string too_many_fields();
[[nodiscard]] std::string too_many_fields_at_once();

/// The arguments from `at` on, as fields; each is one with a value, or without. Nothing: it has
/// been answered that they are too many, or that a value is missing.
[[nodiscard]] std::optional<std::vector<field>> given_fields(call& asked, std::size_t at,
                                                             bool have_values);

/// Where a range of places begins and ends (LRANGE, ZRANGE); negative ones count from the end.
struct places {
    std::size_t first = 0;
    std::size_t count = 0;
};
/// Nothing: it has been answered that they are no numbers.
[[nodiscard]] std::optional<places> places_of(call& asked, std::size_t size);

// hash_commands.cc
std::optional<plan> plan_hdel(call& asked);
std::optional<plan> plan_hincrby(call& asked);
std::optional<plan> plan_hmset(call& asked);
std::optional<plan> plan_hset(call& asked);
std::optional<plan> plan_hsetnx(call& asked);
void tell_hexists(call& asked, std::string_view data);
void tell_hget(call& asked, std::string_view data);
void tell_hgetall(call& asked, std::string_view data);
void tell_hkeys(call& asked, std::string_view data);
void tell_hlen(call& asked, std::string_view data);
void tell_hmget(call& asked, std::string_view data);
void tell_hstrlen(call& asked, std::string_view data);
void tell_hvals(call& asked, std::string_view data);

// set_commands.cc, lists too
std::optional<plan> plan_lpush(call& asked);
std::optional<plan> plan_rpush(call& asked);
std::optional<plan> plan_sadd(call& asked);
std::optional<plan> plan_srem(call& asked);
void tell_length(call& asked, std::string_view data);
void tell_lrange(call& asked, std::string_view data);
void tell_sismember(call& asked, std::string_view data);
void tell_smembers(call& asked, std::string_view data);

// sorted_set_commands.cc
std::optional<plan> plan_zadd(call& asked);
std::optional<plan> plan_zrem(call& asked);
std::optional<plan> plan_zremrangebyscore(call& asked);
void tell_zcard(call& asked, std::string_view data);
void tell_zrange(call& asked, std::string_view data);
void tell_zrangebyscore(call& asked, std::string_view data);
void tell_zrevrangebyscore(call& asked, std::string_view data);
void tell_zscore(call& asked, std::string_view data);

}  // namespace hawser::sessions::resp
