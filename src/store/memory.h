// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "store/residents.h"
#include "store/store.h"

namespace hawser::store {

/// Records in this process's memory, and nowhere else: they end with it, or go to the next one.
class memory final : public store {
  public:
    /// Shards for about so many records, and room for all namespaces together.
    memory(std::size_t records, const room& most, steady_time now,
           std::size_t heap_bytes = block_heap::most_bytes)
        : residents_({.records = records, .most = most, .heap_bytes = heap_bytes}, now,
                     [this](const ending& what) { tell(what); }) {}

    [[nodiscard]] task<result<finding>> read(record_id id, bool sees, steady_time now) override;
    [[nodiscard]] task<result<change>> write(record_id id, record what, expectation on,
                                             steady_time now) override;
    [[nodiscard]] task<result<change>> erase(record_id id, expectation on,
                                             std::chrono::milliseconds remembered,
                                             steady_time now) override;
    [[nodiscard]] task<result<touched>> touch(record_id id, touching how, steady_time now) override;
    [[nodiscard]] task<result<page>> scan(space& in, cursor from, std::size_t count,
                                          steady_time now) override;
    [[nodiscard]] std::optional<result<>> show(const record_id& id, bool sees, steady_time now,
                                               const look& look) override {
        if (id.in->condition() == condition::opening) return opening();
        residents_.show(id, sees, now, look);
        return result<>();
    }
    [[nodiscard]] std::optional<result<revised>> revise(const record_id& id, std::string_view name,
                                                        std::string_view data, steady_time now,
                                                        const decision& decide) override;
    bool sweep(steady_time now, std::size_t budget) override {
        return residents_.sweep(now, budget);
    }

    [[nodiscard]] occupancy& held() noexcept { return residents_.held(); }
    /// All that is there; for what goes from process to process.
    [[nodiscard]] residents& records() noexcept { return residents_; }

  private:
    residents residents_;
};

}  // namespace hawser::store
