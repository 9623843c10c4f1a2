// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include "app/configuration/load.h"
#include "app/node.h"
#include "app/signals.h"
#include "async/scope.h"
#include "async/stop.h"
#include "io/worker.h"

namespace hawser::app {

/// The control thread of `hawser run`: signals, reload, the stop, and the admin endpoint beside
/// the node.
class service {
  public:
    /// Reads the configuration anew for a reload; messages are for people.
    using reader = std::function<loaded()>;

    service(node& served, signals& told, io::worker& control, reader read_again);

    /// Serves until a signal ends it. Returns the exit status.
    int run();

    /// Reads the configuration again and serves by it. The error tells what is wrong, a line each.
    [[nodiscard]] result<> reload();

    [[nodiscard]] bool is_draining() const noexcept { return node_.is_draining(); }
    [[nodiscard]] std::uint64_t reloads() const noexcept { return reloads_; }
    [[nodiscard]] bool last_reload_succeeded() const noexcept { return last_reload_succeeded_; }

  private:
    enum class phase : std::uint8_t { serves, drains, over };

    void signalled(int number);
    void begin_stop(std::optional<std::chrono::milliseconds> limit);
    task<> keep_house();

    node& node_;
    io::worker& control_;
    reader read_again_;
    phase phase_ = phase::serves;
    steady_time stop_end_ = no_deadline;
    stop_source over_;
    context conditions_{.stop = &over_};
    scope chores_;
    std::uint64_t reloads_ = 0;
    bool last_reload_succeeded_ = true;
};

}  // namespace hawser::app
