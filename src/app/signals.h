// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <thread>

namespace hawser::app {

/// Hands the signals that a service gets to one function, on a thread that does nothing else.
///
/// Made before any other thread, so that all inherit its mask. TERM INT QUIT HUP USR1 USR2.
class signals {
  public:
    signals();
    ~signals();
    signals(const signals&) = delete;
    signals& operator=(const signals&) = delete;

    /// Begins to hand them over.
    void listen(std::function<void(int)> told);

  private:
    std::jthread thread_;
};

}  // namespace hawser::app
