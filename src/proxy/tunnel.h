// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>

#include "async/scope.h"
#include "async/stop.h"
#include "async/task.h"
#include "io/stream.h"

namespace hawser::proxy {

/// Bytes both ways between a client and a server that have agreed on another protocol.
///
/// Lives as long as either side sends: silence of both for the idle limit ends it (E146). A
/// half-close is passed on, and the other direction goes on for a minute at most (E147).
class tunnel {
  public:
    tunnel(io::stream& client, io::stream& server, std::chrono::milliseconds idle,
           stop_source& around);

    /// Runs until the tunnel is over.
    task<> run();

    [[nodiscard]] std::uint64_t to_client() const noexcept { return to_client_; }
    [[nodiscard]] std::uint64_t to_server() const noexcept { return to_server_; }
    /// Who ended it, for the access log; static text.
    [[nodiscard]] std::string_view ended_by() const noexcept { return ended_by_; }

  private:
    struct direction {
        io::stream& from;
        io::stream& to;
        std::uint64_t& moved;
        std::string_view name;  ///< of the side that is read
    };

    task<> pump(direction way);
    [[nodiscard]] steady_time due() const noexcept;
    void end(std::string_view why) noexcept;

    io::stream& client_;
    io::stream& server_;
    std::chrono::milliseconds idle_;
    linked_stop_source stop_;
    context conditions_;
    scope pumps_;
    steady_time last_bytes_;
    steady_time half_closed_ = no_deadline;
    std::uint64_t to_client_ = 0;
    std::uint64_t to_server_ = 0;
    std::string_view ended_by_;
};

}  // namespace hawser::proxy
