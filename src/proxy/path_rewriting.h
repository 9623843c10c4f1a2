// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "http/message.h"
#include "proxy/request_texts.h"
#include "proxy/text_template.h"

namespace hawser::proxy {

/// What a route puts in the place of the path that it matched.
struct path_rewriting {
    text_template to;
    /// What is below the route's prefix stays as it was sent; else all of the path is replaced.
    bool keeps_rest = true;
    path_reading reading = {};
};

/// The target as it goes to the server. `malformed` for a path that could be meant in two ways.
/// What is no path (`OPTIONS *`) stays.
[[nodiscard]] result<std::string> rewrite_target(const http::request_head& head,
                                                 std::string_view scheme,
                                                 const path_rewriting& how);

}  // namespace hawser::proxy
