// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"

namespace hawser::app::demo {

/// One shop, a process of its own.
struct shop_process {
    std::string name;
    pid_t id = 0;
    std::uint16_t port = 0;
};

/// The demo's shops. They end with it, and also when it is killed.
class processes {
  public:
    processes() = default;
    ~processes();
    processes(const processes&) = delete;
    processes& operator=(const processes&) = delete;

    /// Starts this very program as a shop and waits until it listens.
    [[nodiscard]] result<shop_process> start(const std::string& name);

  private:
    std::vector<pid_t> running_;
};

/// What such a process does: serves as the shop `name` on a free port of 127.0.0.1, writes the port
/// to standard output, ends with its parent.
int be_a_shop(const std::string& name);

}  // namespace hawser::app::demo
