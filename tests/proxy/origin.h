// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "async/scope.h"
#include "async/sleep.h"
#include "async/task.h"
#include "io/listener.h"
#include "io/stream.h"
#include "proxy/message_reader.h"

namespace hawser::proxy {

/// A scripted server: answers each request with its name, or as the test wants.
struct origin {
    std::string name;
    std::string place;  ///< where it listens
    std::string answer =
        "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(name.size()) + "\r\n\r\n" + name;
    bool hangs_up = false;                  ///< closes instead of answering
    bool closes = false;                    ///< after each answer
    bool answers_early = false;             ///< before it has read the body
    steady_time::duration thinks_for = {};  ///< before it answers
    /// What it does with a connection once it has answered 101.
    task<> (*tunnels)(io::stream&, std::string) = echo;

    struct request {
        std::string head;
        std::string body = {};  ///< as far as it came
        bool is_whole = false;
    };
    std::vector<request> requests = {};
    std::vector<std::string> heads = {};  ///< of these
    std::size_t connections = 0;

    /// Accepts until it is stopped.
    static task<> serve(origin& self, std::unique_ptr<io::listener> door, const context& until) {
        scope clients(until);
        while (auto client = co_await door->accept()) {
            ++self.connections;
            clients.spawn(talk(self, std::move(*client)));
        }
        co_await clients.join();
    }

    /// Sends back what comes, and ends when the other side does.
    static task<> echo(io::stream& with, std::string early) {
        if (!early.empty() && !co_await with.write(io::pieces(early))) co_return;
        for (;;) {
            const auto more = co_await with.read();
            if (!more) co_return;
            const std::string back(more->data(), more->size());
            if (!co_await with.write(io::pieces(back))) co_return;
        }
    }

  private:
    static task<> talk(origin& self, std::unique_ptr<io::stream> with) {
        message_reader<http::request_head> from(*with);
        while (const auto head = co_await from.head()) {
            const std::size_t place = self.requests.size();
            self.heads.push_back(*head);
            self.requests.push_back({*head});
            if (!self.answers_early && !co_await read_body(self, place, from)) co_return;
            if (!co_await sleep_for(self.thinks_for) || self.hangs_up) co_return;
            if (!co_await with->write(io::pieces(self.answer))) co_return;
            if (self.answer.starts_with("HTTP/1.1 101"))
                co_return co_await self.tunnels(*with, from.take_rest());
            if (self.answers_early && !co_await read_body(self, place, from)) co_return;
            if (self.closes) co_return;
        }
    }

    static task<bool> read_body(origin& self, std::size_t place,
                                message_reader<http::request_head>& from) {
        std::string body;
        const bool is_whole = co_await from.read_body(body);
        self.requests[place].body = std::move(body);
        self.requests[place].is_whole = is_whole;
        co_return is_whole;
    }
};

}  // namespace hawser::proxy
