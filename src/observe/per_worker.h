// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/ensure.h"

namespace hawser::observe {

/// One `Block` of counters for each worker, cache lines apart: a worker writes only its own.
template <typename Block>
class per_worker {
  public:
    explicit per_worker(std::size_t workers) : blocks_(workers) {}

    [[nodiscard]] Block& of(std::size_t worker) noexcept { return blocks_[worker].value; }

    /// All blocks, for whoever sums them up.
    template <typename Visit>
    void for_each(Visit&& visit) const {
        for (const auto& block : blocks_) visit(block.value);
    }

    /// The sum over all workers of what `read` finds in a block.
    template <typename Read>
    [[nodiscard]] auto sum(Read&& read) const {
        decltype(read(blocks_[0].value)) total{};
        for (const auto& block : blocks_) total += read(block.value);
        return total;
    }

  private:
    struct alignas(64) padded {
        Block value;
    };

    std::vector<padded> blocks_;
};

/// Counters of things that come and go by reload, found by `Labels` names.
///
/// A row lives as long as someone holds it. Each new snapshot asks for its rows while the old one
/// still holds its own; so what both name keeps its counts, and what neither names is forgotten.
template <typename Block, std::size_t Labels>
class counter_table {
  public:
    using row = std::shared_ptr<per_worker<Block>>;
    using labels = std::array<std::string, Labels>;

    explicit counter_table(std::size_t workers) : workers_(workers) {}

    /// The row of these names; made when nobody holds one.
    [[nodiscard]] row at(const labels& names) {
        const std::scoped_lock lock(mutex_);
        auto& place = rows_[names];
        row found = place.lock();
        if (!found) place = found = std::make_shared<per_worker<Block>>(workers_);
        return found;
    }

    /// Calls `visit(labels, per_worker<Block>)` for each living row, in the order of the names.
    template <typename Visit>
    void for_each(Visit&& visit) const {
        for (const auto& [names, row] : living()) visit(names, *row);
    }

  private:
    std::vector<std::pair<labels, row>> living() const {
        const std::scoped_lock lock(mutex_);
        std::vector<std::pair<labels, row>> found;
        for (auto each = rows_.begin(); each != rows_.end();) {
            if (auto row = each->second.lock()) {
                found.emplace_back(each->first, std::move(row));
                ++each;
            } else {
                each = rows_.erase(each);
            }
        }
        return found;
    }

    const std::size_t workers_;
    mutable std::mutex mutex_;
    mutable std::map<labels, std::weak_ptr<per_worker<Block>>> rows_;
};

}  // namespace hawser::observe
