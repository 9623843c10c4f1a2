// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <utility>

#include "io/stream.h"
#include "support/sim/connection.h"

namespace hawser::sim {

/// One end of a simulated connection.
class stream final : public io::stream {
  public:
    stream(io::hot_buffer& hot, std::shared_ptr<connection> over, unsigned end)
        : io::stream(hot), connection_(std::move(over)), end_(end) {
        connection_->attach(end_, *this);
    }
    ~stream() override { connection_->close(end_, resets_on_close_); }

    /// How connecting went, 0 or an errno. Only for end 0.
    void decide(int outcome) {
        connect_outcome_ = outcome;
        notice({.readable = outcome != 0, .writable = true, .reset = outcome != 0});
    }

    void shut_down_writing() noexcept override { connection_->shut_down_writing(end_); }
    void reset_on_close() noexcept override { resets_on_close_ = true; }
    bool has_input() noexcept override { return connection_->has_input(end_); }
    io::endpoint peer() const override { return connection_->address(1 - end_); }
    io::endpoint local() const override { return connection_->address(end_); }
    std::optional<io::path_state> path() const override { return connection_->path(); }

  private:
    ssize_t receive(std::span<char> into) noexcept override {
        return connection_->receive(end_, into);
    }
    ssize_t look(std::span<char> into) noexcept override { return connection_->look(end_, into); }
    ssize_t send(const io::pieces& what) noexcept override { return connection_->send(end_, what); }
    int connect_outcome() noexcept override { return end_ == 0 ? connect_outcome_ : 0; }

    std::shared_ptr<connection> connection_;
    unsigned end_;
    int connect_outcome_ = EINPROGRESS;
    bool resets_on_close_ = false;
};

}  // namespace hawser::sim
