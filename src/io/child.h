// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "async/event.h"
#include "async/task.h"
#include "base/result.h"
#include "io/descriptor_watch.h"
#include "io/engine.h"
#include "io/epoll/descriptor.h"

namespace hawser::io {

/// What is run, and with what.
struct command {
    std::string program;                        ///< its path; nothing is searched
    std::vector<std::string> arguments = {};    ///< without its own name
    std::vector<std::string> environment = {};  ///< `NAME=VALUE`, all of it
};

/// How a program has ended.
struct ending {
    int status = 0;  ///< of its exit
    int signal = 0;  ///< that has killed it; 0: it has ended by itself
};

/// A program that runs beside us, in a process group of its own, without input and output and
/// without any descriptor of ours.
///
/// Destroyed before its end it is killed, with all that it has started. What it leaves behind at
/// its end is killed too.
class child final : descriptor_user {
  public:
    /// `not_found` or another error of the system if it cannot be run, `exhausted` while too many
    /// that were killed have not ended (`limits::unended_children_max`).
    [[nodiscard]] static result<std::unique_ptr<child>> start(engine& on, const command& what);
    child(pid_t id, descriptor handle) : id_(id), handle_(std::move(handle)) {}
    ~child();
    child(const child&) = delete;
    child& operator=(const child&) = delete;

    /// Waits for its end.
    [[nodiscard]] task<result<ending>> ended();

  private:
    void became_ready(int descriptor, readiness what) noexcept override;
    ending take_leave() noexcept;

    pid_t id_;
    descriptor handle_;
    std::unique_ptr<descriptor_watch> watch_;
    event ended_;
    bool is_over_ = false;
};

}  // namespace hawser::io
