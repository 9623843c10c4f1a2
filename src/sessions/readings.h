// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "crypto/random.h"
#include "store/record.h"

namespace hawser::sessions {

/// Data that is wiped when nobody holds it any more: it may be what logs a user in (S21).
using shared_data = std::shared_ptr<const std::string>;
[[nodiscard]] shared_data share(std::string_view data);

/// What somebody has read: on what the save that comes of it is based.
struct reading {
    store::version at = store::no_version;
    shared_data data = nullptr;  ///< null: it is not known any more
};

/// What the clients of a namespace have read lately, by number, for any worker. Bounded: the
/// oldest is forgotten first, and a save that comes of it is then based on what nobody knows.
class readings {
  public:
    explicit readings(std::size_t bytes_max) : shard_bytes_max_(bytes_max / shards) {}

    /// Remembers it. The number says nothing, and is never 0.
    [[nodiscard]] std::uint64_t note(const store::record_id& id, store::version at,
                                     std::string_view data, steady_time now);

    /// What was read under that number, if that was of this session.
    [[nodiscard]] std::optional<reading> find(std::uint64_t number,
                                              const store::record_id& id) const;

    /// Who has read that is done with it, or has saved since: what it saves next is based on `now`.
    void answer(std::uint64_t number, const store::record_id& id, std::optional<reading> now);

    /// What has been read last of this session, and not been answered yet.
    [[nodiscard]] std::vector<reading> open(const store::record_id& id) const;

    /// Forgets what was read before `then`.
    void forget_before(steady_time then);

    /// Bytes that all of them take, about.
    [[nodiscard]] std::size_t bytes() const;

  private:
    static constexpr std::size_t shards = 16;

    struct entry {
        std::uint64_t session;
        reading what;
        steady_time noted;
        bool is_open = true;
    };
    struct shard {
        mutable std::mutex lock;
        crypto::random_stock chance;
        std::unordered_map<std::uint64_t, entry> all;
        std::unordered_map<std::uint64_t, std::deque<std::uint64_t>> of;  // numbers by session
        std::deque<std::uint64_t> order;
        std::size_t bytes = 0;

        void forget_oldest();
    };

    [[nodiscard]] shard& shard_of(const store::record_id& id) { return all_[id.hash[0] % shards]; }
    [[nodiscard]] const shard& shard_of(const store::record_id& id) const {
        return all_[id.hash[0] % shards];
    }

    std::array<shard, shards> all_;
    std::size_t shard_bytes_max_;
};

}  // namespace hawser::sessions
