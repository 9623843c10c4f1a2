// SPDX-License-Identifier: Apache-2.0
#include "io/directory_watch.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "async/scope.h"
#include "async/with.h"
#include "io/epoll/epoll_engine.h"
#include "io/worker.h"

namespace hawser::io {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

struct folder {
    folder() {
        std::string pattern = (fs::temp_directory_path() / "hawser-watch-XXXXXX").string();
        path = ::mkdtemp(pattern.data());
    }
    ~folder() { fs::remove_all(path); }
    folder(const folder&) = delete;
    folder& operator=(const folder&) = delete;

    fs::path path;
};

/// Whether the watch tells of `what` when that happens.
bool hears(worker& on, directory_watch& watch, const std::function<void()>& what) {
    bool heard = false;
    scope root;
    what();
    root.spawn([](directory_watch& told, bool& into) -> task<> {
        into = (co_await with_deadline(5s, told.changed())).has_value();
    }(watch, heard));
    on.run_until([&] { return root.running() == 0; });
    return heard;
}

TEST(directory_watch, hears_of_files_that_are_put_in_place_written_or_removed) {
    worker on(0, make_epoll_engine().value());
    const folder here;
    const auto watch = directory_watch::open(on.io(), here.path.string()).value();

    EXPECT_TRUE(hears(on, *watch, [&] { std::ofstream(here.path / "a") << "x"; }));
    EXPECT_TRUE(hears(on, *watch, [&] { fs::rename(here.path / "a", here.path / "b"); }));
    EXPECT_TRUE(hears(on, *watch, [&] { fs::remove(here.path / "b"); }));
}

TEST(directory_watch, does_not_keep_a_thread_busy_that_nobody_waits_on) {
    worker on(0, make_epoll_engine().value());
    const folder here;
    const auto watch = directory_watch::open(on.io(), here.path.string()).value();
    std::ofstream(here.path / "a") << "x";
    on.turn(on.turns().now().steady + 5s);

    const auto begin = std::chrono::steady_clock::now();
    on.turn(begin + 20ms);

    EXPECT_GE(std::chrono::steady_clock::now(), begin + 20ms) << "the turn waited to its end";
}

TEST(directory_watch, is_refused_where_there_is_no_directory) {
    worker on(0, make_epoll_engine().value());
    const folder here;
    EXPECT_FALSE(directory_watch::open(on.io(), (here.path / "none").string()).has_value());
    std::ofstream(here.path / "file") << "x";
    EXPECT_FALSE(directory_watch::open(on.io(), (here.path / "file").string()).has_value());
}

}  // namespace
}  // namespace hawser::io
