// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "admin/endpoint.h"
#include "app/admin_terms.h"
#include "app/audit.h"
#include "app/configuration.h"
#include "app/passed_sockets.h"
#include "async/scope.h"
#include "async/stop.h"
#include "base/result.h"
#include "config/node.h"
#include "io/listening_socket.h"
#include "io/worker.h"

namespace hawser::app {

/// Where operators reach the node: opened as `admin.bind` says, moved by a reload.
class admin_door {
  public:
    /// A socket that a configuration needs and that is not open yet; closed again if dropped.
    struct opened {
        std::string place = {};  ///< as configured; empty: off
        std::optional<io::listening_socket> socket = {};
        admin_terms terms = {};
        std::optional<audit_log> audit = {};
        std::vector<std::string> hosts = {};  ///< by which it may be asked
    };

    /// Reads what `wanted` names, and opens its place unless that is `at`, which is open already,
    /// or a socket was `passed` that listens there. An error names the place in what was `written`.
    [[nodiscard]] static result<opened> prepare(const admin& wanted, const config::node& written,
                                                passed_sockets& passed, std::string_view at = {});

    /// Serves `asked` in `around` until `over` is stopped; the scope is joined before this dies.
    admin_door(hawser::admin::endpoint& asked, io::worker& on, scope& around, stop_source& over)
        : endpoint_(asked), worker_(on), around_(around), over_(over) {}
    admin_door(const admin_door&) = delete;
    admin_door& operator=(const admin_door&) = delete;

    /// The former place goes on for a second, so that whoever asked for the change there is
    /// answered.
    void change_to(opened next);

    /// Nobody is answered any more, at once; the socket stays, for another process or `resume`.
    void leave();
    void resume();
    /// The process ends, and with it the socket.
    void release() { held_ = io::listening_socket(); }
    /// The socket; none if it is closed.
    [[nodiscard]] std::vector<int> sockets() const;

    [[nodiscard]] const std::string& place() const noexcept { return place_; }
    [[nodiscard]] const admin_terms& terms() const noexcept { return terms_; }
    [[nodiscard]] audit_log& audit() noexcept { return *audit_; }
    [[nodiscard]] const std::vector<std::string>& hosts() const noexcept { return hosts_; }
    /// With the port that the system chose for port 0; empty: closed.
    [[nodiscard]] const std::string& address() const noexcept { return address_; }

  private:
    void listen(io::listening_socket on);
    task<> serve(std::unique_ptr<io::listener> from, std::shared_ptr<stop_source> closing);
    task<> close(std::shared_ptr<stop_source> closing);

    hawser::admin::endpoint& endpoint_;
    io::worker& worker_;
    scope& around_;
    stop_source& over_;
    std::string place_;
    std::string address_;
    admin_terms terms_;
    std::optional<audit_log> audit_;
    std::vector<std::string> hosts_;
    io::listening_socket held_;  ///< once more, for whoever comes after this process
    std::shared_ptr<stop_source> closing_;
};

}  // namespace hawser::app
