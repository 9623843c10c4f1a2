// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string_view>

#include "admin/operations.h"
#include "async/task.h"
#include "http/server.h"
#include "io/listener.h"

namespace hawser::admin {

/// The operator's HTTP endpoint: health, metrics, status, and a few actions.
///
/// Runs on the control thread, apart from the traffic, and with small limits of its own, so that
/// it answers while the workers are overloaded. GET changes nothing; what changes something is a
/// POST of JSON (E170). Errors are `{"error": ...}`.
class endpoint {
  public:
    explicit endpoint(operations& node);

    /// Serves what arrives at `from` until the scope around it is stopped.
    task<> serve(std::unique_ptr<io::listener> from) { return server_.serve(std::move(from)); }

    /// The answer to one request.
    [[nodiscard]] http::served_answer answer(const http::served_request& asked);

  private:
    task<http::served_answer> handle(const http::served_request& asked);
    http::served_answer show(std::string_view path);
    http::served_answer act(std::string_view path);
    http::served_answer reload();
    http::served_answer change_server(std::string_view path);

    operations& node_;
    http::server server_;
};

}  // namespace hawser::admin
