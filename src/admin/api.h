// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

#include "admin/level.h"
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
};

/// One thing that can be asked of the endpoint: what is dispatched by, and what the OpenAPI
/// document is made of.
struct action {
    using shows = http::served_answer (endpoint::*)(const call&);
    using asks = task<http::served_answer> (endpoint::*)(const call&);
    using changes = result<outcome> (endpoint::*)(const call&, const order&);
    using steers = task<result<outcome>> (endpoint::*)(const call&, const order&);
    using describes = const config::description& (*)(const operations&);

    std::string_view method;  ///< GET answers HEAD too
    std::string_view path;    ///< `/v1/pools/{pool}`; names as config::is_name has them
    level least;              ///< that may ask
    std::string_view summary;
    std::string_view answer;    ///< its schema (schemas.h); empty: a text
    shows show = nullptr;       ///< of a GET
    asks ask = nullptr;         ///< of a GET that takes its time, or has to be told more
    changes change = nullptr;   ///< of all others
    steers steer = nullptr;     ///< of a change that takes its time
    describes body = nullptr;   ///< null: there is none
    describes query = nullptr;  ///< of an `ask`: its parameters

    [[nodiscard]] bool is_change() const noexcept { return change != nullptr || steer != nullptr; }
};

/// The names in `path`, if it is one of `pattern`.
[[nodiscard]] std::optional<path_names> match(std::string_view pattern, std::string_view path);

}  // namespace hawser::admin
