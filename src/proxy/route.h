// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "clients/access_list.h"
#include "http/compression/kinds.h"
#include "http/compression/negotiation.h"
#include "http/message.h"
#include "proxy/error_pages.h"
#include "proxy/fixed_answer.h"
#include "proxy/path_rewriting.h"
#include "proxy/request_limit.h"

namespace hawser::proxy {

/// What a request must be for a route; whatever is empty matches all.
struct route_conditions {
    std::string listener = {};
    std::string host = {};  ///< lower case; `*.shop.example` for any name below
    /// `/api/`: a prefix at a segment's edge; `=/x`: exactly; `~^/x$`: a pattern.
    std::string path = {};
    std::vector<std::string> methods = {};
    // Name and value; an empty value is any.
    std::vector<std::pair<std::string, std::string>> headers = {};
    std::vector<std::pair<std::string, std::string>> query = {};

    friend bool operator==(const route_conditions&, const route_conditions&) = default;
};

/// Changes of a head that a route asks for.
struct head_edits {
    std::vector<std::pair<std::string, std::string>> set;  ///< replaces every field of that name
    std::vector<std::string> remove;

    [[nodiscard]] bool empty() const noexcept { return set.empty() && remove.empty(); }
    /// A field of this name does not go on as it came.
    [[nodiscard]] bool touches(std::string_view name) const noexcept;
    /// The lines that `set` adds.
    void append_to(std::string& lines) const;

    friend bool operator==(const head_edits&, const head_edits&) = default;
};

/// What a route compresses, and how.
struct compression {
    http::compression::policy which;
    std::vector<http::compression::choice> with;
    std::vector<std::string_view> names;  ///< of those, in their order
};

/// Behind every pool's place.
inline constexpr std::size_t no_pool = SIZE_MAX;

/// A rule from request to pool, or to an answer of its own.
struct route {
    route_conditions when;
    std::size_t number = 0;  ///< its place in the configuration
    std::size_t pool = 0;    ///< its place in the snapshot; `no_pool` with an answer of its own
    std::shared_ptr<const fixed_answer> answer = {};          ///< null: the pool's servers answer
    std::shared_ptr<const path_rewriting> new_path = {};      ///< null: the path goes on as it came
    std::shared_ptr<const error_pages> pages = {};            ///< null: none of its own
    std::shared_ptr<const clients::access_list> access = {};  ///< whom it is for; null: everybody
    std::shared_ptr<const compression> compressed = {};       ///< null: bodies go on as they came
    std::shared_ptr<const request_limits> rates = {};         ///< null: none
    std::chrono::milliseconds timeout = std::chrono::milliseconds::max();  ///< of a whole exchange
    std::uint64_t body_max = UINT64_MAX;
    bool allows_websocket = true;
    head_edits request;
    head_edits response;
};

/// How specific a route is, the weightiest first; the greater one is asked before.
struct route_rank {
    enum class host_kind : std::uint8_t { any, wildcard, exact };
    enum class path_kind : std::uint8_t { any, pattern, prefix, exact };

    host_kind host = host_kind::any;
    std::size_t host_length = 0;
    path_kind path = path_kind::any;
    std::size_t path_length = 0;  ///< of a prefix
    std::size_t others = 0;       ///< conditions beside host and path

    friend auto operator<=>(const route_rank&, const route_rank&) = default;
};
[[nodiscard]] route_rank rank_of(const route_conditions& when) noexcept;

/// The conditions beside host and path.
[[nodiscard]] bool meets_others(const route_conditions& when, std::string_view listener,
                                const http::request_head& head);

}  // namespace hawser::proxy
