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
    ~signals() { ignore(); }
    signals(const signals&) = delete;
    signals& operator=(const signals&) = delete;

    /// Begins to hand them over.
    void listen(std::function<void(int)> told);
    /// Nothing is handed over any more, and what comes is not heeded, until the process ends.
    void ignore();

  private:
    std::jthread thread_;
};

}  // namespace hawser::app
