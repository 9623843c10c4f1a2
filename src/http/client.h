// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "async/task.h"
#include "base/result.h"
#include "io/endpoint.h"
#include "io/engine.h"
#include "io/stream.h"

namespace hawser::http {

/// One small request, whole.
struct client_request {
    std::string method = "GET";
    std::string target = "/";
    std::string host = "localhost";
    std::string lines = {};  ///< more fields, complete lines
    std::string body = {};
    std::size_t answer_max = 64 * 1024 * 1024;  ///< of the answer's body
    /// What an answer holds beyond `answer_max` is not read; else it is `malformed`.
    bool takes_begin = false;
};

struct client_answer {
    unsigned status = 0;
    std::string body = {};
    std::vector<std::pair<std::string, std::string>> fields = {};
    std::string trailers = {};  ///< lines; of HTTP/2 only

    /// The value of the first field, or trailer, of that name; empty if there is none.
    [[nodiscard]] std::string_view field(std::string_view name) const;
    [[nodiscard]] std::string_view trailer(std::string_view name) const;
};

/// Asks over a connection of its own and reads the whole answer. Deadline and stop come from the
/// scope around it. For what Hawser asks itself, such as a command its node, or a check a server;
/// requests of clients go by proxy/.
[[nodiscard]] task<result<client_answer>> ask(io::engine& with, io::endpoint at,
                                              client_request what);

/// The same over a connection that stands and that is used for nothing else, by HTTP/1.1.
[[nodiscard]] task<result<client_answer>> ask_over(io::stream& server, client_request what);

/// The same by HTTP/2; `scheme`: `http` or `https`. A body is short: at most
/// `limits::h2_read_ahead_share`.
[[nodiscard]] task<result<client_answer>> ask_over_h2(io::stream& server, client_request what,
                                                      std::string_view scheme);

}  // namespace hawser::http
