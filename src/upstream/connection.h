// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <utility>

#include "async/loop.h"
#include "base/clock.h"
#include "io/stream.h"
#include "upstream/load.h"

namespace hawser::upstream {

/// A connection to a server, counted as open in its worker's load for as long as it lives.
class connection {
  public:
    connection() = default;
    connection(std::unique_ptr<io::stream> stream, worker_load& counted)
        : stream_(std::move(stream)), counted_(&counted), opened_(loop::current().now().steady) {
        counted.connections.add();
        counted.connects.add();
    }
    connection(connection&& other) noexcept
        : stream_(std::move(other.stream_)),
          counted_(std::exchange(other.counted_, nullptr)),
          opened_(other.opened_) {}
    connection& operator=(connection&& other) noexcept {
        std::swap(stream_, other.stream_);
        std::swap(counted_, other.counted_);
        std::swap(opened_, other.opened_);
        return *this;
    }
    ~connection() { close(); }

    /// Puts a layer on the stream, or whatever else `make` makes of it.
    template <typename Make>
    void put_on(Make make) {
        stream_ = make(std::move(stream_));
    }

    explicit operator bool() const noexcept { return stream_ != nullptr; }
    io::stream* operator->() const noexcept { return stream_.get(); }
    io::stream& operator*() const noexcept { return *stream_; }

    /// When it was begun.
    [[nodiscard]] steady_time opened() const noexcept { return opened_; }

    void close() noexcept {
        stream_.reset();
        if (counted_ != nullptr) std::exchange(counted_, nullptr)->connections.subtract();
    }

  private:
    std::unique_ptr<io::stream> stream_;
    worker_load* counted_ = nullptr;
    steady_time opened_{};
};

}  // namespace hawser::upstream
