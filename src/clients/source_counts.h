// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <unordered_map>
#include <utility>

#include "clients/network.h"
#include "crypto/siphash.h"

namespace hawser::clients {

/// How many connections each source has, over all workers: an IPv4 address or an IPv6 /64 (E135).
///
/// It holds an entry only for a source that has a connection, so the limit of connections in all
/// bounds it. Addresses are hashed under a secret: clients choose them.
class source_counts {
  public:
    explicit source_counts(const crypto::siphash_key& secret);

    /// One connection of a source; counted until this goes.
    class counted {
      public:
        counted() = default;
        counted(counted&& other) noexcept
            : in_(std::exchange(other.in_, nullptr)), source_(other.source_) {}
        counted& operator=(counted&& other) noexcept {
            std::swap(in_, other.in_);
            std::swap(source_, other.source_);
            return *this;
        }
        ~counted() {
            if (in_ != nullptr) in_->give_back(source_);
        }

      private:
        friend class source_counts;
        counted(source_counts& in, const io::ip_address& source) : in_(&in), source_(source) {}

        source_counts* in_ = nullptr;
        io::ip_address source_;
    };

    /// Counts a connection into `place`; false when the source has `most` already.
    [[nodiscard]] bool take(const io::ip_address& client, std::size_t most, counted& place);

    /// Sources that have a connection now.
    [[nodiscard]] std::size_t sources() const;

  private:
    static constexpr std::size_t shards = 64;

    struct keyed_hash {
        crypto::siphash_key secret;
        std::size_t operator()(const io::ip_address& source) const noexcept {
            return std::size_t(crypto::siphash128(secret, source.bytes())[0]);
        }
    };
    struct alignas(64) shard {
        mutable std::mutex held;
        std::unordered_map<io::ip_address, std::uint32_t, keyed_hash> counts;
    };

    shard& shard_of(const io::ip_address& source) noexcept;
    void give_back(const io::ip_address& source) noexcept;

    keyed_hash hash_;
    std::array<shard, shards> shards_;
};

}  // namespace hawser::clients
