// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string_view>

#include "affinity/token_memo.h"
#include "async/stop.h"
#include "async/task.h"
#include "io/ip_address.h"
#include "io/stream.h"
#include "proxy/input.h"
#include "proxy/station.h"
#include "upstream/connection.h"

namespace hawser::proxy {

/// A client's HTTP/1.1 connection: reads heads, hands each request to an exchange, in order.
///
/// While it is idle it holds no buffer. A reset by the client stops, at once, whatever is under
/// way for it.
class connection {
  public:
    /// Serves a client until its connection ends.
    static task<> serve(station& at, std::shared_ptr<listener_post> through,
                        std::unique_ptr<io::stream> client);
    /// Tells a client that there is no room (503), without looking at what it wants.
    static task<> turn_away(station& at, std::unique_ptr<io::stream> client);

    connection(station& at, std::shared_ptr<listener_post> through,
               std::unique_ptr<io::stream> client);
    ~connection();
    connection(const connection&) = delete;
    connection& operator=(const connection&) = delete;

    [[nodiscard]] io::stream& client() noexcept { return *client_; }
    [[nodiscard]] listener_post& listener() noexcept { return *listener_; }
    [[nodiscard]] const listener_settings& settings() const noexcept {
        return *listener_->settings;
    }
    [[nodiscard]] std::string_view client_text() const noexcept {
        return {client_text_.data(), client_text_size_};
    }
    [[nodiscard]] const io::ip_address& client_address() const noexcept { return client_address_; }
    [[nodiscard]] std::uint16_t client_port() const noexcept { return client_port_; }

    /// What the client has sent beyond the head of the present request.
    proxy::input input;
    affinity::token_memo memo;

    /// A server's connection that only this client may use: the server has authenticated it, not
    /// the request (E80).
    struct pinned_connection {
        std::shared_ptr<server_post> to;
        upstream::connection kept;
    };
    std::unique_ptr<pinned_connection> pinned;

    void close_if_idle() noexcept {
        if (is_idle_) gone_.stop();
    }
    void cancel() noexcept { gone_.stop(); }
    /// Stops when the client has reset the connection, or everything must end.
    [[nodiscard]] stop_source& gone() noexcept { return gone_; }

  private:
    friend class station;

    task<bool> serve_requests(steady_time head_end);
    task<bool> read_head(steady_time head_end);
    /// Answers what could not be parsed, so that the client can read the answer (E3), and closes.
    task<> linger();

    station& station_;
    std::shared_ptr<listener_post> listener_;
    std::unique_ptr<io::stream> client_;
    stop_source gone_;
    connection* previous_ = nullptr;
    connection* next_ = nullptr;
    io::ip_address client_address_;
    std::uint16_t client_port_ = 0;
    std::uint8_t client_text_size_ = 0;
    bool is_idle_ = false;
    bool lingers_ = false;
    std::array<char, io::ip_address::text_max> client_text_;
};

}  // namespace hawser::proxy
