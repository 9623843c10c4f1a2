// SPDX-License-Identifier: Apache-2.0
#include "sessions/resp/scripts.h"

#include <gtest/gtest.h>

#include <string>

#include "sessions/resp/lab.h"

namespace hawser::sessions::resp {
namespace {

/// As PHP's handler and Laravel send it.
constexpr std::string_view of_php =
    "if redis.call(\"get\",KEYS[1]) == ARGV[1] then return redis.call(\"del\",KEYS[1]) else return 0 "
    "end";
constexpr std::string_view of_laravel = R"(
if redis.call("get",KEYS[1]) == ARGV[1] then
    return redis.call("del",KEYS[1])
else
    return 0
end
)";

TEST(scripts, r5_2_are_known_by_what_they_do_however_they_are_written) {
    EXPECT_EQ(recognize(of_php), script::delete_if_equal);
    EXPECT_EQ(recognize(of_laravel), script::delete_if_equal);
    EXPECT_EQ(recognize("-- frees it\nif redis.call('GET',KEYS[1])==ARGV[1] then return "
                        "redis.call( 'DEL' , KEYS[1] ); else return 0; end;"),
              script::delete_if_equal);
    EXPECT_EQ(recognize("if redis.call('get', KEYS[1]) == ARGV[1] then return "
                        "redis.call('expire', KEYS[1], ARGV[2]) else return 0 end"),
              script::expire_if_equal);
    EXPECT_EQ(recognize("if redis.call('get', KEYS[1]) == ARGV[1] then return "
                        "redis.call('pexpire', KEYS[1], ARGV[2]) else return 0 end"),
              script::pexpire_if_equal);
}

/// As Laravel's cache sends it.
constexpr std::string_view of_laravels_cache =
    "return redis.call('exists',KEYS[1])<1 and redis.call('setex',KEYS[1],ARGV[2],ARGV[1])";
/// As .NET's RedisCache sends it to older servers; to newer ones with HSET.
constexpr std::string_view of_net = R"(
                redis.call('HMSET', KEYS[1], 'absexp', ARGV[1], 'sldexp', ARGV[2], 'data', ARGV[4])
                if ARGV[3] ~= '-1' then
                  redis.call('EXPIRE', KEYS[1], ARGV[3])
                end
                return 1)";
constexpr std::string_view of_net_to_read = "return redis.call('HMGET', KEYS[1], unpack(ARGV))";
constexpr std::string_view of_django = R"(
            local exists = redis.call('EXISTS', KEYS[1])
            if (exists == 1) then
                return redis.call('INCRBY', KEYS[1], ARGV[1])
            else return false end
            )";
constexpr std::string_view of_redisson =
    "local result = 0;for j = 1, #KEYS, 1 do local expireSet; if ARGV[2] ~= '' then expireSet = "
    "redis.call('pexpire', KEYS[j], ARGV[1], ARGV[2]); else expireSet = redis.call('pexpire', "
    "KEYS[j], ARGV[1]); end; if expireSet == 1 then result = expireSet;end; end; return result; ";

TEST(scripts, r5_2_of_caches_are_known_too) {
    EXPECT_EQ(recognize(of_laravels_cache), script::setex_if_absent);
    EXPECT_EQ(recognize(of_net), script::set_cached);
    EXPECT_EQ(recognize(of_net_to_read), script::fields_of);
    EXPECT_EQ(recognize(of_django), script::add_if_present);
    EXPECT_EQ(recognize("if redis.call('exists', KEYS[1]) == 1 then return redis.call('incrby', "
                        "KEYS[1], ARGV[1]) else return false end"),
              script::add_if_present);
    EXPECT_EQ(recognize(of_redisson), script::pexpire_all);
    // Names of fields are not commands: they have a case.
    std::string other(of_net);
    other.replace(other.find("absexp"), 6, "ABSEXP");
    EXPECT_EQ(recognize(other), std::nullopt);
}

TEST(scripts, r5_2_others_are_not_taken_for_them) {
    const std::string right(of_php);
    for (std::size_t at = 0; at < right.size(); ++at) {
        if (right[at] == ' ' || right[at] == '"') continue;
        std::string wrong = right;
        wrong[at] = wrong[at] == 'x' ? 'y' : 'x';
        EXPECT_EQ(recognize(wrong), std::nullopt) << wrong;
        EXPECT_EQ(recognize(right.substr(0, at)), std::nullopt);
    }
    EXPECT_EQ(recognize(""), std::nullopt);
    EXPECT_EQ(recognize(right + " return 1"), std::nullopt);
    EXPECT_EQ(recognize("IF redis.call('get',KEYS[1]) == ARGV[1]"), std::nullopt);
    EXPECT_EQ(recognize("'"), std::nullopt);
    EXPECT_EQ(recognize("'\\'"), std::nullopt);
    EXPECT_EQ(recognize("--"), std::nullopt);
    EXPECT_EQ(recognize(std::string(100'000, ' ') + right), std::nullopt);
}

TEST(scripts, of_those_that_are_known_only_so_many_are_kept) {
    known_scripts known;
    for (std::size_t i = 0; i < 2 * known_scripts::most; ++i) {
        known_scripts::name digest{};
        digest[0] = std::uint8_t(i);
        digest[1] = std::uint8_t(i >> 8);
        known.add(digest, script::delete_if_equal);
        EXPECT_EQ(known.find(digest).has_value(), i < known_scripts::most);
    }
}

std::string quoted(std::string_view text) {
    std::string made = "\"";
    for (const char c : text) made += c == '"' ? "\\\"" : c == '\n' ? "\\n" : std::string(1, c);
    return made + "\"";
}

DOOR_TEST(scripts, r5_1_who_is_not_known_is_sent_whole_once) {
    at.begin();
    auto client = at.connect();
    const std::string by_name = "evalsha b70c2384248f88e6b75b9f89241a180f856ad852 1 lock mine";
    co_await client.asks("set lock mine", "+OK\r\n");
    co_await client.asks(by_name, "-NOSCRIPT No matching script. Please use EVAL.\r\n");
    co_await client.asks("script exists b70c2384248f88e6b75b9f89241a180f856ad852", "*1\r\n:0\r\n");
    co_await client.asks("script load " + quoted(of_php),
                         bulk("b70c2384248f88e6b75b9f89241a180f856ad852"));
    co_await client.asks("script exists B70C2384248F88E6B75B9F89241A180F856AD852 x",
                         "*2\r\n:1\r\n:0\r\n");
    co_await client.asks(by_name, ":1\r\n");
    co_await client.asks("script flush", "+OK\r\n");
    co_await client.asks(by_name, "-NOSCRIPT No matching script. Please use EVAL.\r\n");
}

DOOR_TEST(scripts, r5_2a_a_lock_is_freed_by_its_owner_only) {
    at.begin();
    auto client = at.connect();
    const auto free = [](std::string_view owner) {
        return "eval " + quoted(of_laravel) + " 1 lock " + std::string(owner);
    };
    co_await client.asks("set lock mine nx px 30000", "+OK\r\n");
    co_await client.asks(free("yours"), ":0\r\n");
    co_await client.asks("exists lock", ":1\r\n");
    co_await client.asks(free("mine"), ":1\r\n");
    co_await client.asks(free("mine"), ":0\r\n");
    co_await client.asks("set lock yours nx px 30000", "+OK\r\n");
}

DOOR_TEST(scripts, r5_2b_a_lock_is_prolonged_by_its_owner_only) {
    at.begin();
    auto client = at.connect();
    const std::string seconds =
        "eval \"if redis.call('get',KEYS[1]) == ARGV[1] then return "
        "redis.call('expire',KEYS[1],ARGV[2]) else return 0 end\" 1 lock ";
    co_await client.asks("set lock mine px 30000", "+OK\r\n");
    co_await client.asks(seconds + "yours 100", ":0\r\n");
    co_await client.asks("ttl lock", ":30\r\n");
    co_await client.asks(seconds + "mine 100", ":1\r\n");
    co_await client.asks("ttl lock", ":100\r\n");
    co_await client.asks(seconds + "mine x", "-ERR value is not an integer or out of range\r\n");
    co_await client.asks(seconds + "mine",
                         "-ERR this script takes KEYS[1], ARGV[1] and ARGV[2]\r\n");
}

DOOR_TEST(scripts, r5_2c_something_is_kept_where_nothing_is) {
    at.begin();
    auto client = at.connect();
    const std::string add = "eval " + quoted(of_laravels_cache) + " 1 k ";
    co_await client.asks(add + "v 0", "-ERR invalid expire time in 'set' command\r\n");
    co_await client.asks(add + "v 100", "+OK\r\n");
    co_await client.asks(add + "w 100", "$-1\r\n");
    co_await client.asks("get k", bulk("v"));
    co_await client.asks("ttl k", ":100\r\n");
}

DOOR_TEST(scripts, r5_2d_e_a_cached_value_is_three_fields) {
    at.begin();
    auto client = at.connect();
    const std::string set = "eval " + quoted(of_net) + " 1 k ";
    const std::string get = "eval " + quoted(of_net_to_read) + " 1 k ";
    co_await client.asks(get + "data", "*1\r\n$-1\r\n");
    co_await client.asks(set + "-1 20 1200 bytes", ":1\r\n");
    co_await client.asks("ttl k", ":1200\r\n");
    co_await client.asks(get + "absexp sldexp data",
                         "*3\r\n" + bulk("-1") + bulk("20") + bulk("bytes"));
    co_await client.asks(set + "-1 -1 -1 more", ":1\r\n");
    co_await client.asks("ttl k", ":1200\r\n");
    co_await client.asks("hget k data", bulk("more"));
    co_await client.asks("set k text", "+OK\r\n");
    co_await client.asks(set + "-1 20 1200 bytes",
                         "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n");
    co_await client.asks(set + "-1 20 x bytes", "-ERR value is not an integer or out of range\r\n");
    co_await client.asks(
        set + "1", "-ERR this script takes KEYS[1], ARGV[1], ARGV[2], ARGV[3] and ARGV[4]\r\n");
}

DOOR_TEST(scripts, r5_2f_who_is_there_is_counted_up) {
    at.begin();
    auto client = at.connect();
    const std::string add = "eval " + quoted(of_django) + " 1 k ";
    co_await client.asks(add + "5", "$-1\r\n");
    co_await client.asks("exists k", ":0\r\n");
    co_await client.asks("set k 2", "+OK\r\n");
    co_await client.asks(add + "5", ":7\r\n");
}

DOOR_TEST(scripts, r5_2g_all_keys_are_given_an_end) {
    at.begin();
    auto client = at.connect();
    const std::string expire = "eval " + quoted(of_redisson) + " 2 a b ";
    co_await client.asks(expire + "5000 \"\"", ":0\r\n");
    co_await client.asks("set b v", "+OK\r\n");
    co_await client.asks(expire + "5000 \"\"", ":1\r\n");
    co_await client.asks("ttl b", ":5\r\n");
    co_await client.asks(expire + "9000 NX", ":0\r\n");
    co_await client.asks(expire + "9000 gt", ":1\r\n");
    co_await client.asks("ttl b", ":9\r\n");
    co_await client.asks(expire + "9000 zz", "-ERR Unsupported option zz\r\n");
}

DOOR_TEST(scripts, r5_4_another_script_is_named_by_its_digest) {
    at.begin();
    auto client = at.connect();
    co_await client.asks("eval \"return 1\" 0",
                         "-ERR this script is none of those that are served here "
                         "(docs/sessions.md); its SHA-1 is "
                         "e0e1f9fabfc9d4800c877a703b823ac0578ff8db\r\n");
    co_await client.asks("eval " + quoted(of_php) + " 0 mine",
                         "-ERR this script takes KEYS[1] and ARGV[1]\r\n");
    co_await client.asks("eval " + quoted(of_php) + " x mine",
                         "-ERR value is not an integer or out of range\r\n");
    co_await client.asks("script kill", "-ERR unknown subcommand 'kill'. Try SCRIPT HELP.\r\n");
    co_await client.asks("ping", "+PONG\r\n");
}

}  // namespace
}  // namespace hawser::sessions::resp
