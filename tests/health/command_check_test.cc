// SPDX-License-Identifier: Apache-2.0
#include "health/command_check.h"

#include <gtest/gtest.h>

#include "async/scope.h"
#include "async/with.h"
#include "io/epoll/epoll_engine.h"
#include "io/worker.h"

namespace hawser::health {
namespace {

using namespace std::chrono_literals;
using verdict = outcome::verdict;

task<> find_into(const command_check& check, visit at, std::chrono::milliseconds timeout,
                 outcome& found) {
    found = co_await with_deadline(timeout, check.run(at));
}

/// What a shell's script finds of server `shop/a` at 192.0.2.1:8000.
outcome run(std::string script, std::chrono::milliseconds timeout = 20s) {
    io::worker on(0, io::make_epoll_engine().value());
    way way{
        .pool = "shop", .server = "a", .address = io::endpoint::parse("192.0.2.1:8000").value()};
    tls::work_room room;
    const command_check check({.program = "/bin/sh", .arguments = {"-c", std::move(script)}});
    outcome found;
    scope root;
    root.spawn(find_into(check, visit(way, on.io(), room), timeout, found));
    while (root.running() > 0) on.turn();
    return found;
}

TEST(command_check, exit_status_0_passes) {
    const auto found = run("exit 0");
    EXPECT_EQ(found.what, verdict::passed);
    EXPECT_EQ(found.text, "exit 0");
}

TEST(command_check, any_other_fails) {
    const auto found = run("exit 3");
    EXPECT_EQ(found.what, verdict::failed);
    EXPECT_EQ(found.kind, "command");
    EXPECT_EQ(found.text, "exit 3");
}

TEST(command_check, a_signal_fails) { EXPECT_EQ(run("kill -TERM $$").text, "signal 15"); }

TEST(command_check, e178_a_hang_fails_at_the_timeout) {
    const auto found = run("sleep 1000", 50ms);
    EXPECT_EQ(found.what, verdict::failed);
    EXPECT_EQ(found.text, "timeout");
}

TEST(command_check, is_told_which_server_is_meant) {
    const auto* script =
        "test \"$HAWSER_POOL/$HAWSER_SERVER $HAWSER_ADDRESS $HAWSER_HOST $HAWSER_PORT\" = "
        "'shop/a 192.0.2.1:8000 192.0.2.1 8000'";
    EXPECT_EQ(run(script).text, "exit 0");
}

TEST(command_check, has_nothing_else_of_ours) {
    ASSERT_EQ(::setenv("HAWSER_TEST_SECRET", "s3cret", 1), 0);
    EXPECT_EQ(run("test -z \"$HAWSER_TEST_SECRET\"").text, "exit 0");
    EXPECT_EQ(
        run("for fd in /proc/self/fd/*; do case ${fd##*/} in [0-9]) ;; *) exit 9;; esac; done")
            .text,
        "exit 0");
}

TEST(command_check, that_cannot_be_run_says_nothing_about_the_server) {
    io::worker on(0, io::make_epoll_engine().value());
    const way nowhere{};
    tls::work_room room;
    const command_check check({.program = "/nowhere/at/all", .arguments = {}});
    outcome found;
    scope root;
    root.spawn(find_into(check, visit(nowhere, on.io(), room), 1s, found));
    while (root.running() > 0) on.turn();

    EXPECT_EQ(found.what, verdict::unknown);
    EXPECT_EQ(found.kind, "not-made");
}

}  // namespace
}  // namespace hawser::health
