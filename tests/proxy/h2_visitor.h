// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <deque>
#include <string>
#include <string_view>
#include <utility>

#include "async/task.h"
#include "async/with.h"
#include "base/limits.h"
#include "http/h2/session.h"
#include "io/engine.h"
#include "io/stream.h"

namespace hawser::proxy {

/// A client with one HTTP/2 connection, which sends all of its requests at once.
class h2_visitor {
  public:
    /// A GET of this target.
    void sends(const std::string& target, const std::string& fields = {}) {
        asks_.emplace_back(
            "GET " + target + " HTTP/1.1\r\nHost: shop.example\r\n" + fields + "\r\n", "");
    }
    void posts(const std::string& target, const std::string& body) {
        asks_.emplace_back("POST " + target +
                               " HTTP/1.1\r\nHost: shop.example\r\nContent-Length: " +
                               std::to_string(body.size()) + "\r\n\r\n",
                           body);
    }
    /// It takes back this request once its answer has begun.
    void gives_up(std::size_t request) { asks_[request].is_given_up = true; }

    /// What came of a request: the body of a 200, of others the code, `cut` for an answer without
    /// its end, `reset` for none at all.
    [[nodiscard]] std::string received(std::size_t request = 0) const {
        const asking& one = asks_[request];
        if (one.status.empty()) return "reset";
        if (!one.is_whole) return "cut";
        return one.status == "200" ? one.got : one.status;
    }
    [[nodiscard]] const std::string& answer_head(std::size_t request = 0) const {
        return asks_[request].answer_head;
    }
    /// The server has said that it takes no more streams.
    [[nodiscard]] bool was_told_to_leave() const { return was_told_to_leave_; }

    task<> talk(io::engine& through, io::endpoint to) {
        const auto with = through.connect(to).value();
        if (!co_await with_deadline(patience, with->connected())) co_return;
        http::h2::session session(http::h2::session::role::client, {});
        for (asking& each : asks_) begin(session, each);
        while (co_await exchange_bytes(*with, session) && !look_at_all(session)) {
        }
        was_told_to_leave_ = session.peer_is_leaving();
        session.end(http::h2::error_code::no_error, "over");
        co_await flush(*with, session);
        with->shut_down_writing();
        for (asking& each : asks_) leave(session, each);
        while (co_await with_deadline(std::chrono::seconds(5), with->read())) {
        }
    }

  private:
    static constexpr auto patience = std::chrono::hours(3);

    struct asking final : http::h2::stream_listener {
        asking(std::string with_head, std::string with_body)
            : head(std::move(with_head)), body(std::move(with_body)), left(body) {}
        void stirred() noexcept override {}

        std::string head;
        std::string body;
        std::string_view left;  ///< of the body, to be sent
        bool is_given_up = false;
        http::h2::stream* over = nullptr;
        std::string answer_head;
        std::string status;
        std::string got;
        bool is_whole = false;
    };

    static void begin(http::h2::session& session, asking& one) {
        one.over = &session.open(one.head, "http", one.body.empty());
        one.over->listen(&one);
        one.left = one.body;
        send_more(session, one);
    }

    /// False when there was nothing more to say, or no room for it.
    static bool send_more(http::h2::session& session, asking& one) {
        if (one.over == nullptr || one.left.empty()) return false;
        const std::size_t taken = session.send(*one.over, one.left);
        one.left.remove_prefix(taken);
        if (one.left.empty()) session.finish(*one.over, {});
        return taken != 0;
    }

    static task<bool> flush(io::stream& with, http::h2::session& session) {
        std::string room(limits::h2_written_max, '\0');  // for a frame at least
        while (const std::size_t size = session.produce(room)) {
            const std::string bytes(room, 0, size);
            if (!co_await with_deadline(patience, with.write(io::pieces(bytes)))) co_return false;
        }
        co_return true;
    }

    task<bool> exchange_bytes(io::stream& with, http::h2::session& session) {
        for (bool has_more = true; has_more;) {
            if (!co_await flush(with, session)) co_return false;
            has_more = false;
            for (asking& each : asks_) has_more |= send_more(session, each);
        }
        const auto lent = co_await with_deadline(patience, with.read());
        if (!lent) co_return false;
        session.feed(*lent, {});
        co_return !session.fault();
    }

    /// True when all answers are there, as far as they will ever be.
    bool look_at_all(http::h2::session& session) {
        while (session.next_stirred() != nullptr) {
        }
        bool are_over = true;
        for (asking& each : asks_) are_over &= look_at(session, each);
        return are_over;
    }

    static bool look_at(http::h2::session& session, asking& one) {
        if (one.over == nullptr) return true;
        take(session, one);
        if (one.is_given_up && !one.status.empty()) {
            leave(session, one);
            return true;
        }
        if (!one.over->has_ended() && !one.over->is_closed()) return false;
        one.is_whole = one.over->has_ended() && one.over->payload().empty();
        leave(session, one);
        return true;
    }

    static void take(http::h2::session& session, asking& one) {
        while (one.over->has_head()) {
            const auto head = one.over->take_head();
            if (head.is_interim) continue;
            one.answer_head = head.text;
            one.status = head.text.substr(9, 3);
        }
        const auto payload = one.over->payload();
        one.got.append(payload.data(), payload.size());
        session.consume(*one.over, payload.size());
    }

    static void leave(http::h2::session& session, asking& one) {
        if (one.over == nullptr) return;
        one.over->listen(nullptr);
        session.release(*one.over);
        one.over = nullptr;
    }

    std::deque<asking> asks_;
    bool was_told_to_leave_ = false;
};

}  // namespace hawser::proxy
