// SPDX-License-Identifier: Apache-2.0
#include "io/directory_watch.h"

#include <sys/inotify.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <utility>

namespace hawser::io {

result<std::unique_ptr<directory_watch>> directory_watch::open(engine& on,
                                                               const std::string& path) {
    descriptor opened(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
    if (!opened) return std::unexpected(system_error(errno, "inotify_init1"));
    // Not IN_CREATE: a file that is being written tells nothing yet.
    constexpr std::uint32_t heard = IN_MOVED_TO | IN_MOVED_FROM | IN_CLOSE_WRITE | IN_DELETE;
    if (::inotify_add_watch(opened.number(), path.c_str(), heard | IN_ONLYDIR) < 0)
        return std::unexpected(system_error(errno, "inotify_add_watch"));

    auto made = std::make_unique<directory_watch>(std::move(opened));
    auto watch = on.watch(made->inotify_.number(), {.readable = true}, *made);
    if (!watch) return std::unexpected(std::move(watch.error()));
    made->watch_ = std::move(*watch);
    return made;
}

/// What exactly happened is not read for: whoever waits looks at its file anyway.
void directory_watch::became_ready(int descriptor, readiness) noexcept {
    alignas(inotify_event) std::array<char, 4096> told{};
    while (::read(descriptor, told.data(), told.size()) > 0) continue;
    changed_.set();
}

}  // namespace hawser::io
