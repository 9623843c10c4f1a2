// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "async/event.h"
#include "async/sleep.h"
#include "async/with.h"
#include "io/ground.h"

/// What every stream promises. Whoever includes this says first, as `STREAM_PROMISES(promise)`, of
/// which streams, by `STREAM_PROMISES_ON`.

namespace hawser::io {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t much = 8 * 1024 * 1024;  // more than any socket's buffers take

/// Recognizably different at each place.
std::string long_text(std::size_t size) {
    std::string text(size, '\0');
    for (std::size_t i = 0; i < size; ++i) text[i] = char('a' + (i * 7 + i / 1000) % 26);
    return text;
}

std::string text_of(const result<std::span<char>>& some) {
    return some ? std::string(some->data(), some->size()) : std::string(name_of(some.error().code));
}

task<> write_and_end(stream& to, std::string what) {
    EXPECT_TRUE((co_await to.write(pieces(what))).has_value());
    to.shut_down_writing();
}

// ---- bytes and ends -------------------------------------------------------------------------

STREAM_PROMISES(bytes_come_in_order_and_then_the_end) {
    auto [client, server] = co_await here.connect();
    scope writing;
    writing.spawn(write_and_end(*client, long_text(much)));

    const auto all = co_await read_all(*server);

    EXPECT_EQ(all.why, errc::end_of_stream);
    EXPECT_TRUE(all.bytes == long_text(much));
    co_await writing.join();
}

STREAM_PROMISES(the_pieces_of_a_write_come_as_one_run) {
    auto [client, server] = co_await here.connect();
    EXPECT_TRUE((co_await client->write(pieces("GET ", "", "/", " HTTP/1.1\r\n"))).has_value());
    client->shut_down_writing();
    EXPECT_EQ((co_await read_all(*server)).bytes, "GET / HTTP/1.1\r\n");
}

STREAM_PROMISES(a_read_takes_no_more_than_its_limit) {
    auto [client, server] = co_await here.connect();
    scope writing;
    writing.spawn(write_and_end(*client, long_text(1000)));
    std::string all;
    for (auto some = co_await server->read(7); some; some = co_await server->read(7)) {
        EXPECT_LE(some->size(), 7u);
        all.append(some->data(), some->size());
    }
    EXPECT_EQ(all, long_text(1000));
    co_await writing.join();
}

STREAM_PROMISES(an_end_is_told_again_and_again) {
    auto [client, server] = co_await here.connect();
    client->shut_down_writing();
    EXPECT_EQ(text_of(co_await server->read()), name_of(errc::end_of_stream));
    EXPECT_EQ(text_of(co_await server->read()), name_of(errc::end_of_stream));
}

STREAM_PROMISES(an_ended_side_still_reads) {
    auto [client, server] = co_await here.connect();
    client->shut_down_writing();
    EXPECT_EQ(text_of(co_await server->read()), name_of(errc::end_of_stream));
    EXPECT_TRUE((co_await server->write(pieces("l"))).has_value());
    EXPECT_EQ(text_of(co_await client->read()), "l");
}

STREAM_PROMISES(destroying_a_stream_is_an_end_in_order) {
    auto [client, server] = co_await here.connect();
    EXPECT_TRUE((co_await client->write(pieces("bye"))).has_value());
    client.reset();

    const auto all = co_await read_all(*server);

    EXPECT_EQ(all.bytes, "bye");
    EXPECT_EQ(all.why, errc::end_of_stream);
    EXPECT_FALSE(server->was_reset());
}

STREAM_PROMISES(a_reset_is_not_an_end) {
    auto [client, server] = co_await here.connect();
    client->reset_on_close();
    client.reset();
    EXPECT_EQ(text_of(co_await server->read()), name_of(errc::reset));
    EXPECT_TRUE(server->was_reset());
}

STREAM_PROMISES(closing_with_unread_bytes_is_a_reset) {
    auto [client, server] = co_await here.connect();
    EXPECT_TRUE((co_await server->write(pieces("unread"))).has_value());
    while (!client->has_input()) co_await sleep_for(1ms);
    client.reset();
    EXPECT_EQ(text_of(co_await server->read()), name_of(errc::reset));
}

STREAM_PROMISES(writing_to_a_reset_connection_fails) {
    auto [client, server] = co_await here.connect();
    client->reset_on_close();
    client.reset();
    EXPECT_FALSE((co_await server->read()).has_value());
    EXPECT_EQ((co_await server->write(pieces("x"))).error().code, errc::reset);
}

// ---- backpressure ---------------------------------------------------------------------------

STREAM_PROMISES(a_write_larger_than_the_socket_takes_keeps_the_remainder) {
    auto [client, server] = co_await here.connect();
    std::string text = long_text(much);
    scope writing;
    writing.spawn([](stream& to, std::string& what) -> task<> {
        EXPECT_TRUE((co_await to.write(pieces(what))).has_value());
        to.shut_down_writing();
    }(*client, text));
    co_await sleep_for(5ms);
    EXPECT_GT(client->unsent(), 0u);
    std::ranges::fill(text, '!');  // the writer's bytes need not last longer

    EXPECT_TRUE((co_await read_all(*server)).bytes == long_text(much));
    co_await writing.join();
}

STREAM_PROMISES(a_reader_that_rests_holds_its_writer_back) {
    auto [client, server] = co_await here.connect();
    scope writing;
    writing.spawn(write_and_end(*client, long_text(much)));
    co_await sleep_for(20ms);
    EXPECT_GT(client->unsent(), 0u);
    EXPECT_LT(client->unsent(), much);

    EXPECT_EQ((co_await read_all(*server)).bytes.size(), much);
    co_await writing.join();
    EXPECT_EQ(client->unsent(), 0u);
}

// ---- limits of time, and stops ----------------------------------------------------------------

STREAM_PROMISES(a_read_ends_at_its_deadline) {
    auto [client, server] = co_await here.connect();
    const auto some = co_await with_deadline(10ms, server->read());
    EXPECT_EQ(text_of(some), name_of(errc::timed_out));
}

STREAM_PROMISES(a_read_that_timed_out_can_be_tried_again) {
    auto [client, server] = co_await here.connect();
    EXPECT_FALSE((co_await with_deadline(5ms, server->read())).has_value());
    EXPECT_TRUE((co_await client->write(pieces("n"))).has_value());
    EXPECT_EQ(text_of(co_await server->read()), "n");
}

STREAM_PROMISES(the_idle_limit_of_a_write_ends_one_that_stands_still) {
    auto [client, server] = co_await here.connect();
    const auto text = long_text(much);
    const auto sent = co_await with_idle_limit(10ms, client->write(pieces(text)));
    EXPECT_EQ(sent.error().code, errc::timed_out);
    EXPECT_EQ(client->unsent(), 0u);
}

STREAM_PROMISES(a_stop_wakes_reader_and_writer) {
    auto [client, server] = co_await here.connect();
    stop_source stop;
    const context conditions{.stop = &stop};
    scope both(conditions);
    both.spawn([](stream& from) -> task<> {
        EXPECT_EQ(text_of(co_await from.read()), name_of(errc::cancelled));
    }(*client));
    both.spawn([](stream& to) -> task<> {
        const auto text = long_text(much);
        EXPECT_EQ((co_await to.write(pieces(text))).error().code, errc::cancelled);
    }(*client));
    co_await sleep_for(5ms);

    stop.stop();
    co_await both.join();
}

STREAM_PROMISES(a_stopped_scope_neither_reads_nor_writes) {
    auto [client, server] = co_await here.connect();
    EXPECT_TRUE((co_await client->write(pieces("there"))).has_value());
    stop_source stop;
    stop.stop();
    EXPECT_EQ(text_of(co_await with_stop(stop, server->read())), name_of(errc::cancelled));
    EXPECT_EQ((co_await with_stop(stop, server->write(pieces("x")))).error().code, errc::cancelled);
}

STREAM_PROMISES(a_reset_stops_whom_it_was_told_to) {
    auto [client, server] = co_await here.connect();
    stop_source stop;
    server->stop_on_reset(&stop);
    client->reset_on_close();
    client.reset();
    const auto slept = co_await with_stop(stop, sleep_for(10s));
    EXPECT_EQ(slept.error().code, errc::cancelled);

    stop_source late;
    server->stop_on_reset(&late);
    EXPECT_TRUE(late.is_stopped());
}

STREAM_PROMISES(an_end_in_order_stops_nobody) {
    auto [client, server] = co_await here.connect();
    stop_source stop;
    server->stop_on_reset(&stop);
    client->shut_down_writing();
    EXPECT_EQ(text_of(co_await server->read()), name_of(errc::end_of_stream));
    EXPECT_FALSE(stop.is_stopped());
    server->stop_on_reset(nullptr);
}

// ---- streams that nobody reads --------------------------------------------------------------

/// Tells a coroutine that something stirred.
class guard final : public watcher {
  public:
    event stirred_once;

  private:
    void stirred(stream&) override { stirred_once.set(); }
};

STREAM_PROMISES(a_watched_stream_tells_of_stray_bytes) {
    auto [client, server] = co_await here.connect();
    guard on_it;
    server->watch(&on_it, no_deadline);
    EXPECT_TRUE(server->is_quiet());

    EXPECT_TRUE((co_await client->write(pieces("stray"))).has_value());

    EXPECT_TRUE((co_await on_it.stirred_once.wait()).has_value());
    EXPECT_FALSE(server->is_quiet());
}

STREAM_PROMISES(a_watched_stream_tells_of_its_end) {
    auto [client, server] = co_await here.connect();
    guard on_it;
    server->watch(&on_it, no_deadline);
    client.reset();
    EXPECT_TRUE((co_await on_it.stirred_once.wait()).has_value());
    EXPECT_FALSE(server->is_quiet());
}

STREAM_PROMISES(a_watched_stream_tells_that_its_time_is_over) {
    auto [client, server] = co_await here.connect();
    guard on_it;
    server->watch(&on_it, here.on().turns().now().steady + 10ms);
    EXPECT_TRUE((co_await on_it.stirred_once.wait()).has_value());
    EXPECT_TRUE(server->is_quiet());
}

STREAM_PROMISES(a_stream_that_is_not_watched_any_more_tells_nothing) {
    auto [client, server] = co_await here.connect();
    guard on_it;
    server->watch(&on_it, here.on().turns().now().steady + 10ms);
    server->watch(nullptr, no_deadline);
    EXPECT_TRUE((co_await client->write(pieces("x"))).has_value());
    EXPECT_EQ(text_of(co_await server->read()), "x");
    co_await sleep_for(20ms);
    EXPECT_FALSE(on_it.stirred_once.is_set());
}

STREAM_PROMISES(e69_input_that_came_on_a_kept_connection_is_seen_without_waiting) {
    auto [client, server] = co_await here.connect();
    EXPECT_FALSE(server->has_input());
    EXPECT_TRUE((co_await client->write(pieces("x"))).has_value());
    while (!server->has_input()) co_await sleep_for(1ms);
    EXPECT_EQ(text_of(co_await server->read()), "x");
    EXPECT_FALSE(server->has_input());
}

// ---- turns and the hot buffer -----------------------------------------------------------------

STREAM_PROMISES(e57_a_busy_connection_lets_others_have_their_turn) {
    auto [client, server] = co_await here.connect();
    scope beside;
    beside.spawn(write_and_end(*client, long_text(4096)));
    while (!server->has_input()) co_await sleep_for(1ms);
    co_await sleep_for(5ms);  // all of it is there

    unsigned reads_of_turn = 0;
    auto turn = here.on().turns().turn();
    for (auto some = co_await server->read(1); some; some = co_await server->read(1)) {
        const auto now = here.on().turns().turn();
        reads_of_turn = now == turn ? reads_of_turn + 1 : 1;
        turn = now;
        EXPECT_LE(reads_of_turn, limits::reads_per_turn_max + 1);
    }
    co_await beside.join();
}

STREAM_PROMISES(all_streams_of_a_worker_read_into_one_buffer) {
    auto first = co_await here.connect();
    auto second = co_await here.connect();
    EXPECT_TRUE((co_await first.client->write(pieces("1"))).has_value());
    EXPECT_TRUE((co_await second.client->write(pieces("2"))).has_value());
    const auto one = co_await first.server->read();
    const char* const lent = one->data();
    EXPECT_EQ(text_of(one), "1");
    const auto two = co_await second.server->read();
    EXPECT_EQ(text_of(two), "2");
    EXPECT_EQ(two->data(), lent);
}

STREAM_PROMISES(both_ends_know_their_addresses) {
    auto [client, server] = co_await here.connect();
    EXPECT_EQ(client->peer(), here.address());
    EXPECT_EQ(server->local(), here.address());
    EXPECT_EQ(client->local(), server->peer());
}

}  // namespace
}  // namespace hawser::io
