// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

#include "admin/operations.h"
#include "http/server.h"

namespace hawser::admin {

class endpoint;

/// What stood in the places of `{...}` of a path, in their order.
struct path_names {
    static constexpr std::size_t most = 3;
    std::array<std::string_view, most> all = {};

    [[nodiscard]] server_name server() const noexcept { return {all[0], all[1]}; }
};

/// One request to the endpoint, as its handler sees it.
struct call {
    const http::served_request& asked;
    path_names names;
    caller by;
};

/// One thing that can be asked of the endpoint.
struct action {
    std::string_view method;  ///< GET answers HEAD too
    std::string_view path;    ///< `/v1/pools/{pool}`; names as config::is_name has them
    std::string_view summary;
    http::served_answer (endpoint::*answer)(const call&);

    [[nodiscard]] bool changes() const noexcept { return method != "GET"; }
};

/// The names in `path`, if it is one of `pattern`.
[[nodiscard]] std::optional<path_names> match(std::string_view pattern, std::string_view path);

}  // namespace hawser::admin
