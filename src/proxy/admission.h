// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>

#include "clients/source_counts.h"
#include "io/ip_address.h"

namespace hawser::proxy {

/// How near the process is to what it may hold.
enum class pressure : std::uint8_t {
    none,
    tight,  ///< newcomers are refused, established sessions go on
    full,   ///< nobody is accepted
};

/// Why a newcomer is refused then; its connection closes with it, to make room.
inline constexpr std::string_view overload_cause = "overload";

/// What all workers ask before they take in a client: the limits of the whole process.
///
/// Its pressure is found out by the control thread; workers read one value.
class admission {
  public:
    explicit admission(const crypto::siphash_key& secret) : sources_(secret) {}

    /// A client's place in the process: taken for as long as its connection lives.
    class place {
      public:
        place() = default;
        place(place&& other) noexcept
            : in_(std::exchange(other.in_, nullptr)), source_(std::move(other.source_)) {}
        place& operator=(place&& other) noexcept {
            std::swap(in_, other.in_);
            std::swap(source_, other.source_);
            return *this;
        }
        ~place() {
            if (in_ != nullptr) in_->connections_.fetch_sub(1, std::memory_order_relaxed);
        }

      private:
        friend class admission;
        admission* in_ = nullptr;
        std::unique_ptr<clients::source_counts::counted> source_;  ///< null: not counted by source
    };

    /// Takes a place; false when the process has all the connections that it may have.
    [[nodiscard]] bool take(place& into) noexcept;
    /// Counts it for its source as well; false when that has `most` already. Once its address is
    /// known, which behind a proxy that tells it is not when the connection is accepted.
    [[nodiscard]] bool take_for(const io::ip_address& source, std::size_t most, place& into);

    [[nodiscard]] pressure present() const noexcept {
        return pressure_.load(std::memory_order_relaxed);
    }
    [[nodiscard]] std::size_t connections() const noexcept {
        return connections_.load(std::memory_order_relaxed);
    }
    [[nodiscard]] std::size_t connections_max() const noexcept {
        return connections_max_.load(std::memory_order_relaxed);
    }

    // The control thread's.
    void limit_connections(std::size_t most) noexcept {
        connections_max_.store(most, std::memory_order_relaxed);
    }
    void feel(pressure now) noexcept { pressure_.store(now, std::memory_order_relaxed); }

  private:
    // Read for each request, written hardly ever: not beside what each connection writes.
    alignas(64) std::atomic<pressure> pressure_ = pressure::none;
    std::atomic<std::size_t> connections_max_ = SIZE_MAX;
    alignas(64) std::atomic<std::size_t> connections_ = 0;
    alignas(64) clients::source_counts sources_;
};

}  // namespace hawser::proxy
