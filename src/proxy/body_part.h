// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <expected>
#include <string_view>

#include "http/message.h"

namespace hawser::proxy {

/// What has come of a message's body, freed of its framing. Views, valid until the next wait.
struct body_part {
    std::string_view payload = {};
    bool is_last = false;
    std::string_view trailers =
        {};  ///< complete lines, each with its CRLF; only with the last part
};

/// A part of a body, or why it will not become whole: what the other side may be told of it.
/// Status 499 says that nobody waits for it any more.
using body_result = std::expected<body_part, http::refusal>;

inline constexpr http::refusal nobody_waits{499, "client-left"};

}  // namespace hawser::proxy
