// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "async/scope.h"
#include "async/sleep.h"
#include "async/stop.h"
#include "async/task.h"
#include "async/with.h"
#include "io/engine.h"
#include "io/stream.h"
#include "proxy/message_reader.h"

namespace hawser::proxy {

using answers = std::vector<std::string>;

/// A client with one connection, which sends its requests one after the other.
class visitor {
  public:
    /// GETs of these targets.
    template <typename... Target>
    void sends(const Target&... target) {
        (sends_raw("GET " + std::string(target) + " HTTP/1.1\r\nHost: shop.example\r\n" + jar() +
                   "\r\n"),
         ...);
    }
    void sends_raw(std::string request) { requests_.push_back({{std::move(request)}, {}}); }
    /// One request in pieces, with a pause before each but the first.
    void sends_slowly(std::vector<std::string> pieces, steady_time::duration pause) {
        requests_.push_back({std::move(pieces), pause});
    }

    /// A Cookie line with this mark goes with every GET that is said from now on.
    std::string cookie;
    bool gives_up = false;  ///< ends its side with what it has sent, and does not wait
    /// What it does with the connection after a 101; gets what came behind it.
    task<> (*tunnels)(io::stream&, std::string, visitor&) = nullptr;
    /// What `tunnels` has to tell.
    std::string told;

    /// What came: the body of a 200, of others the code, `cut` for an answer without its end,
    /// `reset` for none at all.
    [[nodiscard]] const answers& received() const { return received_; }
    /// The heads of the answers.
    [[nodiscard]] const std::vector<std::string>& heads() const { return heads_; }
    /// The proxy has ended the connection, in order.
    [[nodiscard]] bool closed() const { return closed_; }

    /// The value of a field of an answer; empty: it is not there.
    [[nodiscard]] std::string field(std::string_view name, std::size_t answer = 0) const {
        const std::string start = "\r\n" + std::string(name) + ": ";
        const std::string& head = heads_.at(answer);
        const auto at = head.find(start);
        if (at == head.npos) return {};
        const auto begin = at + start.size();
        return head.substr(begin, head.find("\r\n", begin) - begin);
    }
    /// The mark that an answer gave, as a client sends it back.
    [[nodiscard]] std::string mark(std::size_t answer = 0) const {
        const std::string given = field("Set-Cookie", answer);
        return given.substr(0, given.find(';'));
    }

    task<> talk(io::engine& through, io::endpoint to) {
        const auto with = through.connect(to).value();
        if (!co_await with_deadline(patience, with->connected())) co_return;
        message_reader<http::response_head> from(*with);
        for (auto& each : requests_) {
            // Beside the wait for the answer, as it may come early.
            stop_source enough;
            const context while_wanted{.stop = &enough};
            scope sending(while_wanted);
            sending.spawn(send(*with, each));
            if (gives_up) {
                co_await sending.join();
                with->shut_down_writing();
            }
            const bool goes_on = co_await receive(from);
            enough.stop();
            co_await sending.join();
            if (goes_on) continue;
            closed_ = !from.was_reset();
            co_return;
        }
        if (tunnels != nullptr && !received_.empty() && received_.back() == "101")
            co_return co_await tunnels(*with, from.take_rest(), *this);
        with->shut_down_writing();
        const auto rest = co_await with_deadline(std::chrono::seconds(5), with->read());
        closed_ = !rest && rest.error().code == errc::end_of_stream;
    }

  private:
    static constexpr auto patience = std::chrono::hours(3);

    struct request {
        std::vector<std::string> pieces;
        steady_time::duration pause;
    };

    [[nodiscard]] std::string jar() const {
        return cookie.empty() ? "" : "Cookie: " + cookie + "\r\n";
    }

    static task<> send(io::stream& to, const request& what) {
        for (const auto& piece : what.pieces) {
            if (&piece != &what.pieces.front() && !co_await sleep_for(what.pause)) co_return;
            if (!co_await to.write(io::pieces(piece))) co_return;
        }
    }

    /// False when the connection ended before the answer did.
    task<bool> receive(message_reader<http::response_head>& from) {
        for (;;) {
            const auto head = co_await with_deadline(patience, from.head());
            if (!head) {
                if (from.has_rest())
                    received_.emplace_back("cut");
                else if (from.was_reset())
                    received_.emplace_back("reset");
                co_return false;
            }
            if (from.fields->is_interim()) continue;
            const unsigned status = from.fields->status;
            std::string body;
            if (!co_await with_deadline(patience, from.read_body(body))) {
                received_.emplace_back("cut");
                co_return false;
            }
            heads_.push_back(*head);
            received_.push_back(status == 200 ? body : std::to_string(status));
            co_return true;
        }
    }

    std::vector<request> requests_;
    answers received_;
    std::vector<std::string> heads_;
    bool closed_ = false;
};

}  // namespace hawser::proxy
