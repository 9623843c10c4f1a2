// SPDX-License-Identifier: Apache-2.0
#include "observe/log.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <thread>
#include <vector>

#include "base/limits.h"
#include "observe/places.h"

namespace hawser::observe {
namespace {

using namespace std::chrono_literals;

/// The process's log, in a folder of the test's own while the test runs.
class error_log : public testing::Test {
  protected:
    error_log() { open(level::info); }
    ~error_log() override { EXPECT_TRUE(open_log({.output = "stderr"})); }

    void open(level least) {
        EXPECT_TRUE(open_log({.output = folder_.path_of("log"), .least = least}));
    }

    std::string content() {
        flush_log(10s);
        return folder_.content_of("log");
    }

    test_folder folder_;
};

TEST_F(error_log, writes_time_level_and_message) {
    log(level::notice, "reload done");
    const auto line = content();
    EXPECT_EQ(line.substr(23), "Z notice reload done\n");
    EXPECT_EQ(line[10], 'T');
}

TEST_F(error_log, writes_nothing_below_its_level) {
    log(level::debug, "detail");
    EXPECT_FALSE(is_logged(level::debug));
    EXPECT_TRUE(is_logged(level::info));
    EXPECT_EQ(content(), "");

    open(level::debug);
    log(level::debug, "detail");
    EXPECT_NE(content().find(" debug detail\n"), std::string::npos);
}

TEST_F(error_log, e4_encodes_what_would_break_a_line) {
    log(level::warn, "two\r\nlines and \x1b[31m red");
    const auto line = content();
    EXPECT_NE(line.find("two\\x0D\\x0Alines and \\x1B[31m red\n"), std::string::npos);
    EXPECT_EQ(std::ranges::count(line, '\n'), 1);
}

TEST_F(error_log, cuts_an_endless_message) {
    log(level::warn, std::string(100'000, 'x'));
    EXPECT_LT(content().size(), limits::log_message_max + 100);
}

TEST_F(error_log, leaves_out_what_repeats_itself) {
    const auto before = count_log().left_out;
    for (int count = 0; count < 1000; ++count)
        log_sparsely(level::error, "leaves_out", "server a refused");
    EXPECT_EQ(std::ranges::count(content(), '\n'), limits::log_alike_max);
    EXPECT_EQ(count_log().left_out - before, 1000 - limits::log_alike_max);
}

TEST_F(error_log, goes_on_in_a_new_file_after_a_rename) {
    log(level::notice, "before");
    EXPECT_NE(content().find("before"), std::string::npos);
    folder_.rename("log", "log.1");
    reopen_log();
    log(level::notice, "after");
    EXPECT_NE(content().find("after"), std::string::npos);
    EXPECT_EQ(folder_.content_of("log.1").find("after"), std::string::npos);
}

TEST_F(error_log, keeps_what_it_has_when_it_cannot_open_another) {
    EXPECT_FALSE(open_log({.output = "/nowhere/at/all.log"}));
    log(level::notice, "still here");
    EXPECT_NE(content().find("still here"), std::string::npos);
}

TEST_F(error_log, e166_a_blocked_pipe_delays_nobody_and_every_loss_is_counted) {
    constexpr std::uint64_t sent = 5'000;
    const fifo pipe(folder_.path_of("pipe"));
    flush_log(10s);
    const auto before = count_log();
    ASSERT_TRUE(open_log({.output = pipe.path(), .least = level::info}));
    for (std::uint64_t count = 0; count < sent; ++count) log(level::warn, std::string(100, 'x'));
    flush_log(10s);

    const auto after = count_log();
    EXPECT_GT(after.dropped, before.dropped);
    ASSERT_TRUE(open_log({.output = folder_.path_of("log")}));
    EXPECT_EQ(count_log().written + count_log().dropped - before.written - before.dropped, sent);
}

TEST_F(error_log, takes_messages_from_many_threads) {
    std::vector<std::thread> threads;
    threads.reserve(4);
    for (int thread = 0; thread < 4; ++thread)
        threads.emplace_back([] {
            for (int count = 0; count < 100; ++count) log(level::notice, "one of many");
        });
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(std::ranges::count(content(), '\n'), 400);
}

TEST(level, a_name_finds_its_level) {
    for (const auto each : {level::error, level::warn, level::notice, level::info, level::debug})
        EXPECT_EQ(level_named(name_of(each)), each);
    EXPECT_EQ(level_named("fatal"), std::nullopt);
}

}  // namespace
}  // namespace hawser::observe
