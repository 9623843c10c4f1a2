// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "http/message.h"
#include "proxy/path_index.h"
#include "proxy/route.h"

namespace hawser::proxy {

/// The routes of one host, the most specific first: `rank_of`, and where that is equal the order in
/// which they were given. Patterns are asked in that order too, all routes of one pattern together.
/// Immutable: routers share it.
class host_routes {
  public:
    explicit host_routes(std::vector<route> routes);
    host_routes(const host_routes&) = delete;
    host_routes& operator=(const host_routes&) = delete;

    /// Null: none of them.
    [[nodiscard]] const route* find(std::string_view path, std::string_view listener,
                                    const http::request_head& head) const {
        const auto found = paths_.find(path, [&](std::uint32_t each) {
            return meets_others(routes_[each].when, listener, head);
        });
        return found ? &routes_[*found] : nullptr;
    }

    [[nodiscard]] bool asks_for_paths() const noexcept { return asks_for_paths_; }
    [[nodiscard]] std::span<const route> routes() const noexcept { return routes_; }

  private:
    std::vector<route> routes_;
    path_index paths_;
    bool asks_for_paths_ = false;
};

}  // namespace hawser::proxy
