// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "io/endpoint.h"
#include "io/listening_socket.h"

namespace hawser::app {

/// Listening sockets that were open before the process was: of the service manager's socket units
/// and its descriptor store (sd_listen_fds(3)), or of the process that it takes over from.
///
/// They are matched to listeners by their addresses. Whoever has connected to them already waits in
/// their queues, so each must be accepted on.
class passed_sockets {
  public:
    /// Those that the service manager names in the environment, which is cleared of it. Call it
    /// before other descriptors are opened and other threads run.
    [[nodiscard]] static passed_sockets from_service_manager();

    void add(io::listening_socket socket, std::string name = {});

    /// Another descriptor of each that listens at `at`.
    [[nodiscard]] std::vector<io::listening_socket> take(const io::endpoint& at);

    /// Closes all of them here. Says what nobody took, and has the service manager forget what it
    /// kept for us.
    void drop_rest();

  private:
    struct passed {
        io::listening_socket socket;
        io::endpoint where;
        std::string name;  ///< as the service manager calls it
        bool is_taken = false;
    };

    std::vector<passed> all_;
};

/// Under which name the service manager keeps the sockets that listen at `where`.
[[nodiscard]] std::string stored_name(const io::endpoint& where);

}  // namespace hawser::app
