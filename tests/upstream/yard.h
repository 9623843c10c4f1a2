// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <initializer_list>
#include <memory>
#include <string>
#include <vector>

#include "upstream/pool.h"

namespace hawser::upstream {

inline server_description described(std::string name, std::uint32_t weight = 1) {
    return {.name = std::move(name),
            .address = io::endpoint::parse("192.0.2.1:8000").value(),
            .weight = weight};
}

/// A pool for tests, whose servers are called by name.
struct yard {
    explicit yard(std::initializer_list<server_description> servers, pool_settings settings = {},
                  std::size_t workers = 1)
        : pool("shop", settings, made_of(servers, workers)) {}

    server& operator[](std::string_view name) const { return *pool.find(name); }

    /// The names of the candidates for `asked`, in order.
    std::vector<std::string> names(const attempt& asked) {
        std::vector<std::string> found;
        for (const server* one : pool.candidates(asked, scratch)) found.push_back(one->name());
        return found;
    }

    upstream::pool pool;
    std::vector<server*> scratch;

  private:
    static std::vector<std::shared_ptr<server>> made_of(
        std::initializer_list<server_description> servers, std::size_t workers) {
        std::vector<std::shared_ptr<server>> made;
        for (const auto& each : servers)
            made.push_back(std::make_shared<server>("shop", each, workers,
                                                    static_cast<std::uint32_t>(made.size())));
        return made;
    }
};

using names = std::vector<std::string>;

}  // namespace hawser::upstream
