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

namespace hawser::proxy {

/// A scripted server: answers each request with its name, or as the test wants.
struct origin {
    std::string name;
    std::string place;  ///< where it listens
    std::string answer =
        "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(name.size()) + "\r\n\r\n" + name;
    bool hangs_up = false;                  ///< closes instead of answering
    steady_time::duration thinks_for = {};  ///< before it answers

    std::vector<std::string> heads = {};  ///< that came
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

  private:
    static task<> talk(origin& self, std::unique_ptr<io::stream> with) {
        std::string input;
        for (;;) {
            for (auto end = input.find("\r\n\r\n"); end != input.npos;
                 end = input.find("\r\n\r\n")) {
                self.heads.push_back(input.substr(0, end + 4));
                input.erase(0, end + 4);
                if (!co_await sleep_for(self.thinks_for) || self.hangs_up) co_return;
                if (!co_await with->write(io::pieces(self.answer))) co_return;
            }
            const auto more = co_await with->read();
            if (!more) co_return;
            input.append(more->data(), more->size());
        }
    }
};

}  // namespace hawser::proxy
