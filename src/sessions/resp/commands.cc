// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <charconv>
#include <string>

#include "sessions/resp/container_commands.h"
#include "sessions/resp/hub.h"

namespace hawser::sessions::resp {

namespace {

/// Every command that is served, by name. Any other is an error that names it.
constexpr auto commands = std::to_array<command>({
    {"append", 3, 3, false, serve_append},
    {"auth", 2, 3, true, serve_auth},
    {"client", 2, 0, false, serve_client},
    {"command", 1, 0, false, serve_command},
    {"config", 2, 0, false, serve_config},
    {"copy", 3, 0, false, serve_copy},
    {"dbsize", 1, 1, false, serve_dbsize},
    {"decr", 2, 2, false, serve_decr},
    {"decrby", 3, 3, false, serve_decrby},
    {"del", 2, 0, false, serve_del},
    {"discard", 1, 1, false, serve_discard, nullptr, true},
    {"echo", 2, 2, false, serve_echo},
    {"eval", 3, 0, false, serve_eval},
    {"evalsha", 3, 0, false, serve_evalsha},
    {"exec", 1, 1, false, serve_exec, nullptr, true},
    {"exists", 2, 0, false, serve_exists},
    {"expire", 3, 0, false, serve_expire, expire_at_once},
    {"expireat", 3, 0, false, serve_expireat, expireat_at_once},
    {"expiretime", 2, 2, false, serve_expiretime},
    {"get", 2, 2, false, serve_get, get_at_once},
    {"getdel", 2, 2, false, serve_getdel},
    {"getex", 2, 0, false, serve_getex},
    {"hdel", 3, 0, false, serve_change<holding::hash, plan_hdel>,
     change_at_once<holding::hash, plan_hdel>},
    {"hello", 1, 0, true, serve_hello},
    {"hexists", 3, 3, false, serve_show<holding::hash, tell_hexists>,
     tell_at_once<holding::hash, tell_hexists>},
    {"hget", 3, 3, false, serve_show<holding::hash, tell_hget>,
     tell_at_once<holding::hash, tell_hget>},
    {"hgetall", 2, 2, false, serve_show<holding::hash, tell_hgetall>,
     tell_at_once<holding::hash, tell_hgetall>},
    {"hincrby", 4, 4, false, serve_change<holding::hash, plan_hincrby>,
     change_at_once<holding::hash, plan_hincrby>},
    {"hkeys", 2, 2, false, serve_show<holding::hash, tell_hkeys>,
     tell_at_once<holding::hash, tell_hkeys>},
    {"hlen", 2, 2, false, serve_show<holding::hash, tell_hlen>,
     tell_at_once<holding::hash, tell_hlen>},
    {"hmget", 3, 0, false, serve_show<holding::hash, tell_hmget>,
     tell_at_once<holding::hash, tell_hmget>},
    {"hmset", 4, 0, false, serve_change<holding::hash, plan_hmset>,
     change_at_once<holding::hash, plan_hmset>},
    {"hscan", 3, 0, false, serve_hscan},
    {"hset", 4, 0, false, serve_change<holding::hash, plan_hset>,
     change_at_once<holding::hash, plan_hset>},
    {"hsetnx", 4, 4, false, serve_change<holding::hash, plan_hsetnx>,
     change_at_once<holding::hash, plan_hsetnx>},
    {"hstrlen", 3, 3, false, serve_show<holding::hash, tell_hstrlen>,
     tell_at_once<holding::hash, tell_hstrlen>},
    {"hvals", 2, 2, false, serve_show<holding::hash, tell_hvals>,
     tell_at_once<holding::hash, tell_hvals>},
    {"incr", 2, 2, false, serve_incr},
    {"incrby", 3, 3, false, serve_incrby},
    {"info", 1, 0, false, serve_info},
    {"keys", 2, 2, false, serve_keys},
    {"llen", 2, 2, false, serve_show<holding::list, tell_length>,
     tell_at_once<holding::list, tell_length>},
    {"lpush", 3, 0, false, serve_change<holding::list, plan_lpush>,
     change_at_once<holding::list, plan_lpush>},
    {"lrange", 4, 4, false, serve_show<holding::list, tell_lrange>,
     tell_at_once<holding::list, tell_lrange>},
    {"mget", 2, 0, false, serve_mget},
    {"mset", 3, 0, false, serve_mset},
    {"multi", 1, 1, false, serve_multi, nullptr, true},
    {"persist", 2, 2, false, serve_persist, persist_at_once},
    {"pexpire", 3, 0, false, serve_pexpire, pexpire_at_once},
    {"pexpireat", 3, 0, false, serve_pexpireat, pexpireat_at_once},
    {"pexpiretime", 2, 2, false, serve_pexpiretime},
    {"ping", 1, 2, false, serve_ping},
    {"psetex", 4, 4, false, serve_psetex, psetex_at_once},
    {"psubscribe", 2, 0, false, serve_psubscribe},
    {"pttl", 2, 2, false, serve_pttl},
    {"publish", 3, 3, false, serve_publish},
    {"pubsub", 2, 0, false, serve_pubsub},
    {"punsubscribe", 1, 0, false, serve_punsubscribe},
    {"quit", 1, 0, true, serve_quit, nullptr, true},
    {"rename", 3, 3, false, serve_rename},
    {"renamenx", 3, 3, false, serve_renamenx},
    {"reset", 1, 1, true, serve_reset, nullptr, true},
    {"rpush", 3, 0, false, serve_change<holding::list, plan_rpush>,
     change_at_once<holding::list, plan_rpush>},
    {"sadd", 3, 0, false, serve_change<holding::set, plan_sadd>,
     change_at_once<holding::set, plan_sadd>},
    {"scan", 2, 0, false, serve_scan},
    {"scard", 2, 2, false, serve_show<holding::set, tell_length>,
     tell_at_once<holding::set, tell_length>},
    {"script", 2, 0, false, serve_script},
    {"select", 2, 2, false, serve_select},
    {"set", 3, 0, false, serve_set, set_at_once},
    {"setex", 4, 4, false, serve_setex, setex_at_once},
    {"setnx", 3, 3, false, serve_setnx},
    {"sismember", 3, 3, false, serve_show<holding::set, tell_sismember>,
     tell_at_once<holding::set, tell_sismember>},
    {"smembers", 2, 2, false, serve_show<holding::set, tell_smembers>,
     tell_at_once<holding::set, tell_smembers>},
    {"srem", 3, 0, false, serve_change<holding::set, plan_srem>,
     change_at_once<holding::set, plan_srem>},
    {"sscan", 3, 0, false, serve_sscan},
    {"strlen", 2, 2, false, serve_strlen},
    {"subscribe", 2, 0, false, serve_subscribe},
    {"touch", 2, 0, false, serve_touch},
    {"ttl", 2, 2, false, serve_ttl},
    {"type", 2, 2, false, serve_type},
    {"unlink", 2, 0, false, serve_del},
    {"unsubscribe", 1, 0, false, serve_unsubscribe},
    {"unwatch", 1, 1, false, serve_unwatch},
    {"watch", 2, 0, false, serve_watch, nullptr, true},
    {"zadd", 4, 0, false, serve_change<holding::sorted_set, plan_zadd>,
     change_at_once<holding::sorted_set, plan_zadd>},
    {"zcard", 2, 2, false, serve_show<holding::sorted_set, tell_zcard>,
     tell_at_once<holding::sorted_set, tell_zcard>},
    {"zrange", 4, 0, false, serve_show<holding::sorted_set, tell_zrange>,
     tell_at_once<holding::sorted_set, tell_zrange>},
    {"zrangebyscore", 4, 0, false, serve_show<holding::sorted_set, tell_zrangebyscore>,
     tell_at_once<holding::sorted_set, tell_zrangebyscore>},
    {"zrem", 3, 0, false, serve_change<holding::sorted_set, plan_zrem>,
     change_at_once<holding::sorted_set, plan_zrem>},
    {"zremrangebyscore", 4, 4, false, serve_change<holding::sorted_set, plan_zremrangebyscore>,
     change_at_once<holding::sorted_set, plan_zremrangebyscore>},
    {"zrevrangebyscore", 4, 0, false, serve_show<holding::sorted_set, tell_zrevrangebyscore>,
     tell_at_once<holding::sorted_set, tell_zrevrangebyscore>},
    {"zscan", 3, 0, false, serve_zscan},
    {"zscore", 3, 3, false, serve_show<holding::sorted_set, tell_zscore>,
     tell_at_once<holding::sorted_set, tell_zscore>},
});
static_assert(std::ranges::is_sorted(commands, {}, &command::name), "found by their first letter");
static_assert(commands.size() <= counters::commands_max, "each has a counter");

constexpr std::size_t shown_max = 64;

/// Of each letter, and of one behind the last, the first command that begins so or later.
constexpr auto first_by_letter = [] {
    std::array<std::uint8_t, 27> first{};
    for (std::size_t i = 0; i < first.size(); ++i) {
        const auto begins = [i](const command& one) { return one.name[0] >= char('a' + i); };
        first[i] = std::uint8_t(std::ranges::find_if(commands, begins) - commands.begin());
    }
    return first;
}();

constexpr char lower(char c) { return c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c; }

/// The first word of an error: what metrics count by. Those that can come are few.
std::string_view code_of(std::string_view text) {
    static constexpr std::array<std::string_view, 11> codes = {
        "CONFLICT", "ERR", "EXECABORT", "LOADING",   "NOAUTH",   "NOPROTO",
        "NOSCRIPT", "OOM", "READONLY",  "WRONGPASS", "WRONGTYPE"};
    const auto found =
        std::ranges::find(codes, text.substr(0, std::min(text.find(' '), text.size())));
    return found == codes.end() ? "other" : *found;
}

}  // namespace

void call::refuse(std::string_view text) {
    from.count_error(code_of(text));
    out.error(text);
}

void call::refuse_count() {
    std::string name(arguments[0].substr(0, shown_max));
    std::ranges::transform(name, name.begin(), lower);
    refuse("ERR wrong number of arguments for '" + name + "' command");
}

void call::hold(std::size_t begin) {
    const auto unsettled = records().unsettled();
    if (unsettled != store::durability::memory) from.hold_answer(begin, unsettled);
}

void call::refuse(const error& why) {
    const auto condition = records().in().space.condition();
    if (why.code == errc::exhausted)
        return refuse(condition == store::condition::failing
                          ? "OOM the disk of the session store is full"
                          : "OOM command not allowed when used memory > 'maxmemory'.");
    if (why.code == errc::unavailable)
        return refuse(condition == store::condition::opening
                          ? "LOADING Hawser is loading the dataset in memory"
                          : "READONLY the session store cannot keep changes now");
    refuse("ERR " + why.context);
}

const command* find_command(std::string_view name) {
    if (name.empty()) return nullptr;
    const auto letter = std::size_t(lower(name.front()) - 'a');
    if (letter >= first_by_letter.size() - 1) return nullptr;
    for (std::size_t i = first_by_letter[letter]; i < first_by_letter[letter + 1]; ++i)
        if (commands[i].name.size() == name.size() && is_word(name, commands[i].name))
            return &commands[i];
    return nullptr;
}

bool is_for_subscribers(const command& one) {
    static constexpr std::array allowed = {serve_subscribe,    serve_psubscribe, serve_unsubscribe,
                                           serve_punsubscribe, serve_ping,       serve_quit,
                                           serve_reset};
    return std::ranges::find(allowed, one.serve) != allowed.end();
}

bool changes_subscriptions(const command& one) {
    static constexpr std::array those = {serve_subscribe, serve_psubscribe, serve_unsubscribe,
                                         serve_punsubscribe};
    return std::ranges::find(those, one.serve) != those.end();
}

std::span<const command> all_commands() { return commands; }

std::size_t place_of(const command& one) { return std::size_t(&one - commands.data()); }

std::optional<std::int64_t> number_of(std::string_view text) {
    std::int64_t value = 0;
    const auto [stop, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (failed != std::errc() || stop != text.data() + text.size()) return std::nullopt;
    const auto digits = text.substr(text.starts_with('-') ? 1 : 0);
    if (digits.starts_with('0') && text != "0") return std::nullopt;
    return value;
}

std::string shown_word(std::string_view word) {
    std::string text(word.substr(0, shown_max));
    std::ranges::replace_if(text, [](char c) { return c < ' ' || c > '~' || c == '\''; }, '?');
    return text;
}

bool is_word(std::string_view text, std::string_view word) {
    return std::ranges::equal(text, word, {}, lower, lower);
}

}  // namespace hawser::sessions::resp
