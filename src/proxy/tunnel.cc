// SPDX-License-Identifier: Apache-2.0
#include "proxy/tunnel.h"

#include <algorithm>

#include "async/with.h"
#include "base/limits.h"

namespace hawser::proxy {

tunnel::tunnel(io::stream& client, io::stream& server, std::chrono::milliseconds idle,
               stop_source& around)
    : client_(client),
      server_(server),
      idle_(idle),
      stop_(around),
      conditions_{.stop = &stop_},
      pumps_(conditions_),
      last_bytes_(loop::current().now().steady) {}

task<> tunnel::run() {
    pumps_.spawn(pump({client_, server_, to_server_, "client-ended"}));
    pumps_.spawn(pump({server_, client_, to_client_, "server-ended"}));
    co_await pumps_.join();
    // Stopped from outside: the client was reset, or must go. No end in order for the server
    // either.
    if (ended_by_.empty()) server_.reset_on_close();
}

/// Bytes in either direction keep both alive.
steady_time tunnel::due() const noexcept {
    const steady_time silent = last_bytes_ + idle_;
    if (half_closed_ == no_deadline) return silent;
    return std::min(silent, half_closed_ + limits::half_closed_time);
}

task<> tunnel::pump(direction way) {
    for (;;) {
        auto lent = co_await with_deadline_at(due(), way.from.read());
        const steady_time now = loop::current().now().steady;
        if (lent) {
            last_bytes_ = now;
            way.moved += lent->size();
            auto sent = co_await with_idle_limit(
                idle_, way.to.write(io::pieces(std::string_view(lent->data(), lent->size()))));
            if (!sent)
                co_return end(sent.error().code == errc::timed_out ? "write-timeout" : "reset");
            last_bytes_ = loop::current().now().steady;
            continue;
        }
        switch (lent.error().code) {
            case errc::timed_out:
                if (now < due()) continue;
                co_return end(half_closed_ == no_deadline ? "idle" : "half-closed");
            case errc::end_of_stream:
                way.to.shut_down_writing();
                if (ended_by_.empty()) ended_by_ = way.name;
                if (half_closed_ != no_deadline) co_return;  // both sides have ended in order
                half_closed_ = now;
                co_return;
            case errc::cancelled: co_return;
            default: co_return end("reset");
        }
    }
}

/// A failure of one side ends the other at once.
void tunnel::end(std::string_view why) noexcept {
    ended_by_ = why;
    if (why == "reset") {
        client_.reset_on_close();
        server_.reset_on_close();
    }
    stop_.stop();
}

}  // namespace hawser::proxy
