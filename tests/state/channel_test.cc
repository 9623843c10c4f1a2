// SPDX-License-Identifier: Apache-2.0
#include "state/channel.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <thread>

#include "base/limits.h"
#include "io/passing.h"

namespace hawser::state {
namespace {

using namespace std::chrono_literals;

steady_time soon() { return read_clocks().steady + 5s; }

bytes text_of(std::string_view text) { return {text.begin(), text.end()}; }

/// Two processes' ends; what is sent raw does not follow the protocol.
struct pair_of_ends {
    pair_of_ends() : ends(*channel::make()) {}

    void send_raw(std::string_view text) {
        ASSERT_EQ(::send(ends.first.descriptor(), text.data(), text.size(), MSG_NOSIGNAL),
                  ssize_t(text.size()));
    }

    std::pair<channel, channel> ends;
};

TEST(state_channel, a_message_arrives_whole_and_in_order) {
    pair_of_ends at;
    const bytes large(limits::state_block_max, 7);
    std::jthread sends([&] {
        ASSERT_TRUE(at.ends.first.send(word::hello, text_of("one"), soon()).has_value());
        ASSERT_TRUE(at.ends.first.send(word::sessions, large, soon()).has_value());
        ASSERT_TRUE(at.ends.first.send(word::go, soon()).has_value());
    });
    const auto hello = at.ends.second.receive(soon());
    ASSERT_TRUE(hello.has_value());
    EXPECT_EQ(hello->what, word::hello);
    EXPECT_EQ(hello->text, text_of("one"));
    EXPECT_EQ(at.ends.second.receive(soon())->text, large);
    EXPECT_EQ(at.ends.second.receive(soon())->what, word::go);
}

TEST(state_channel, descriptors_come_with_their_message) {
    pair_of_ends at;
    std::array<int, 2> pipe{};
    ASSERT_EQ(::pipe(pipe.data()), 0);
    ASSERT_TRUE(at.ends.first.send(word::sockets, text_of("x"), soon(), pipe).has_value());
    ASSERT_TRUE(at.ends.first.send(word::sockets_end, soon()).has_value());
    ::close(pipe[0]);
    auto told = at.ends.second.receive(soon());
    ASSERT_TRUE(told.has_value());
    ASSERT_EQ(told->descriptors.size(), 2u);
    ASSERT_EQ(::write(told->descriptors[1].number(), "y", 1), 1);
    char read = 0;
    ASSERT_EQ(::read(told->descriptors[0].number(), &read, 1), 1);
    EXPECT_EQ(read, 'y');
    EXPECT_TRUE(at.ends.second.receive(soon())->descriptors.empty());
    ::close(pipe[1]);
}

TEST(state_channel, the_end_of_the_other_process_is_seen_at_any_byte) {
    const std::string whole("\0\0\0\2\5ab", 7);
    for (std::size_t size = 0; size < whole.size(); ++size) {
        pair_of_ends at;
        at.send_raw(std::string_view(whole).substr(0, size));
        at.ends.first.interrupt();
        EXPECT_EQ(at.ends.second.receive(soon()).error().code, errc::end_of_stream) << size;
    }
}

TEST(state_channel, silence_ends_at_the_deadline) {
    pair_of_ends at;
    EXPECT_EQ(at.ends.second.receive(read_clocks().steady + 10ms).error().code, errc::timed_out);
}

TEST(state_channel, a_peer_that_does_not_read_holds_nobody_for_ever) {
    pair_of_ends at;
    const bytes large(limits::state_block_max, 7);
    result<> sent;
    for (int i = 0; sent && i < 1000; ++i)
        sent = at.ends.first.send(word::sessions, large, read_clocks().steady + 10ms);
    ASSERT_FALSE(sent.has_value());
    EXPECT_EQ(sent.error().code, errc::timed_out);
}

TEST(state_channel, what_is_too_long_or_unknown_is_refused_before_it_is_read) {
    for (const auto& wrong : {std::string("\0\1\0\1\5", 5), std::string("\xff\xff\xff\xff\5", 5),
                              std::string("\0\0\0\0\0", 5), std::string("\0\0\0\0\x7f", 5)}) {
        pair_of_ends at;
        at.send_raw(wrong);
        EXPECT_EQ(at.ends.second.receive(soon()).error().code, errc::malformed);
    }
}

TEST(state_channel, a_word_at_the_wrong_time_is_an_error_and_a_failure_says_why) {
    pair_of_ends at;
    ASSERT_TRUE(at.ends.first.send(word::accepting, soon()).has_value());
    ASSERT_TRUE(at.ends.first.send(word::failed, text_of("no port"), soon()).has_value());
    EXPECT_EQ(at.ends.second.expect(word::prepared, soon()).error().code, errc::malformed);
    EXPECT_EQ(at.ends.second.expect(word::prepared, soon()).error().context, "no port");
}

TEST(state_channel, an_interrupt_ends_a_wait) {
    pair_of_ends at;
    std::jthread ends([&] { at.ends.second.interrupt(); });
    EXPECT_EQ(at.ends.second.receive(no_deadline).error().code, errc::end_of_stream);
}

}  // namespace
}  // namespace hawser::state
