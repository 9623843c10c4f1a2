// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "app/configuration.h"
#include "app/crew.h"
#include "app/passed_sockets.h"
#include "app/session_service.h"
#include "base/result.h"
#include "config/node.h"
#include "io/listening_socket.h"

namespace hawser::app {

/// The sockets that the node listens on: which are open, and how a configuration changes that.
class doors {
  public:
    explicit doors(session_service& sessions) : sessions_(sessions) {}

    /// One address of one listener, or of the session service, as its text.
    using place = std::pair<std::string, std::string>;

    /// The sockets of one place.
    struct socket_set {
        std::vector<io::listening_socket> held;  ///< each once, for whoever comes after us
        /// For the workers in turn: each socket gets one, and each worker a socket, as those that
        /// were passed may be more or fewer.
        std::vector<io::listening_socket> shared_out = {};
    };

    /// Sockets that a configuration needs and that are not open yet; closed again if dropped.
    struct opened {
        std::map<place, socket_set> sockets = {};
    };

    /// Opens what `wanted` adds, for each worker a socket, unless sockets were `passed` that listen
    /// there already; all of it, or nothing (E172). An error names the place in what was `written`.
    [[nodiscard]] result<opened> prepare(const configuration& wanted, const config::node& written,
                                         std::size_t workers, passed_sockets& passed) const;

    /// Hands the sockets to the workers, and closes what `wanted` no longer names.
    void change_to(const configuration& wanted, opened sockets, crew& workers);

    /// Lets go of the sockets: they close as soon as the workers do not accept on them any more.
    void release() { held_.clear(); }

    /// Another process has the sockets; nothing is removed that belongs to it now.
    void leave_to_others() {
        held_.clear();
        open_.clear();
    }
    [[nodiscard]] std::vector<std::vector<int>> sockets() const;
    /// Has the service manager keep all of them over a restart.
    void keep_in_store() const;

    /// Where it listens, with the ports that were chosen for `:0`.
    [[nodiscard]] const std::map<place, io::endpoint>& open() const noexcept { return open_; }

  private:
    void close(const place& where, crew& workers);
    void begin(const place& where, socket_set sockets, crew& workers);

    session_service& sessions_;
    std::map<place, io::endpoint> open_;
    std::map<place, std::vector<io::listening_socket>> held_;
};

}  // namespace hawser::app
