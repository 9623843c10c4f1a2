// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "async/scope.h"
#include "async/stop.h"
#include "async/task.h"
#include "http/date.h"
#include "http/message.h"
#include "io/endpoint.h"
#include "io/listener.h"
#include "io/stream.h"
#include "tls/server_context.h"
#include "tls/work_room.h"

namespace hawser::http {

/// One small request, whole, with copies of what it said.
struct served_request {
    std::string method;
    std::string host;
    std::string path;  ///< as sent
    std::string query;
    std::vector<std::pair<std::string, std::string>> fields;
    std::string body;
    // Who asks.
    io::endpoint peer = {};          ///< of a unix socket mostly without a path
    std::optional<uid_t> user = {};  ///< at a unix socket
    std::string certificate = {};    ///< the subject of one that was verified

    /// The first field of that name in any letter case; empty if there is none.
    [[nodiscard]] std::string_view field(std::string_view name) const noexcept;
};

struct served_answer {
    unsigned status = 200;
    std::string content_type = "application/json";
    std::string body;
    std::string lines = {};  ///< more fields, complete lines
};

/// A small HTTP/1.1 server for what Hawser itself answers: admin, the demo's shops, test doubles.
///
/// Strict as the proxy's edge, but with small limits: bodies are read whole before the handler is
/// asked, one request at a time on a connection.
class server {
  public:
    struct settings {
        std::size_t body_max = 1024 * 1024;
        std::size_t connections_max = 256;  ///< beyond it new ones are closed at once
        std::size_t connections_of_peer_max =
            256;  ///< the same of one address; the loopback is none
        std::chrono::milliseconds head_timeout = std::chrono::seconds(10);
        std::chrono::milliseconds idle_timeout = std::chrono::seconds(60);
        /// The terms for a connection that comes now; null, or not set: it is served in clear.
        std::function<std::shared_ptr<const tls::server_context>()> tls = {};
    };
    using handler = std::function<task<served_answer>(const served_request&)>;

    server(const settings& chosen, handler answering)
        : settings_(chosen), handler_(std::move(answering)) {}

    /// Serves what arrives at `from` until the scope around it is stopped, then ends at once.
    task<> serve(std::unique_ptr<io::listener> from);

  private:
    [[nodiscard]] bool has_room_for(const io::ip_address& peer) const;
    task<> serve_client(std::unique_ptr<io::stream> client);
    task<std::unique_ptr<io::stream>> shake_hands(std::unique_ptr<io::stream> client,
                                                  std::shared_ptr<const tls::server_context> terms,
                                                  served_request& who);
    task<bool> serve_one(io::stream& client, std::string& received, const served_request& who,
                         bool is_first);
    task<bool> refuse(io::stream& client, refusal why);

    settings settings_;
    handler handler_;
    date_clock dates_;
    tls::work_room tls_room_;
    std::size_t connections_ = 0;
    std::map<io::ip_address, std::size_t> connections_of_;  ///< by peer, where there are any
};

}  // namespace hawser::http
