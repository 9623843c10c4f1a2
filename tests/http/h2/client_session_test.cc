// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <string>

#include "frames.h"
#include "http/h2/body.h"
#include "http/h2/session.h"

namespace hawser::http::h2 {
namespace {

/// A server that writes its frames by hand, and the session that asks it.
class server {
  public:
    server() {
        const auto greeting = hear_bytes();
        EXPECT_TRUE(greeting.starts_with(preface));
        EXPECT_EQ(read_frames(std::string_view(greeting).substr(preface.size()))[0].head.type,
                  frame_type::settings);
        say(settings());
    }

    void say(std::string_view bytes) { asks.feed({bytes.data(), bytes.size()}, {}); }
    void answer(const stream& to, const fields& what, std::uint8_t flags) {
        say(out.headers(static_cast<std::uint32_t>(to.id()), what, flags));
    }
    std::string hear_bytes() {
        std::string bytes;
        std::string into(64 * 1024, '\0');
        while (const std::size_t size = asks.produce(into)) bytes.append(into, 0, size);
        return bytes;
    }
    std::vector<read_frame> hear() { return read_frames(hear_bytes()); }

    stream& ask(bool is_last = true) {
        stream& made = asks.open("GET /x HTTP/1.1\r\nHost: a\r\nX-A: b\r\n\r\n", "http", is_last);
        made.listen(&nobody);
        return made;
    }

    struct : stream_listener {
        void stirred() noexcept override {}
    } nobody;

    compressor out;
    decompressor in;
    session asks{session::role::client, {.bytes = 65536, .fields = 200}};
};

TEST(h2_client_session, asks_and_reads_the_answer) {
    server one;
    stream& asked = one.ask();
    const auto frames = one.hear();
    const auto& head = frames.back();
    EXPECT_EQ(one.in.read(head.payload), (fields{{":method", "GET"},
                                                 {":scheme", "http"},
                                                 {":authority", "a"},
                                                 {":path", "/x"},
                                                 {"x-a", "b"}}));
    EXPECT_TRUE(head.head.has(flag_end_stream));

    one.answer(asked, {{":status", "103"}, {"link", "x"}}, 0);
    one.answer(asked, {{":status", "200"}}, 0);
    one.say(data(1, "hello"));
    one.answer(asked, {{"grpc-status", "0"}}, flag_end_stream);
    EXPECT_EQ(one.asks.next_stirred(), &asked);
    EXPECT_TRUE(asked.take_head().is_interim);
    EXPECT_EQ(asked.take_head().text, "HTTP/1.1 200 \r\ntransfer-encoding: chunked\r\n\r\n");
    EXPECT_EQ(asked.payload().size(), 5u);
    EXPECT_TRUE(asked.has_ended());
    EXPECT_EQ(asked.trailers(), "grpc-status: 0\r\n");
    one.asks.release(asked);
    EXPECT_EQ(one.asks.open_streams(), 0u);
}

TEST(h2_client_session, sends_a_body_with_trailers) {
    server one;
    stream& asked = one.ask(false);
    EXPECT_EQ(one.asks.send(asked, "hello"), 5u);
    one.asks.finish(asked, "X-Sum: 1\r\n");
    const auto frames = one.hear();
    EXPECT_EQ(first(frames, frame_type::data)->payload, "hello");
    EXPECT_TRUE(frames.back().head.has(flag_end_stream));
    EXPECT_EQ(frames.back().head.type, frame_type::headers);
    EXPECT_TRUE(asked.is_sent());
    one.asks.release(asked);
}

TEST(h2_client_session, e181_tells_what_was_not_processed) {
    server one;
    stream& refused = one.ask();
    stream& served = one.ask();
    stream& beyond = one.ask();
    one.hear();
    one.say(rst(1, error_code::refused_stream));
    EXPECT_EQ(refused.closed_with(), error_code::refused_stream);
    one.say(frame(frame_type::goaway, 0, 0, word(3) + word(0)));
    EXPECT_TRUE(one.asks.peer_is_leaving());
    EXPECT_FALSE(one.asks.can_open());
    EXPECT_TRUE(beyond.is_closed());
    EXPECT_EQ(beyond.closed_with(), error_code::refused_stream);
    EXPECT_FALSE(served.is_closed());
    one.answer(served, {{":status", "200"}}, flag_end_stream);
    EXPECT_TRUE(served.has_head());
    for (stream* each : {&refused, &served, &beyond}) one.asks.release(*each);
}

TEST(h2_client_session, e182_keeps_the_servers_stream_limit) {
    server one;
    one.say(settings(setting(3, 2)));
    stream& one_asked = one.ask();
    stream& second = one.ask();
    EXPECT_FALSE(one.asks.can_open());
    one.asks.release(one_asked);
    EXPECT_TRUE(one.asks.can_open());
    one.asks.release(second);
}

TEST(h2_client_session, e182_refuses_a_push) {
    server one;
    stream& asked = one.ask();
    one.hear();
    one.say(frame(frame_type::settings, flag_ack, 0));
    one.say(frame(frame_type::push_promise, flag_end_headers, 1, word(2) + "\x82"));
    ASSERT_TRUE(one.asks.fault() || one.hear().back().head.type == frame_type::goaway);
    one.asks.release(asked);
}

TEST(h2_client_session, e182_finds_an_answer_of_the_wrong_length) {
    server one;
    stream& asked = one.ask();
    one.hear();
    one.answer(asked, {{":status", "200"}, {"content-length", "5"}}, 0);
    one.say(data(1, "four", flag_end_stream));
    body_reader body(framing::length, 5);
    EXPECT_EQ(body.take(asked).why->cause, "content-length-differs");
    one.asks.release(asked);
}

TEST(h2_client_session, e183_cancels_what_nobody_waits_for) {
    server one;
    stream& asked = one.ask();
    one.hear();
    one.asks.release(asked);
    const auto frames = one.hear();
    ASSERT_EQ(frames.back().head.type, frame_type::rst_stream);
    EXPECT_EQ(frames.back().code(), error_code::cancel);
    // What still comes for it is taken off and forgotten.
    one.say(one.out.headers(1, {{":status", "200"}}, 0) + data(1, "late", flag_end_stream));
    EXPECT_EQ(one.asks.next_stirred(), nullptr);
    EXPECT_FALSE(one.asks.fault().has_value());
}

TEST(h2_client_session, e55_takes_no_end_of_interim_answers) {
    server one;
    stream& asked = one.ask();
    one.hear();
    for (int i = 0; i < 40; ++i) one.answer(asked, {{":status", "103"}}, 0);
    for (int i = 0; i < 32; ++i) EXPECT_FALSE(asked.take_head().why.has_value());
    EXPECT_EQ(asked.take_head().why->status, 502u);
    EXPECT_FALSE(asked.has_head());
    one.asks.release(asked);
}

TEST(h2_client_session, writes_a_websocket_as_an_extended_connect) {
    server one;
    EXPECT_FALSE(one.asks.peer_takes_websockets());
    one.say(settings(setting(8, 1)));
    EXPECT_TRUE(one.asks.peer_takes_websockets());
    stream& asked = one.asks.open(
        "GET /chat HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        "Sec-WebSocket-Key: k\r\nSec-WebSocket-Version: 13\r\n\r\n",
        "http", false);
    EXPECT_EQ(one.in.read(one.hear().back().payload), (fields{{":method", "CONNECT"},
                                                              {":protocol", "websocket"},
                                                              {":scheme", "http"},
                                                              {":authority", "a"},
                                                              {":path", "/chat"},
                                                              {"sec-websocket-version", "13"}}));
    one.asks.release(asked);
}

}  // namespace
}  // namespace hawser::http::h2
