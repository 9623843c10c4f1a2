// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stdlib.h>

#include <chrono>
#include <filesystem>
#include <string>

#include "async/scope.h"
#include "async/task.h"
#include "base/ensure.h"
#include "crypto/rings.h"
#include "io/epoll/epoll_engine.h"
#include "io/worker.h"

namespace hawser::store {

/// Runs `work` on `on` to its end: what it waits for may come from other threads.
inline void run_on(io::worker& on, task<> work) {
    scope root;
    root.spawn(std::move(work));
    const auto end = on.turns().now().steady + std::chrono::minutes(1);
    while (root.running() > 0) {
        on.turn(end);
        ensure(on.turns().now().steady < end, "a promise is kept, or broken, within a minute");
    }
}

/// A directory of a test's own, gone with it.
class folder {
  public:
    folder() {
        std::string form =
            (std::filesystem::temp_directory_path() / "hawser-store-XXXXXX").string();
        ensure(::mkdtemp(form.data()) != nullptr, "there is room for a test's files");
        path = form;
    }
    ~folder() { std::filesystem::remove_all(path); }
    folder(const folder&) = delete;
    folder& operator=(const folder&) = delete;

    std::filesystem::path path;
};

/// One key, always the same.
inline crypto::key_ring ring_of_tests() {
    return crypto::ring_of({{1, crypto::at(std::chrono::milliseconds(0))}});
}

}  // namespace hawser::store
