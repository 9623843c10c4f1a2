// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "admin/api.h"
#include "admin/operations.h"
#include "async/task.h"
#include "http/server.h"
#include "io/listener.h"

namespace hawser::admin {

/// The operator's HTTP endpoint: health, metrics, status, and what changes the node.
///
/// Runs on the control thread, apart from the traffic, and with small limits of its own, so that
/// it answers while the workers are overloaded. GET changes nothing; what changes something is
/// JSON where it has a body (E170). Errors are `{"error": ...}`.
class endpoint {
  public:
    explicit endpoint(operations& node);

    /// Everything that can be asked: the one list of it.
    [[nodiscard]] static std::span<const action> actions() noexcept;

    /// Serves what arrives at `from` until the scope around it is stopped.
    task<> serve(std::unique_ptr<io::listener> from) { return server_.serve(std::move(from)); }

    /// The answer to one request.
    [[nodiscard]] http::served_answer answer(const http::served_request& asked);

  private:
    task<http::served_answer> handle(const http::served_request& asked);
    http::served_answer tell_change(const result<outcome>& done, server_name which);

    http::served_answer health(const call& asked);
    http::served_answer readiness(const call& asked);
    http::served_answer metrics(const call& asked);
    http::served_answer status(const call& asked);
    http::served_answer pools(const call& asked);
    http::served_answer pool(const call& asked);
    http::served_answer server(const call& asked);
    http::served_answer overrides(const call& asked);
    http::served_answer reload(const call& asked);
    http::served_answer set_state(const call& asked);
    http::served_answer set_weight(const call& asked);
    http::served_answer add_server(const call& asked);
    http::served_answer remove_server(const call& asked);
    http::served_answer lift(const call& asked);

    operations& node_;
    http::server server_;
};

}  // namespace hawser::admin
