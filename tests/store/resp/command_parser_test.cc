// SPDX-License-Identifier: Apache-2.0
#include "store/resp/command_parser.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace hawser::store::resp {
namespace {

using namespace std::string_literals;
using outcome = command_parser::outcome;
using command = std::vector<std::string>;

/// Everything that `bytes` say when they come in portions of `portion`; how it ends is the last
/// word, in brackets.
std::vector<command> heard(std::string_view bytes, std::size_t portion,
                           const command_limits& most = {}, bool proven = true) {
    command_parser parser(most);
    if (!proven) parser.unprove();
    std::vector<command> all;
    std::string held;
    while (!bytes.empty()) {
        held += bytes.substr(0, portion);
        bytes.remove_prefix(std::min(portion, bytes.size()));
        for (;;) {
            const auto done = parser.parse(held);
            if (done == outcome::incomplete) break;
            if (done == outcome::broken) {
                all.push_back({"[" + std::string(parser.complaint()) + "]"});
                return all;
            }
            if (done == outcome::command)
                all.emplace_back(parser.arguments().begin(), parser.arguments().end());
            held.erase(0, parser.used());
        }
    }
    if (!held.empty()) all.push_back({"[incomplete]"});
    return all;
}

/// The same whether it comes whole or byte by byte.
void expect_heard(std::string_view bytes, const std::vector<command>& wanted,
                  const command_limits& most = {}, bool proven = true) {
    for (const std::size_t portion : {std::size_t{1}, std::size_t{2}, std::size_t{7}, bytes.size()})
        EXPECT_EQ(heard(bytes, portion, most, proven), wanted)
            << bytes << " in portions of " << portion;
}

TEST(command_parser, r1_2_takes_pipelined_commands_byte_by_byte) {
    expect_heard("*1\r\n$4\r\nPING\r\n*2\r\n$3\r\nGET\r\n$1\r\na\r\n", {{"PING"}, {"GET", "a"}});
}

TEST(command_parser, r1_3_takes_lines_with_quotes_and_escapes) {
    expect_heard("PING\r\n", {{"PING"}});
    expect_heard("set  k \"a b\\x41\\n\\\"\"\n", {{"set", "k", "a bA\n\""}});
    expect_heard("set k 'it\\'s' \"\"\n", {{"set", "k", "it's", ""}});
    expect_heard("echo \"\\xzz\"\n", {{"echo", "xzz"}});
}

TEST(command_parser, r1_3_ignores_what_says_nothing) {
    expect_heard("\r\n\n   \r\n*0\r\n*-1\r\nPING\n", {{"PING"}});
}

TEST(command_parser, r1_3_breaks_off_at_wrong_framing) {
    expect_heard("*1\r\n:4\r\nPING\r\n", {{"[expected '$']"}});
    expect_heard("*x\r\n", {{"[invalid multibulk length]"}});
    expect_heard("*1\n$4\r\nPING\r\n", {{"[invalid multibulk length]"}});
    expect_heard("*-2\r\n", {{"[invalid multibulk length]"}});
    expect_heard("*+1\r\n", {{"[invalid multibulk length]"}});
    expect_heard("*01\r\n", {{"[invalid multibulk length]"}});
    expect_heard("*\r\n", {{"[invalid multibulk length]"}});
    expect_heard("*1\r\n$-1\r\n", {{"[invalid bulk length]"}});
    expect_heard("*1\r\n$ 4\r\nPING\r\n", {{"[invalid bulk length]"}});
    expect_heard("*1\r\n$3\r\nPING\r\n", {{"[invalid bulk length]"}});
    expect_heard("*99999999999999999999\r\n", {{"[invalid multibulk length]"}});
    expect_heard("set k \"a\n", {{"[unbalanced quotes in request]"}});
    expect_heard("set k \"a\"b\n", {{"[unbalanced quotes in request]"}});
}

TEST(command_parser, r1_4_keys_and_values_are_binary_and_may_be_empty) {
    expect_heard("*3\r\n$3\r\nSET\r\n$0\r\n\r\n$5\r\n\0\r\n*\xff\r\n"s,
                 {{"SET", "", "\0\r\n*\xff"s}});
}

TEST(command_parser, r1_4_breaks_off_beyond_each_limit) {
    const command_limits most{.arguments = 2, .argument = 4, .command = 24, .inline_line = 8};
    expect_heard("*2\r\n$4\r\nabcd\r\n$1\r\na\r\n", {{"abcd", "a"}}, most);
    expect_heard("*3\r\n", {{"[invalid multibulk length]"}}, most);
    expect_heard("*1\r\n$5\r\n", {{"[invalid bulk length]"}}, most);
    expect_heard("*2\r\n$4\r\nabcd\r\n$4\r\nabcd\r\n", {{"[the command is too large]"}},
                 {.arguments = 2, .argument = 4, .command = 20});
    expect_heard("abc\n", {{"abc"}}, most);
    expect_heard("abcdefghi", {{"[too big inline request]"}}, {.inline_line = 8});
    expect_heard("a b c\n", {{"[too many arguments]"}},
                 {.arguments = 2, .argument = 100, .inline_line = 8});
}

/// A length is only a promise: nobody gets memory for it before saying who it is.
TEST(command_parser, who_has_not_said_who_it_is_may_say_little) {
    expect_heard("*3\r\n$4\r\nAUTH\r\n$1\r\na\r\n$1\r\nb\r\n", {{"AUTH", "a", "b"}}, {}, false);
    expect_heard("*17\r\n", {{"[invalid multibulk length]"}}, {}, false);
    expect_heard("*1\r\n$16385\r\n", {{"[invalid bulk length]"}}, {}, false);
}

TEST(command_parser, tells_how_much_of_an_argument_is_to_come) {
    command_parser parser({});
    EXPECT_EQ(parser.parse("*2\r\n$3\r\nSET\r\n$1000\r\nab"), outcome::incomplete);
    EXPECT_EQ(parser.awaited(), 1000u);
}

}  // namespace
}  // namespace hawser::store::resp
