// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "proxy/request_texts.h"
#include "proxy/text_template.h"

namespace hawser::proxy {

/// What a route answers by itself: a redirect, or a body of the configuration.
struct fixed_answer {
    unsigned status = 200;
    std::optional<text_template> location;  ///< with a redirect
    path_reading reading;                   ///< for it
    std::string content_type;
    std::optional<std::string> body;  ///< none: the status in words
};

/// Where a redirect leads this request. `malformed` for a path that could be meant in two ways, or
/// a request without the host that it needs (E43).
[[nodiscard]] result<std::string> location_for(const http::request_head& head,
                                               std::string_view scheme, const fixed_answer& by);

}  // namespace hawser::proxy
