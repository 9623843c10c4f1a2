// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

#include "async/scope.h"
#include "async/stop.h"
#include "async/task.h"
#include "http/websocket_frames.h"
#include "io/stream.h"
#include "proxy/departure.h"

namespace hawser::proxy {

/// Bytes both ways between a client and a server that have agreed on another protocol.
///
/// Lives as long as either side sends: silence of both for the idle limit ends it (E146). A
/// half-close is passed on, and the other direction goes on for a minute at most (E147). The client
/// of a WebSocket gets a Close in its server's place where that cannot say one: it is gone, or we
/// end it (E149). Never within a frame of the server.
class tunnel : stop_listener {
  public:
    tunnel(io::stream& client, io::stream& server, std::chrono::milliseconds idle,
           stop_source& around);

    /// It is a WebSocket: once `due` stops, its client is told why as `leaves` says, between two
    /// frames of the server, and has a minute to go itself (E149). `so_far` has followed what the
    /// server has sent already. Before `run`.
    void say_goodbye_at(stop_source& due, const leaver& leaves,
                        const http::websocket_frames& so_far);

    /// What the client has said cannot reach the server: `how` a write to it has failed. Before
    /// `run`, or within.
    void lose_server(errc how);

    /// Runs until the tunnel is over.
    task<> run();

    [[nodiscard]] std::uint64_t to_client() const noexcept { return to_client_; }
    [[nodiscard]] std::uint64_t to_server() const noexcept { return to_server_; }
    /// Who ended it, for the access log; static text.
    [[nodiscard]] std::string_view ended_by() const noexcept { return ended_by_; }

  private:
    task<> pump_up();
    task<> pump_down();
    task<bool> pass_on(io::stream& to, std::string_view bytes, std::uint64_t& moved);
    void leave(const goodbye& why) noexcept;
    [[nodiscard]] bool may_be_told() const noexcept;
    task<bool> say_goodbye(const goodbye& why);
    task<> say_last_word(const goodbye& why);
    [[nodiscard]] bool is_parted_in_order() const noexcept;
    task<> part_from_server(errc how);
    [[nodiscard]] std::string_view due_for_client(std::string_view bytes) noexcept;
    [[nodiscard]] bool goes_on_after(const error& why, io::stream& to, std::string_view side);

    void stopped() noexcept override;
    [[nodiscard]] steady_time due() const noexcept;
    void half_close() noexcept;
    void interrupt() noexcept;
    void end(std::string_view why) noexcept;

    io::stream& client_;
    io::stream& server_;
    std::chrono::milliseconds idle_;
    linked_stop_source stop_;
    std::optional<linked_stop_source> interruption_;  ///< of reads, as something has changed
    context conditions_;
    scope pumps_;
    std::optional<http::websocket_frames> frames_;
    const leaver* leaves_ = nullptr;
    const goodbye* word_ = nullptr;  ///< that the client is told as soon as it can be; null: none
    bool has_said_goodbye_ = false;
    bool is_server_lost_ = false;  ///< nothing can be told it any more
    steady_time last_bytes_;
    steady_time half_closed_ = no_deadline;
    std::uint64_t to_client_ = 0;
    std::uint64_t to_server_ = 0;
    std::string_view ended_by_;
};

}  // namespace hawser::proxy
