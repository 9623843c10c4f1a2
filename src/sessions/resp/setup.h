// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sessions/name_space.h"
#include "store/resp/command_parser.h"
#include "tls/server_context.h"

namespace hawser::sessions::resp {

/// A namespace as a door serves it.
struct tenancy {
    std::shared_ptr<name_space> in;
    std::shared_ptr<const terms> by;
};

/// Who may come in, and to what.
struct user {
    std::array<std::uint8_t, 32> password;  ///< its SHA-256
    std::size_t tenancy = 0;                ///< which of the setup's
};

/// What doors serve by: immutable, replaced as a whole by a reload.
struct setup {
    std::vector<resp::tenancy> tenancies;
    std::map<std::string, user, std::less<>> users;
    std::optional<std::size_t> open_to;  ///< the tenancy of those who need not say who they are
    std::shared_ptr<const tls::server_context> tls;  ///< null: in clear
    store::resp::command_limits commands;
    std::size_t connections_max = 0;  ///< of all workers
    std::chrono::milliseconds greeting{
        0};                              ///< for a handshake, and until a client has said who it is
    std::chrono::milliseconds stall{0};  ///< how long a client may take nothing of its answers
};

}  // namespace hawser::sessions::resp
