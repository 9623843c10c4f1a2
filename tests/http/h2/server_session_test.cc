// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <string>

#include "client.h"
#include "http/h2/body.h"

namespace hawser::http::h2 {
namespace {

constexpr std::string_view ok =
    "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nConnection: x\r\n\r\n";

TEST(h2_server_session, announces_its_limits_first) {
    client fresh;
    session other(session::role::server, {});
    std::string out(1000, '\0');
    out.resize(other.produce(out));
    const auto frames = read_frames(out);
    ASSERT_EQ(frames[0].head.type, frame_type::settings);
    EXPECT_NE(frames[0].payload.find(setting(3, 100)), std::string::npos);
    EXPECT_NE(frames[0].payload.find(setting(4, 65536)), std::string::npos);
    EXPECT_NE(frames[0].payload.find(setting(8, 1)), std::string::npos);
    ASSERT_EQ(frames[1].head.type, frame_type::window_update);
    EXPECT_EQ(frames[1].word_at(0), 1024u * 1024 - 65535);
}

TEST(h2_server_session, e2_serves_a_request_however_it_is_cut) {
    client one;
    one.say_bytewise(one.out.headers(1, get("/x"), flag_end_stream));
    stream* const asked = one.arrived();
    ASSERT_NE(asked, nullptr);
    EXPECT_TRUE(asked->has_ended());
    EXPECT_EQ(asked->take_head().text, "GET /x HTTP/1.1\r\nhost: a\r\n\r\n");

    one.served.send_head(*asked, ok, false);
    EXPECT_EQ(one.served.send(*asked, "hello"), 5u);
    one.served.finish(*asked, "");
    const auto frames = one.hear();
    ASSERT_EQ(frames.size(), 2u);
    EXPECT_EQ(one.in.read(frames[0].payload),
              (fields{{":status", "200"}, {"content-type", "text/plain"}}));
    EXPECT_EQ(frames[1].payload, "hello");
    EXPECT_TRUE(frames[1].head.has(flag_end_stream));
    EXPECT_TRUE(asked->is_sent());
    EXPECT_TRUE(asked->is_closed());
    one.served.release(*asked);
    EXPECT_EQ(one.served.open_streams(), 0u);
}

TEST(h2_server_session, gives_the_body_and_then_its_end) {
    client one;
    one.ask(1, post({{"content-length", "5"}}), 0);
    stream* const asked = one.arrived();
    request_head head;
    const auto from = asked->take_head();
    ASSERT_EQ(read_request_head(from, head, {}), std::nullopt);
    body_reader body(head);
    one.say(data(1, "he"));
    ASSERT_EQ(one.served.next_stirred(), asked);
    EXPECT_EQ(body.take(*asked).payload.size(), 2u);
    one.served.consume(*asked, 2);
    one.say(data(1, "llo", flag_end_stream));
    const auto step = body.take(*asked);
    EXPECT_TRUE(step.done);
    EXPECT_EQ(std::string(step.payload.data(), step.payload.size()), "llo");
}

TEST(h2_server_session, e99_finds_a_wrong_length_before_the_end) {
    for (const auto& [sent, flags] : {std::pair("toolong", 0), std::pair("sh", 1)}) {
        client one;
        one.ask(1, post({{"content-length", "5"}}), 0);
        stream* const asked = one.arrived();
        body_reader body(framing::length, 5);
        one.say(data(1, sent, static_cast<std::uint8_t>(flags)));
        const auto step = body.take(*asked);
        EXPECT_TRUE(step.payload.empty());
        ASSERT_TRUE(step.why.has_value());
        EXPECT_EQ(step.why->cause, "content-length-differs");
    }
}

TEST(h2_server_session, e99_holds_the_last_byte_back_until_the_end) {
    client one;
    one.ask(1, post({{"content-length", "5"}}), 0);
    stream* const asked = one.arrived();
    body_reader body(framing::length, 5);
    one.say(data(1, "hello"));
    EXPECT_EQ(body.take(*asked).payload.size(), 4u);
    one.served.consume(*asked, 4);
    EXPECT_EQ(body.take(*asked).payload.size(), 0u);
    one.say(data(1, "", flag_end_stream));
    const auto last = body.take(*asked);
    EXPECT_TRUE(last.done);
    EXPECT_EQ(last.payload.size(), 1u);
}

TEST(h2_server_session, e99_marks_a_head_that_must_end_empty) {
    client one;
    one.ask(1, post({{"content-length", "00"}}), 0);
    EXPECT_TRUE(one.arrived()->take_head().must_end_empty);
    one.ask(3, post({{"content-length", "0"}}));
    EXPECT_FALSE(one.arrived()->take_head().must_end_empty);
}

TEST(h2_server_session, e102_reads_and_writes_trailers) {
    client one;
    one.ask(1, post(), 0);
    stream* const asked = one.arrived();
    one.say(data(1, "x"));
    one.ask(1, {{"grpc-status", "0"}, {"host", "b"}});
    EXPECT_TRUE(asked->has_ended());
    EXPECT_EQ(asked->trailers(), "grpc-status: 0\r\n");

    one.served.send_head(*asked, ok, false);
    one.served.send(*asked, "y");
    one.served.finish(*asked, "Grpc-Status: 14\r\n");
    const auto frames = one.hear();
    ASSERT_EQ(frames.size(), 3u);
    EXPECT_FALSE(frames[1].head.has(flag_end_stream));
    one.in.read(frames[0].payload);
    EXPECT_EQ(one.in.read(frames[2].payload), (fields{{"grpc-status", "14"}}));
    EXPECT_TRUE(frames[2].head.has(flag_end_stream));
}

TEST(h2_server_session, e102_tells_of_faulty_trailers) {
    client one;
    one.ask(1, post(), 0);
    stream* const asked = one.arrived();
    one.ask(1, {{"x", "a\r\nb: c"}});
    body_reader body(framing::chunked, 0);
    EXPECT_TRUE(body.take(*asked).why.has_value());
}

TEST(h2_server_session, e106_takes_padding_off_and_counts_it) {
    client one;
    one.ask(1, post(), 0);
    stream* const asked = one.arrived();
    constexpr std::uint8_t padded = 0x8;
    for (int i = 0; i < 600; ++i) {
        std::string payload(1, char(200));
        payload += "hi" + std::string(200, '\0');
        one.say(data(1, payload, padded));
        ASSERT_EQ(asked->payload().size(), 2u);
        one.served.consume(*asked, 2);
        one.hear();
    }
    // 600 frames of 203 bytes are more than a window: it was given back, padding included.
    EXPECT_FALSE(one.served.fault().has_value());
}

TEST(h2_server_session, e107_refuses_the_stream_beyond_the_limit) {
    client one;
    for (std::uint32_t i = 0; i < 100; ++i) one.ask(2 * i + 1, get());
    one.hear();
    one.ask(201, get());
    const auto frames = one.hear();
    ASSERT_EQ(frames.size(), 1u);
    EXPECT_EQ(frames[0].head.type, frame_type::rst_stream);
    EXPECT_EQ(frames[0].head.stream, 201u);
    EXPECT_EQ(frames[0].code(), error_code::refused_stream);
    EXPECT_FALSE(one.served.fault().has_value());
    EXPECT_EQ(one.served.open_streams(), 100u);
    // The decoder has stayed in step.
    stream* const last = one.arrived();
    one.served.send_head(*last, ok, true);
    one.hear();
    one.served.release(*last);
    one.ask(203, get("/again"));
    EXPECT_EQ(one.served.open_streams(), 100u);
}

TEST(h2_server_session, e107_counts_no_stream_whose_end_the_client_has_seen) {
    client one;
    std::vector<stream*> all;
    for (std::uint32_t i = 0; i < 100; ++i) {
        one.ask(2 * i + 1, get());
        all.push_back(one.arrived());
    }
    one.served.send_head(*all[0], ok, true);
    EXPECT_TRUE(first(one.hear(), frame_type::headers)->head.has(flag_end_stream));
    one.ask(201, get());  // though the first is not released
    EXPECT_NE(one.arrived(), nullptr);
    EXPECT_EQ(one.served.counted_streams(), 100u);
    one.ask(203, get());
    EXPECT_EQ(first(one.hear(), frame_type::rst_stream)->code(), error_code::refused_stream);
    one.served.release(*all[0]);
    EXPECT_EQ(one.served.counted_streams(), 100u);
}

TEST(h2_server_session, e109_counts_a_reset_stream_until_it_is_released) {
    client one;
    std::vector<stream*> all;
    for (std::uint32_t i = 0; i < 100; ++i) {
        one.ask(2 * i + 1, get());
        all.push_back(one.arrived());
        one.say(rst(2 * i + 1));
    }
    EXPECT_TRUE(all[0]->is_closed());
    EXPECT_EQ(all[0]->closed_with(), error_code::cancel);
    one.ask(201, get());
    EXPECT_EQ(first(one.hear(), frame_type::rst_stream)->code(), error_code::refused_stream);
    one.served.release(*all[0]);
    one.ask(203, get());
    EXPECT_EQ(one.served.open_streams(), 100u);
}

TEST(h2_server_session, e109_begins_nothing_for_a_stream_that_was_reset) {
    client one;
    one.say(one.out.headers(1, get(), flag_end_stream) + rst(1));
    EXPECT_EQ(one.served.next_stirred(), nullptr);
    EXPECT_EQ(one.served.open_streams(), 0u);
}

TEST(h2_server_session, e108_ends_a_rapid_reset) {
    client one;
    std::string flood;
    for (std::uint32_t i = 0; i < 1000; ++i)
        flood += one.out.headers(2 * i + 1, get(), flag_end_stream) + rst(2 * i + 1);
    one.say(flood);
    ASSERT_TRUE(one.served.fault().has_value());
    EXPECT_EQ(one.served.fault()->cause, "h2-reset-flood");
    const auto frames = one.hear();
    ASSERT_EQ(frames.back().head.type, frame_type::goaway);
    EXPECT_EQ(frames.back().code(), error_code::enhance_your_calm);
    EXPECT_EQ(one.served.next_stirred(), nullptr);
}

TEST(h2_server_session, e110_counts_what_it_is_made_to_reset) {
    client one;
    for (std::uint32_t i = 0; i < 300 && !one.served.fault(); ++i) {
        const std::uint32_t id = 2 * i + 1;
        one.ask(id, get());
        stream* const asked = one.arrived();
        one.say(window_update(id, 0x7fffffff));  // beyond the largest window
        if (one.served.fault()) break;
        ASSERT_NE(first(one.hear(), frame_type::rst_stream), nullptr);
        one.served.release(*asked);
    }
    ASSERT_TRUE(one.served.fault().has_value());
    EXPECT_EQ(one.served.fault()->cause, "h2-reset-flood");
}

TEST(h2_server_session, e112_stays_in_step_with_a_head_that_is_too_large) {
    client one;
    fields bomb = get();
    for (int i = 0; i < 90; ++i) bomb.emplace_back("x-bomb", std::string(3000, 'b'));
    one.ask(1, bomb);
    EXPECT_EQ(one.arrived()->take_head().why->status, 431u);
    one.ask(3, get("/after"));
    EXPECT_EQ(one.arrived()->take_head().text, "GET /after HTTP/1.1\r\nhost: a\r\n\r\n");
}

TEST(h2_server_session, e113_holds_no_more_acknowledgements_than_it_may) {
    client one;
    std::string flood;
    for (int i = 0; i < 150; ++i) flood += ping();
    one.say(flood);
    ASSERT_TRUE(one.served.fault().has_value());
    EXPECT_EQ(one.served.fault()->cause, "h2-acknowledgement-flood");
    EXPECT_EQ(one.hear().back().code(), error_code::enhance_your_calm);
}

TEST(h2_server_session, e114_counts_frames_of_padding_alone) {
    client one;
    one.ask(1, post(), 0);
    one.arrived();
    const std::string nothing = data(1, std::string(1, '\0'), 0x8);
    for (int i = 0; i < 100; ++i) one.say(nothing);
    EXPECT_FALSE(one.served.fault().has_value());
    one.say(nothing);
    EXPECT_EQ(one.served.fault()->cause, "h2-empty-frame-flood");
}

TEST(h2_server_session, e115_reads_nothing_ahead_beyond_its_bounds) {
    client one;
    one.say(settings(setting(4, 0)));  // every stream's window is closed
    std::size_t held = 0;
    std::vector<stream*> all;
    for (std::uint32_t i = 0; i < 100; ++i) {
        one.ask(2 * i + 1, get());
        all.push_back(one.arrived());
        one.served.send_head(*all.back(), ok, false);
        const std::size_t taken = one.served.send(*all.back(), std::string(100'000, 'x'));
        EXPECT_LE(taken, limits::h2_read_ahead_of_stream);
        EXPECT_GE(taken, limits::h2_read_ahead_share);
        held += taken;
    }
    EXPECT_LE(held, limits::h2_read_ahead);
    for (const auto& each : one.hear()) EXPECT_NE(each.head.type, frame_type::data);

    // Whose window opens goes on, whatever the others do.
    while (one.served.next_stirred() != nullptr) {
    }
    one.say(window_update(199, 1000));
    EXPECT_EQ(first(one.hear(), frame_type::data)->payload.size(), 1000u);
    EXPECT_EQ(one.served.next_stirred(), all.back());
    EXPECT_EQ(one.served.room(*all.back()), 1000u);
    for (stream* each : all) one.served.release(*each);
}

TEST(h2_server_session, e116_opens_windows_only_as_data_is_consumed) {
    client one;
    one.ask(1, post(), 0);
    stream* const asked = one.arrived();
    const std::string part(16 * 1024, 'x');
    for (int i = 0; i < 4; ++i) one.say(data(1, part));
    EXPECT_EQ(asked->payload().size(), 64u * 1024);
    for (const auto& each : one.hear()) EXPECT_NE(each.head.type, frame_type::window_update);
    one.served.consume(*asked, 64 * 1024);
    const auto frames = one.hear();
    ASSERT_NE(first(frames, frame_type::window_update), nullptr);
    EXPECT_EQ(first(frames, frame_type::window_update)->head.stream, 1u);
}

TEST(h2_server_session, e116_holds_a_client_to_its_window) {
    client one;
    one.ask(1, post(), 0);
    stream* const asked = one.arrived();
    const std::string part(16 * 1024, 'x');
    for (int i = 0; i < 5; ++i) one.say(data(1, part));
    EXPECT_TRUE(asked->is_closed() || first(one.hear(), frame_type::rst_stream)->code() ==
                                          error_code::flow_control_error);
}

struct fault_case {
    std::string bytes;
    error_code code;
};

TEST(h2_server_session, e117_answers_faults_with_the_rfcs_codes) {
    using enum error_code;
    const std::string headers = compressor().headers(1, get(), 0);
    const std::vector<fault_case> cases{
        {data(0, "x"), protocol_error},                                       // stream 0
        {data(1, "x"), protocol_error},                                       // idle stream
        {rst(1), protocol_error},                                             // idle stream
        {window_update(1, 1), protocol_error},                                // idle stream
        {window_update(0, 0), protocol_error},                                // no increment
        {frame(frame_type::headers, 4, 0, "x"), protocol_error},              // stream 0
        {frame(frame_type::headers, 4, 2, "\x82"), protocol_error},           // even id
        {frame(frame_type::continuation, 4, 1, "x"), protocol_error},         // after nothing
        {frame(frame_type::headers, 0, 1, "\x82") + ping(), protocol_error},  // block torn
        {frame(frame_type::headers, 0, 1, "\x82") + frame(frame_type::continuation, 4, 3, ""),
         protocol_error},
        {frame(frame_type::headers, 4, 1, "\xff\xff\xff\xff\xff\xff"), compression_error},
        {frame(frame_type::headers, 4, 1, "\xc0"), compression_error},  // index beyond the table
        {frame(frame_type::data, 0, 1, std::string(16385, 'x')), frame_size_error},
        {frame(frame_type::ping, 0, 0, "short"), frame_size_error},
        {frame(frame_type::rst_stream, 0, 1, "xxx"), frame_size_error},
        {frame(frame_type::window_update, 0, 0, "xxx"), frame_size_error},
        {frame(frame_type::settings, 0, 0, "xxxxx"), frame_size_error},
        {frame(frame_type::settings, 1, 0, "xxxxxx"), frame_size_error},  // ACK with payload
        {frame(frame_type::settings, 0, 1), protocol_error},
        {frame(frame_type::ping, 0, 1, "01234567"), protocol_error},
        {frame(frame_type::goaway, 0, 1, word(0) + word(0)), protocol_error},
        {frame(frame_type::push_promise, 4, 1, word(2)), protocol_error},
        {settings(setting(4, 0x80000000)), flow_control_error},
        {settings(setting(5, 1)), protocol_error},
        {settings(setting(2, 2)), protocol_error},
        {headers + frame(frame_type::data, 0x8, 1, "\x05hi"), protocol_error},  // too much padding
        {headers + window_update(0, 0x7fffffff), flow_control_error},
    };
    for (std::size_t i = 0; i < cases.size(); ++i) {
        client one;
        one.say(cases[i].bytes);
        const auto frames = one.hear();
        const read_frame* last = first(frames, frame_type::goaway);
        ASSERT_NE(last, nullptr) << "case " << i;
        EXPECT_EQ(last->code(), cases[i].code) << "case " << i;
        ASSERT_TRUE(one.served.fault().has_value()) << "case " << i;
        EXPECT_EQ(one.served.fault()->cause, name_of(cases[i].code)) << "case " << i;
    }
}

TEST(h2_server_session, e117_ends_a_closed_streams_frames) {
    client one;
    one.ask(1, get());
    one.arrived();
    one.say(data(1, "x"));
    EXPECT_EQ(first(one.hear(), frame_type::goaway)->code(), error_code::stream_closed);
}

TEST(h2_server_session, refuses_another_preface) {
    session other(session::role::server, {});
    const std::string bytes = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    other.feed(bytes, {});
    EXPECT_EQ(other.fault()->cause, "h2-bad-preface");
}

TEST(h2_server_session, e118_ends_in_two_steps) {
    client one;
    one.ask(1, get());
    stream* const asked = one.arrived();
    one.served.announce_end();
    auto frames = one.hear();
    const read_frame* notice = first(frames, frame_type::goaway);
    ASSERT_NE(notice, nullptr);
    EXPECT_EQ(notice->word_at(0), 0x7fffffffu);
    EXPECT_EQ(notice->code(), error_code::no_error);
    const read_frame* mark = first(frames, frame_type::ping);
    ASSERT_NE(mark, nullptr);

    one.ask(3, get());  // was on its way
    EXPECT_NE(one.arrived(), nullptr);
    one.say(frame(frame_type::ping, flag_ack, 0, mark->payload));
    frames = one.hear();
    ASSERT_NE(first(frames, frame_type::goaway), nullptr);
    EXPECT_EQ(first(frames, frame_type::goaway)->word_at(0), 3u);
    one.ask(5, get());
    EXPECT_EQ(one.arrived(), nullptr);

    one.served.send_head(*asked, ok, true);
    EXPECT_NE(first(one.hear(), frame_type::headers), nullptr);
    EXPECT_FALSE(one.served.fault().has_value());
}

TEST(h2_server_session, e103_cuts_one_stream_only) {
    client one;
    one.ask(1, get());
    one.ask(3, get());
    stream* const cut = one.arrived();
    stream* const other = one.arrived();
    one.served.send_head(*cut, ok, false);
    one.served.send(*cut, "half");
    one.hear();
    one.served.release(*cut, error_code::internal_error);
    one.served.send_head(*other, ok, true);
    const auto frames = one.hear();
    EXPECT_EQ(first(frames, frame_type::rst_stream)->code(), error_code::internal_error);
    EXPECT_NE(first(frames, frame_type::headers), nullptr);
}

TEST(h2_server_session, e104_passes_interim_answers_before_the_final_one) {
    client one;
    one.ask(1, get());
    stream* const asked = one.arrived();
    one.served.send_head(*asked, "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n", false);
    one.served.send_head(*asked, "HTTP/1.1 204 No Content\r\n\r\n", true);
    const auto frames = one.hear();
    ASSERT_EQ(frames.size(), 2u);
    EXPECT_EQ(one.in.read(frames[0].payload), (fields{{":status", "103"}, {"link", "x"}}));
    EXPECT_FALSE(frames[0].head.has(flag_end_stream));
    EXPECT_EQ(one.in.read(frames[1].payload), (fields{{":status", "204"}}));
    EXPECT_TRUE(frames[1].head.has(flag_end_stream));
}

TEST(h2_server_session, sends_the_same_bytes_into_any_room) {
    client one;
    one.ask(1, get());
    stream* const asked = one.arrived();
    one.served.send_head(*asked, ok, false);
    std::string sent;
    std::string heard;
    for (int i = 0; i < 10; ++i) {
        const std::string part(5000, char('a' + i));
        sent += part;
        EXPECT_EQ(one.served.send(*asked, part), part.size());
    }
    one.served.finish(*asked, "");
    for (const auto& each : one.hear(17'000))
        if (each.head.type == frame_type::data) heard += each.payload;
    EXPECT_EQ(heard, sent);
    EXPECT_TRUE(asked->is_sent());
}

TEST(h2_server_session, lets_streams_take_turns) {
    client one;
    for (std::uint32_t id : {1U, 3U}) {
        one.ask(id, get());
        stream* const asked = one.arrived();
        one.served.send_head(*asked, ok, false);
        one.served.send(*asked, std::string(32 * 1024, 'x'));
    }
    std::vector<std::uint32_t> order;
    for (const auto& each : one.hear())
        if (each.head.type == frame_type::data) order.push_back(each.head.stream);
    EXPECT_NE(order.front(), order[1]);
}

TEST(h2_server_session, e65_knows_whether_the_handshake_is_over) {
    session other(session::role::server, {});
    EXPECT_FALSE(other.has_settings());
    const std::string bytes = std::string(preface) + settings();
    other.feed(bytes, {});
    EXPECT_TRUE(other.has_settings());
}

}  // namespace
}  // namespace hawser::http::h2
