// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <utility>

#include "io/engine.h"
#include "support/sim/network.h"

namespace hawser::sim {

/// The simulated twin of an engine of the operating system: waiting is a jump in virtual time.
class engine final : public io::engine {
  public:
    explicit engine(network& net) : network_(net) {}

    using io::engine::connect;
    result<std::unique_ptr<io::stream>> connect(const io::endpoint& to,
                                                const io::source& from) override {
        return network_.connect(hot_, to, from.address);
    }
    /// A socket of the operating system has no place here; see the other one.
    result<std::unique_ptr<io::listener>> listen(io::listening_socket) override {
        return fail(errc::invalid, "in the simulated world one listens at an endpoint");
    }
    [[nodiscard]] std::unique_ptr<io::listener> listen(const io::endpoint& at) {
        return network_.listen(hot_, at);
    }

    result<std::unique_ptr<io::descriptor_watch>> watch(int, io::readiness,
                                                        io::descriptor_user&) override {
        return fail(errc::invalid, "the simulated world has no descriptors");
    }

    void wait(steady_time end) override {
        if (std::exchange(is_rung_, false)) end = clock().steady;
        is_stuck_ = end == no_deadline && network_.time().is_empty();
        network_.time().pass_until(end);
    }
    void wake() noexcept override { is_rung_ = true; }
    instant clock() const override { return network_.time().now(); }

    /// The last wait would have been for ever.
    [[nodiscard]] bool is_stuck() const noexcept { return is_stuck_; }

  private:
    network& network_;
    io::hot_buffer hot_;
    bool is_rung_ = false;
    bool is_stuck_ = false;
};

}  // namespace hawser::sim
