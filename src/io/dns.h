// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "async/task.h"
#include "base/result.h"
#include "io/dns_message.h"
#include "io/endpoint.h"
#include "io/engine.h"

namespace hawser::io {

/// Whom to ask, and how long.
struct dns_terms {
    std::vector<endpoint> servers = {};  ///< none: those of /etc/resolv.conf, read each time
    std::chrono::milliseconds timeout = std::chrono::seconds(2);  ///< of the first try; then more
    unsigned tries = 2;                                           ///< of each server
};

struct dns_question {
    /// As people write it: the search list of /etc/resolv.conf applies, unless it ends with a dot.
    std::string name;
    dns_type what = dns_type::a;
};

/// Asks name servers all of `questions` at once, by UDP, and by TCP what does not fit; never a file
/// of hosts. Returns their answers in the order of the questions, once there are all.
///
/// A name, or records, that do not exist are an empty answer. Errors: `timed_out`, `malformed`,
/// `unavailable` (no server would say), `cancelled`.
[[nodiscard]] task<std::vector<result<dns_answer>>> ask_dns(engine& on, dns_terms terms,
                                                            std::vector<dns_question> questions);

}  // namespace hawser::io
