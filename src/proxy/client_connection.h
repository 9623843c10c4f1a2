// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>

#include "affinity/token_memo.h"
#include "async/stop.h"
#include "async/task.h"
#include "io/ip_address.h"
#include "io/stream.h"
#include "proxy/arrival.h"
#include "proxy/station.h"
#include "upstream/connection.h"
#include "upstream/idle_connections.h"

namespace hawser::proxy {

/// A client's connection, whatever it speaks: who is there, and what lasts from one request to the
/// next. In its station's list for as long as it lives.
class client_connection {
  public:
    client_connection(const client_connection&) = delete;
    client_connection& operator=(const client_connection&) = delete;

    [[nodiscard]] io::stream& stream() noexcept { return *stream_; }
    [[nodiscard]] listener_post& listener() noexcept { return *listener_; }
    [[nodiscard]] const listener_settings& settings() const noexcept {
        return *listener_->settings;
    }
    // Who is there: whom a PROXY header names, else the peer.

    [[nodiscard]] std::string_view client_text() const noexcept {
        return {client_text_.data(), client_text_size_};
    }
    [[nodiscard]] const io::ip_address& client_address() const noexcept { return client_.ip; }
    [[nodiscard]] std::uint16_t client_port() const noexcept { return client_.port; }
    /// What the handshake has settled; null: the client speaks in clear.
    [[nodiscard]] const tls::facts* secured() const noexcept { return secured_.get(); }
    /// Answers tell the client to come over TLS from now on.
    [[nodiscard]] bool has_hsts() const noexcept {
        return secured_ != nullptr && !listener_->settings->hsts.empty();
    }
    /// The client speaks TLS, by the word of the trusted proxy that brings its connection.
    [[nodiscard]] bool is_announced_over_tls() const noexcept {
        return announced_ != nullptr && announced_->over_tls;
    }

    affinity::token_memo memo;

    /// Where the client has connected to.
    [[nodiscard]] clients::address_and_port destination() const;

    /// A server's connection that only this client may use: the server has authenticated it, not
    /// the request (E80), or was told whose it is (E141).
    struct pinned_connection {
        std::shared_ptr<server_post> to;
        clients::address_and_port named;  ///< whom the server was told of; none: nobody
        upstream::idle_connections kept;  ///< one, until it ends or was idle too long

        pinned_connection(std::shared_ptr<server_post> server,
                          const clients::address_and_port& client,
                          std::chrono::milliseconds idle_max, upstream::connection over)
            : to(std::move(server)), named(client), kept(1, idle_max) {
            kept.keep(std::move(over));
        }
    };
    std::unique_ptr<pinned_connection> pinned;
    /// Ends what is kept to a server that is no longer in the configuration (E173).
    void drop_retired() noexcept {
        if (pinned && pinned->to->is_retired) pinned.reset();
    }

    /// A request of it was answered by a server.
    [[nodiscard]] bool has_served() const noexcept { return has_served_; }
    void note_served() noexcept { has_served_ = true; }

    [[nodiscard]] virtual bool is_idle() const noexcept = 0;
    /// It takes no further request: the node drains, or its listener is gone.
    [[nodiscard]] bool takes_leave() const noexcept {
        return station_.is_draining() || listener_->is_removed;
    }
    /// Its listener is still there, and what was agreed upon with the client still holds.
    [[nodiscard]] virtual bool may_stay() const noexcept { return !listener_->is_removed; }
    /// The node drains: an idle connection ends now, another one with what it is doing.
    virtual void close_if_idle() noexcept = 0;
    /// The next request is its last, where one must not be lost that is on its way.
    virtual void retire() noexcept = 0;
    void cancel() noexcept { gone_.stop(); }
    /// Stops when the client has reset the connection, or everything must end.
    [[nodiscard]] stop_source& gone() noexcept { return gone_; }

  protected:
    client_connection(station& at, std::shared_ptr<listener_post> through, arrival who);
    ~client_connection();

    [[nodiscard]] station& at() noexcept { return station_; }
    [[nodiscard]] const std::shared_ptr<listener_post>& through() const noexcept {
        return listener_;
    }
    /// Ends our side and leaves the client time to read what it was told last, before the
    /// connection is closed (E3).
    [[nodiscard]] task<> linger();
    /// Somebody else serves the client from now on; nothing may be done with the stream any more.
    [[nodiscard]] arrival hand_over() noexcept;

  private:
    friend class station;

    station& station_;
    std::shared_ptr<listener_post> listener_;
    std::unique_ptr<io::stream> stream_;
    stop_source gone_;
    client_connection* previous_ = nullptr;
    client_connection* next_ = nullptr;
    std::unique_ptr<const clients::proxy_header> announced_;
    std::unique_ptr<const tls::facts> secured_;
    admission::place place_;
    clients::address_and_port client_;
    std::uint8_t client_text_size_ = 0;
    std::array<char, io::ip_address::text_max> client_text_;
    bool has_served_ = false;  // last: a derived class has room for its own behind it
};

}  // namespace hawser::proxy
