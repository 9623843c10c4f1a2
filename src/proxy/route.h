// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "http/message.h"

namespace hawser::proxy {

/// What a request must be for a route; whatever is empty matches all.
struct route_conditions {
    std::string listener;
    std::string host;  ///< lower case; `*.shop.example` for any name below
    std::string path;  ///< `/api/`: a prefix at a segment's edge; `=/x`: exactly
    std::vector<std::string> methods;
    std::vector<std::pair<std::string, std::string>> headers;  ///< name, value; empty: any value
    std::vector<std::pair<std::string, std::string>> query;    ///< parameter, value

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

/// A rule from request to pool.
struct route {
    route_conditions when;
    std::size_t pool = 0;  ///< its place in the snapshot
    std::chrono::milliseconds timeout = std::chrono::milliseconds::max();  ///< of a whole exchange
    std::uint64_t body_max = UINT64_MAX;
    bool allows_websocket = true;
    head_edits request;
    head_edits response;
};

/// All routes, the most specific first: exact host, longest wildcard, none; then exact path,
/// longest prefix, none; then more other conditions.
class router {
  public:
    router() = default;
    explicit router(std::vector<route> routes);

    /// The route of a request that came in at `listener`; null: none. `malformed` when the path
    /// cannot be compared (E37: it climbs above the root or holds a NUL) and a route asks for
    /// paths.
    [[nodiscard]] result<const route*> find(std::string_view listener,
                                            const http::request_head& head) const;

    [[nodiscard]] const std::vector<route>& routes() const noexcept { return routes_; }

  private:
    std::vector<route> routes_;
    bool asks_for_hosts_ = false;
    bool asks_for_paths_ = false;
};

/// `a` is asked before `b`: it is more specific.
[[nodiscard]] bool is_more_specific(const route_conditions& a, const route_conditions& b) noexcept;

}  // namespace hawser::proxy
