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
