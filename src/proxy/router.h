// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>
#include <vector>

#include "base/result.h"
#include "http/message.h"
#include "proxy/path_index.h"
#include "proxy/route.h"
#include "proxy/segment_tree.h"

namespace hawser::proxy {

/// All routes, the most specific first: `rank_of`, and where that is equal the order of the
/// configuration. Patterns of one host are asked in the order of the configuration, all routes of
/// one pattern together.
///
/// A request is looked up by its host and its path: routes that differ in these cost it nothing.
class router {
  public:
    router() = default;
    explicit router(std::vector<route> routes);

    /// The route of a request that came in at `listener`; null: none. `malformed` when the path
    /// cannot be compared (E37: it climbs above the root or holds a NUL) and a route asks for
    /// paths.
    [[nodiscard]] result<const route*> find(std::string_view listener,
                                            const http::request_head& head) const;

    /// In the order in which they are asked.
    [[nodiscard]] const std::vector<route>& routes() const noexcept { return routes_; }

  private:
    path_index& index_of(std::string_view host);

    std::vector<route> routes_;
    text_map<path_index> hosts_;
    segment_tree<path_index> wildcards_;
    path_index any_host_;
    bool asks_for_hosts_ = false;
    bool asks_for_paths_ = false;
};

}  // namespace hawser::proxy
