// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "http/message.h"
#include "proxy/host_routes.h"
#include "proxy/route.h"
#include "proxy/segment_tree.h"

namespace hawser::proxy {

/// All routes: the most specific host first, and of one host as `host_routes` says.
///
/// A request is looked up by its host and its path: routes that differ in these cost it nothing.
/// Routers share the routes of hosts that are the same in both, so that the next one costs what
/// differs.
class router {
  public:
    router() = default;
    explicit router(std::vector<route> routes);

    /// This one, but with `routes` for these hosts: all that they have.
    [[nodiscard]] router with(const std::set<std::string, std::less<>>& hosts,
                              std::vector<route> routes) const;

    /// The route of a request that came in at `listener`; null: none. `malformed` when the path
    /// cannot be compared (E37: it climbs above the root or holds a NUL) and a route asks for
    /// paths.
    [[nodiscard]] result<const route*> find(std::string_view listener,
                                            const http::request_head& head) const;

    /// In the order in which they are asked.
    [[nodiscard]] std::vector<const route*> routes() const;
    /// Those of one host, as conditions name it; null: none.
    [[nodiscard]] std::shared_ptr<const host_routes> of_host(std::string_view host) const;

  private:
    using shared_routes = std::shared_ptr<const host_routes>;
    using shelf = text_map<shared_routes>;
    using wildcard_tree = segment_tree<shared_routes>;
    using changing = std::map<std::shared_ptr<const shelf>*, std::shared_ptr<shelf>>;

    [[nodiscard]] static std::size_t shelf_of(std::string_view host) noexcept;
    void set(std::string_view host, shared_routes routes, changing& change);
    void plant_wildcards();

    // Exact hosts by their hash, so that to set one copies a part of the table and not all of it.
    std::array<std::shared_ptr<const shelf>, 256> hosts_;
    // Names with `*.`: as they are set, and as they are found.
    std::shared_ptr<const shelf> wildcards_;
    std::shared_ptr<const wildcard_tree> tree_;
    shared_routes any_host_;
    std::size_t hosts_count_ = 0;
    std::size_t asking_for_paths_ = 0;  ///< hosts whose routes do
};

}  // namespace hawser::proxy
