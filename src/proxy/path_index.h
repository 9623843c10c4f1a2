// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "http/pattern.h"
#include "proxy/segment_tree.h"

namespace hawser::proxy {

/// Routes of one host by their path conditions: thousands cost a request no more than a few.
///
/// A route is a number here. Routes of one condition are asked in the order they were added in.
class path_index {
  public:
    /// `condition` is that of a route: `/api/`, `=/x`, `~^/x$`, or empty for every path.
    void add(std::string_view condition, std::uint32_t number);
    /// Once all are there.
    void compile();

    /// The first route that matches `path` and that `accepts(number)`: exact path, longest prefix,
    /// pattern, none.
    template <typename Accepts>
    [[nodiscard]] std::optional<std::uint32_t> find(std::string_view path,
                                                    const Accepts& accepts) const {
        if (!exact_.empty()) {
            if (const auto there = exact_.find(path); there != exact_.end())
                if (const auto found = first(there->second, accepts)) return found;
        }
        if (has_prefixes_ && path.starts_with('/')) {
            std::optional<std::uint32_t> found;
            const auto take = [&](const numbers& some) {
                found = first(some, accepts);
                return found.has_value();
            };
            if (prefixes_.find(path_segments(path), take)) return found;
        }
        if (!patterns_.empty()) {
            for (const int place : patterns_.matches_of(path))
                if (const auto found = first(of_patterns_[std::size_t(place)], accepts))
                    return found;
        }
        return first(others_, accepts);
    }

  private:
    using numbers = std::vector<std::uint32_t>;

    template <typename Accepts>
    static std::optional<std::uint32_t> first(const numbers& some, const Accepts& accepts) {
        for (const std::uint32_t each : some)
            if (accepts(each)) return each;
        return std::nullopt;
    }

    text_map<numbers> exact_;
    segment_tree<numbers> prefixes_;
    bool has_prefixes_ = false;
    http::pattern_list patterns_;
    std::vector<numbers> of_patterns_;  ///< by the pattern's place
    numbers others_;
};

}  // namespace hawser::proxy
