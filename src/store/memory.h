// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <vector>

#include "store/store.h"

namespace hawser::store {

class memory_shard;

/// Records in this process's memory, and nowhere else: they end with it.
///
/// Sharded by id; each call holds the lock of one shard for one record. Bytes are counted with all
/// that a record takes but its slot in the index, which is 21 to 43 bytes more, and the allocator's
/// rounding; bounds are exact.
class memory final : public store {
  public:
    /// Shards for about so many records, and room for all namespaces together.
    memory(std::size_t records, const room& most, steady_time now);
    ~memory() override;

    [[nodiscard]] task<result<finding>> read(record_id id, bool sees, steady_time now) override;
    [[nodiscard]] task<result<change>> write(record_id id, record what, expectation on,
                                             steady_time now) override;
    [[nodiscard]] task<result<change>> erase(record_id id, expectation on,
                                             std::chrono::milliseconds remembered,
                                             steady_time now) override;
    [[nodiscard]] task<result<touched>> touch(record_id id, touching how, steady_time now) override;
    [[nodiscard]] task<result<page>> scan(space& in, cursor from, std::size_t count,
                                          steady_time now) override;
    bool sweep(steady_time now, std::size_t budget) override;

    [[nodiscard]] occupancy& held() noexcept { return held_; }

  private:
    [[nodiscard]] memory_shard& shard_of(const record_id& id) const;
    [[nodiscard]] bool make_room(space& in);

    occupancy held_;
    std::vector<std::unique_ptr<memory_shard>> shards_;  // a power of two of them
    std::atomic<std::size_t> sweep_next_{0};
    std::atomic<std::size_t> evict_next_{0};
};

}  // namespace hawser::store
