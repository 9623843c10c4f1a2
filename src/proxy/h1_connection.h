// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <span>

#include "async/task.h"
#include "base/result.h"
#include "proxy/client_connection.h"
#include "proxy/input.h"

namespace hawser::proxy {

/// A client's HTTP/1 connection: reads heads, hands each request to an exchange, in order.
///
/// While it is idle it holds no buffer. A reset by the client stops, at once, whatever is under
/// way for it.
class h1_connection final : public client_connection {
  public:
    /// Serves a client until its connection ends.
    static task<> serve(station& at, std::shared_ptr<listener_post> through, arrival who);
    /// Tells a client that there is no room (503), without looking at what it wants.
    static task<> turn_away(station& at, std::unique_ptr<io::stream> client);

    h1_connection(station& at, std::shared_ptr<listener_post> through, arrival who)
        : client_connection(at, std::move(through), std::move(who)) {}

    using client_connection::at;

    /// What the client has sent beyond the head of the present request.
    [[nodiscard]] proxy::input& input() noexcept { return input_; }

    [[nodiscard]] bool is_idle() const noexcept override { return is_idle_; }
    void close_if_idle() noexcept override {
        if (is_idle_) gone().stop();
    }

    void retire() noexcept override {}  // the next answer says so

  private:
    static task<> serve(std::unique_ptr<h1_connection> self, steady_time idle_end);
    static task<> go_on_in_http2(std::unique_ptr<h1_connection> before);
    bool take(const result<std::span<char>>& lent) noexcept;
    task<bool> serve_requests(steady_time head_end);
    task<bool> read_head(steady_time head_end);
    task<> refuse(http::refusal why);

    bool is_idle_ = false;
    bool has_asked_ = false;     ///< a request came already
    bool begins_http2_ = false;  ///< its first words are those of HTTP/2 (E39)
    bool lingers_ = false;
    proxy::input input_;
};

}  // namespace hawser::proxy
