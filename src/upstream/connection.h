// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <memory>
#include <utility>

#include "async/loop.h"
#include "base/clock.h"
#include "io/stream.h"
#include "upstream/load.h"
#include "upstream/path_tally.h"

namespace hawser::upstream {

/// A connection to a server, counted as open in its worker's load for as long as it lives; what its
/// kernel knows of the way goes to `path`.
class connection {
  public:
    connection() = default;
    connection(std::unique_ptr<io::stream> stream, worker_load& counted,
               observe::path_counters& path)
        : stream_(std::move(stream)),
          counted_(&counted),
          opened_(loop::current().now().steady),
          path_(path) {
        counted.connections.add();
        counted.connects.add();
    }
    connection(connection&& other) noexcept
        : stream_(std::move(other.stream_)),
          counted_(std::exchange(other.counted_, nullptr)),
          opened_(other.opened_),
          path_(other.path_) {}
    connection& operator=(connection&& other) noexcept {
        std::swap(stream_, other.stream_);
        std::swap(counted_, other.counted_);
        std::swap(opened_, other.opened_);
        std::swap(path_, other.path_);
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

    /// It stands.
    void note_connected() noexcept {
        const auto took = loop::current().now().steady - opened_;
        path_.connected(std::chrono::duration_cast<std::chrono::microseconds>(took));
    }
    /// Nothing is under way on it for the moment.
    void note_pause() noexcept { path_.look_at_times(*stream_, loop::current().now().steady); }

    void close() noexcept {
        if (stream_ != nullptr) path_.look(*stream_);
        stream_.reset();
        if (counted_ != nullptr) std::exchange(counted_, nullptr)->connections.subtract();
    }

  private:
    std::unique_ptr<io::stream> stream_;
    worker_load* counted_ = nullptr;
    steady_time opened_{};
    path_tally path_;
};

}  // namespace hawser::upstream
