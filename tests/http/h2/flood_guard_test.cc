// SPDX-License-Identifier: Apache-2.0
#include "http/h2/flood_guard.h"

#include <gtest/gtest.h>

#include <string>

#include "frames.h"

namespace hawser::http::h2 {
namespace {

class flood_guard_test : public testing::Test {
  public:
    flood_guard_test() { EXPECT_TRUE(admits("")); }

    bool admits(std::string_view bytes) { return guard.admit(bytes, now) == bytes.size(); }
    bool admits_many(std::string_view bytes, int times) {
        for (int i = 0; i < times; ++i)
            if (!admits(bytes)) return false;
        return true;
    }
    void wait(std::chrono::milliseconds time) { now += time; }

    flood_guard guard{0, limits::h2_header_block_max};
    steady_time now{std::chrono::hours(1)};
};

using std::chrono_literals::operator""s;

TEST_F(flood_guard_test, e108_ends_what_resets_more_than_it_completes) {
    EXPECT_TRUE(admits_many(rst(1), 200));
    EXPECT_FALSE(admits(rst(1)));
    EXPECT_EQ(guard.cause(), "h2-reset-flood");
    EXPECT_FALSE(admits(ping()));
}

TEST_F(flood_guard_test, e108_lets_busy_clients_cancel) {
    for (int i = 0; i < 500; ++i) guard.completed();
    EXPECT_TRUE(admits_many(rst(1), 500));
    EXPECT_FALSE(admits(rst(1)));
}

TEST_F(flood_guard_test, e108_forgets_after_ten_seconds) {
    EXPECT_TRUE(admits_many(rst(1), 200));
    wait(10s);
    EXPECT_TRUE(admits_many(rst(1), 200));
}

TEST_F(flood_guard_test, e110_counts_provoked_resets_beside) {
    EXPECT_TRUE(admits_many(rst(1), 100));
    for (int i = 0; i < 100; ++i) EXPECT_TRUE(guard.provoked_reset());
    EXPECT_FALSE(guard.provoked_reset());
    EXPECT_EQ(guard.cause(), "h2-reset-flood");
}

TEST_F(flood_guard_test, e111_bounds_a_header_block_while_it_arrives) {
    const std::string part(16 * 1024, 'x');
    EXPECT_TRUE(admits(frame(frame_type::headers, 0, 1, part)));
    EXPECT_TRUE(guard.is_within_head());
    EXPECT_TRUE(admits(frame(frame_type::continuation, 0, 1, part)));
    const std::string one_more = frame(frame_type::continuation, flag_end_headers, 1, "x");
    EXPECT_EQ(guard.admit(one_more, now), 0u);
    EXPECT_EQ(guard.cause(), "h2-header-block-too-large");
}

TEST_F(flood_guard_test, e111_bounds_the_continuations_of_a_block) {
    EXPECT_TRUE(admits(frame(frame_type::headers, 0, 1, "x")));
    EXPECT_TRUE(admits_many(frame(frame_type::continuation, 0, 1, "x"), 7));
    EXPECT_TRUE(admits(frame(frame_type::continuation, flag_end_headers, 1)));
    EXPECT_FALSE(guard.is_within_head());
    EXPECT_TRUE(admits(frame(frame_type::headers, 0, 3, "x")));
    EXPECT_TRUE(admits_many(frame(frame_type::continuation, 0, 3, "x"), 8));
    EXPECT_FALSE(admits(frame(frame_type::continuation, 0, 3)));
    EXPECT_EQ(guard.cause(), "h2-continuation-flood");
}

TEST_F(flood_guard_test, e113_bounds_frames_that_ask_for_nothing) {
    const auto unknown = static_cast<frame_type>(0xbb);
    for (const std::string& one :
         {ping(), settings(), window_update(0, 1), frame(frame_type::priority, 0, 3, "12345"),
          frame(unknown, 0, 0, "x"), settings(setting(3, 1))}) {
        guard = flood_guard(0, 1000);
        EXPECT_TRUE(admits_many(one, 1000));
        EXPECT_FALSE(admits(one));
        EXPECT_EQ(guard.cause(), "h2-control-flood");
    }
}

TEST_F(flood_guard_test, e113_counts_large_ones_as_many) {
    std::string large;
    for (int i = 0; i < 32; ++i) large += setting(4, 1);
    EXPECT_TRUE(admits_many(settings(large), 250));
    EXPECT_FALSE(admits(settings(large)));
}

TEST_F(flood_guard_test, e113_starts_anew_with_a_completed_request) {
    EXPECT_TRUE(admits_many(ping(), 1000));
    guard.completed();
    EXPECT_TRUE(admits_many(ping(), 1000));
}

TEST_F(flood_guard_test, e113_takes_what_answers_data_for_granted) {
    for (int i = 0; i < 5000; ++i) guard.moved_data();
    EXPECT_TRUE(admits_many(window_update(0, 1), 10'000));
}

TEST_F(flood_guard_test, e114_bounds_empty_frames) {
    EXPECT_TRUE(admits_many(data(1, ""), 50));
    EXPECT_TRUE(admits_many(data(1, "", flag_end_stream), 200));
    EXPECT_TRUE(admits_many(frame(frame_type::headers, flag_end_headers, 1), 50));
    wait(60s);
    EXPECT_FALSE(admits(data(1, "")));
    EXPECT_EQ(guard.cause(), "h2-empty-frame-flood");
}

TEST_F(flood_guard_test, does_not_care_how_bytes_are_cut) {
    const std::string bytes = frame(frame_type::headers, flag_end_headers, 1, "abc") +
                              data(1, "hello") + data(1, "") + ping();
    for (int i = 0; i < 99; ++i)
        for (const char& byte : bytes) ASSERT_EQ(guard.admit({&byte, 1}, now), 1u);
    EXPECT_TRUE(admits(data(1, "")));
    EXPECT_FALSE(admits(data(1, "")));
}

TEST_F(flood_guard_test, e117_leaves_frames_of_forbidden_size_to_their_own_error) {
    EXPECT_TRUE(admits(frame(frame_type::settings, 0, 0, std::string(100'000, 'x'))));
    EXPECT_EQ(guard.cause(), "");
}

}  // namespace
}  // namespace hawser::http::h2
