// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "async/event.h"
#include "base/result.h"
#include "io/descriptor_watch.h"
#include "io/engine.h"
#include "io/epoll/descriptor.h"

namespace hawser::io {

/// Hears when a file of a directory was put in its place by a rename, written to its end, or
/// removed, as the kernel tells it (inotify(7)). Of a network's file system it tells nothing that
/// others do: whoever must know looks now and then besides.
class directory_watch final : descriptor_user {
  public:
    /// Hears of everything from now on. `exhausted` without an inotify instance left.
    [[nodiscard]] static result<std::unique_ptr<directory_watch>> open(engine& on,
                                                                       const std::string& path);

    explicit directory_watch(descriptor opened) : inotify_(std::move(opened)) {}
    directory_watch(const directory_watch&) = delete;
    directory_watch& operator=(const directory_watch&) = delete;

    /// Waits until something has changed since it was opened, or since the last time.
    [[nodiscard]] auto changed() noexcept { return changed_.wait(); }

  private:
    void became_ready(int descriptor, readiness what) noexcept override;

    descriptor inotify_;
    std::unique_ptr<descriptor_watch> watch_;
    event changed_;
};

}  // namespace hawser::io
