// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "app/configuration.h"
#include "app/crew.h"
#include "base/result.h"
#include "config/node.h"
#include "io/listening_socket.h"

namespace hawser::app {

/// The sockets that the node listens on: which are open, and how a configuration changes that.
class doors {
  public:
    /// One address of one listener, as its text.
    using place = std::pair<std::string, std::string>;

    /// Sockets that a configuration needs and that are not open yet; closed again if dropped.
    struct opened {
        std::map<place, std::vector<io::listening_socket>> sockets = {};
    };

    /// Opens what `wanted` adds, for each worker a socket; all of it, or nothing (E172). An error
    /// names the place in what was `written`.
    [[nodiscard]] result<opened> prepare(const configuration& wanted, const config::node& written,
                                         std::size_t workers) const;

    /// Hands the sockets to the workers, and closes what `wanted` no longer names.
    void change_to(const configuration& wanted, opened sockets, crew& workers);

    /// Where it listens, with the ports that were chosen for `:0`.
    [[nodiscard]] const std::map<place, io::endpoint>& open() const noexcept { return open_; }

  private:
    std::map<place, io::endpoint> open_;
};

}  // namespace hawser::app
