// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "async/sleep.h"
#include "async/with.h"
#include "crypto/digest.h"
#include "sessions/resp/door.h"
#include "store/memory.h"
#include "support/sim/sim_test.h"

namespace hawser::sessions::resp {

using namespace std::chrono_literals;
using namespace std::string_literals;

/// Somebody who speaks RESP to the door.
class peer {
  public:
    explicit peer(std::unique_ptr<io::stream> to) : stream_(std::move(to)) {}

    task<> says(std::string text) {
        (void)co_await with_deadline(10s, stream_->connected());
        (void)co_await with_deadline(10s, stream_->write(io::pieces(text)));
    }

    /// Reads so much, or less if no more comes.
    task<std::string> takes(std::size_t size) {
        while (heard_.size() < size) {
            const auto lent = co_await with_deadline(10s, stream_->read());
            if (!lent) break;
            heard_.append(lent->data(), lent->size());
        }
        std::string taken = heard_.substr(0, size);
        heard_.erase(0, size);
        co_return taken;
    }

    /// Reads as much as is expected, and compares.
    task<> hears(std::string expected) {
        const auto taken = co_await takes(expected.size());
        EXPECT_EQ(taken, expected);
    }

    /// Nothing more comes but the end.
    task<> sees_the_end() {
        const auto lent = co_await with_deadline(10s, stream_->read());
        EXPECT_EQ(heard_, "");
        EXPECT_FALSE(lent.has_value());
        if (!lent) EXPECT_NE(lent.error().code, errc::timed_out);
    }

    /// Says a line, and hears the answer.
    task<> asks(std::string line, std::string expected) {
        co_await says(line + "\r\n");
        SCOPED_TRACE(line);
        co_await hears(std::move(expected));
    }

    [[nodiscard]] io::stream& stream() { return *stream_; }

  private:
    std::unique_ptr<io::stream> stream_;
    std::string heard_;
};

/// A bulk string, as it is answered.
inline std::string bulk(std::string_view text) {
    return "$" + std::to_string(text.size()) + "\r\n" + std::string(text) + "\r\n";
}

/// The memory store, which notes how often it was asked in one turn of the loop, and can fail.
class watched_store final : public store::store {
  public:
    explicit watched_store(steady_time now) : kept_(1000, {}, now) {
        kept_.on_end([this](const hawser::store::ending& what) { tell(what); });
    }

    task<result<hawser::store::finding>> read(hawser::store::record_id id, bool sees,
                                              steady_time now) override {
        note();
        return trouble ? refuse<hawser::store::finding>() : kept_.read(id, sees, now);
    }
    task<result<hawser::store::change>> write(hawser::store::record_id id,
                                              hawser::store::record what,
                                              hawser::store::expectation on,
                                              steady_time now) override {
        note();
        return trouble ? refuse<hawser::store::change>()
                       : kept_.write(id, std::move(what), on, now);
    }
    task<result<hawser::store::change>> erase(hawser::store::record_id id,
                                              hawser::store::expectation on,
                                              std::chrono::milliseconds remembered,
                                              steady_time now) override {
        note();
        return kept_.erase(id, on, remembered, now);
    }
    task<result<hawser::store::touched>> touch(hawser::store::record_id id,
                                               hawser::store::touching how,
                                               steady_time now) override {
        note();
        return kept_.touch(id, how, now);
    }
    task<result<hawser::store::page>> scan(hawser::store::space& in, hawser::store::cursor from,
                                           std::size_t count, steady_time now) override {
        note();
        return kept_.scan(in, from, count, now);
    }
    std::optional<result<>> show(const hawser::store::record_id& id, bool sees, steady_time now,
                                 const look& look) override {
        if (!answers_at_once) return std::nullopt;
        note();
        if (trouble) return fail(*trouble);
        return kept_.show(id, sees, now, look);
    }
    std::optional<result<hawser::store::revised>> revise(const hawser::store::record_id& id,
                                                         std::string_view name,
                                                         std::string_view data, steady_time now,
                                                         const decision& decide) override {
        if (!answers_at_once || trouble) return std::nullopt;
        note();
        auto done = kept_.revise(id, name, data, now, decide);
        if (*done) (*done)->unsettled = unsettled;
        return done;
    }
    task<result<hawser::store::durability>> settle(hawser::store::space&,
                                                   hawser::store::durability as,
                                                   std::size_t changes) override {
        settled.push_back(changes);
        (void)co_await sleep_for(1s);
        if (trouble) co_return fail(*trouble);
        co_return as;
    }
    bool sweep(steady_time now, std::size_t budget) override { return kept_.sweep(now, budget); }

    [[nodiscard]] std::size_t most_in_a_turn() const { return most_; }
    void forget_turns() { most_ = 0; }

    std::optional<errc> trouble;  ///< of reads, writes and what has to be settled
    bool answers_at_once = true;
    /// For which class changes have to be settled, although they are kept nowhere else.
    hawser::store::durability unsettled = hawser::store::durability::memory;
    std::vector<std::size_t> settled;  ///< so many changes at a time

  private:
    template <typename T>
    task<result<T>> refuse() const {
        co_return fail(*trouble);
    }
    void note() {
        const auto turn = loop::current().turn();
        if (turn != turn_) asked_ = 0;
        turn_ = turn;
        most_ = std::max(most_, ++asked_);
    }

    hawser::store::memory kept_;
    std::uint64_t turn_ = 0;
    std::size_t asked_ = 0;
    std::size_t most_ = 0;
};

/// A door in the simulated world, with two namespaces. Who says nothing is in `shop`.
class lab {
  public:
    explicit lab(sim::world& in)
        : world(in),
          kept(world.worker().turns().now().steady),
          all(kept, 1, world.worker().turns().now().steady) {
        settings.tenancies = {{shop, std::make_shared<const terms>(by)},
                              {blog, std::make_shared<const terms>(by)}};
        settings.open_to = 0;
        settings.connections_max = 100;
        settings.greeting = 5s;
        settings.stall = 5s;
        kept.on_end([this](const hawser::store::ending& what) {
            auto& in = &what.in == &shop->space ? *shop : *blog;
            in.note_end(what, world.worker().turns().now().steady);
        });
    }
    ~lab() { ensure(!door_, "a lab is closed"); }

    /// Begins, by the settings as they are now.
    void begin() {
        door_.emplace(world.worker(), all, std::make_shared<const setup>(settings));
        door_->open("here", world.listen(where));
    }
    void publish() { door_->publish(std::make_shared<const setup>(settings)); }
    [[nodiscard]] resp::door& door() { return *door_; }
    [[nodiscard]] counters& counted() { return all.counted.of(0); }

    void set_terms(const terms& next) {
        by = next;
        for (auto& each : settings.tenancies) each.by = std::make_shared<const terms>(next);
    }
    void add_user(const std::string& name, std::string_view password, std::size_t tenancy) {
        settings.users[name] = {.password = crypto::sha256(password), .tenancy = tenancy};
    }

    [[nodiscard]] peer connect() {
        return peer(world.io().connect(io::endpoint::parse(where).value()).value());
    }

    /// Ends the door and waits until nothing is under way.
    task<> close() {
        door_->stop();
        while (!door_->is_quiet()) (void)co_await sleep_for(1ms);
        door_.reset();
    }

    static constexpr std::string_view where = "127.0.0.1:6379";
    sim::world& world;
    terms by{.session_keys = {"sess:*"},
             .lock_keys = {"*.lock"},
             .idle = 30min,
             .absolute = 12h,
             .end_remembered = 60s,
             .record_bytes_max = 1'000'000};
    watched_store kept;
    hub all;
    std::shared_ptr<name_space> shop =
        std::make_shared<name_space>("shop", std::uint8_t{0}, crypto::siphash_key());
    std::shared_ptr<name_space> blog =
        std::make_shared<name_space>("blog", std::uint8_t{1}, crypto::siphash_key());
    setup settings;

  private:
    std::optional<resp::door> door_;
};

}  // namespace hawser::sessions::resp

/// A test whose body is a coroutine with a `lab` called `at`, not begun yet.
#define DOOR_TEST(suite, promise)                                                    \
    ::hawser::task<> body_of_##suite##_##promise(::hawser::sessions::resp::lab& at); \
    SIM_TEST(suite, promise) {                                                       \
        ::hawser::sessions::resp::lab made(world);                                   \
        co_await body_of_##suite##_##promise(made);                                  \
        co_await made.close();                                                       \
    }                                                                                \
    ::hawser::task<> body_of_##suite##_##promise([[maybe_unused]] ::hawser::sessions::resp::lab& at)
