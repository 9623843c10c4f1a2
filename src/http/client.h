// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>

#include "async/task.h"
#include "base/result.h"
#include "io/endpoint.h"
#include "io/engine.h"

namespace hawser::http {

/// One small request, whole.
struct client_request {
    std::string method = "GET";
    std::string target = "/";
    std::string host = "localhost";
    std::string lines = {};  ///< more fields, complete lines
    std::string body = {};
    std::size_t answer_max = 64 * 1024 * 1024;  ///< of the answer's body
};

struct client_answer {
    unsigned status = 0;
    std::string body;
};

/// Asks over a connection of its own and reads the whole answer. Deadline and stop come from the
/// scope around it. For what Hawser asks itself, such as a command its node; servers of pools are
/// spoken to by proxy/.
[[nodiscard]] task<result<client_answer>> ask(io::engine& with, io::endpoint at,
                                              client_request what);

}  // namespace hawser::http
