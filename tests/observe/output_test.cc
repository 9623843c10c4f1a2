// SPDX-License-Identifier: Apache-2.0
#include "observe/output.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <string>

#include "observe/places.h"

namespace hawser::observe {
namespace {

const std::string too_much(4 * 1024 * 1024, 'x');

TEST(output, appends_to_a_file) {
    const test_folder folder;
    for (const auto* text : {"one\n", "two\n"}) {
        auto to = output::open(folder.path_of("log"));
        ASSERT_TRUE(to);
        EXPECT_EQ(to->write(text).bytes, 4u);
    }
    EXPECT_EQ(folder.content_of("log"), "one\ntwo\n");
}

TEST(output, makes_a_file_that_others_cannot_read) {
    const test_folder folder;
    ASSERT_TRUE(output::open(folder.path_of("log")));
    struct stat kind{};
    ::stat(folder.path_of("log").c_str(), &kind);
    EXPECT_EQ(kind.st_mode & 0007, 0u);
}

TEST(output, names_the_file_that_cannot_be_opened) {
    const auto to = output::open("/nowhere/at/all.log");
    ASSERT_FALSE(to);
    EXPECT_NE(to.error().context.find("/nowhere/at/all.log"), std::string::npos);
}

TEST(output, e166_takes_from_a_pipe_only_what_fits) {
    std::array<int, 2> ends{};
    ASSERT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
    const auto to = output::of_descriptor(ends[1]);
    ASSERT_TRUE(to);

    const auto taken = to->write(too_much);

    EXPECT_EQ(taken.error, EAGAIN);
    EXPECT_GT(taken.bytes, 0u);
    EXPECT_LT(taken.bytes, too_much.size());
    EXPECT_EQ(::fcntl(ends[1], F_GETFL) & O_NONBLOCK, 0) << "the flag is shared with others";
    for (const int end : ends) ::close(end);
}

TEST(output, e166_takes_from_a_socket_only_what_fits) {
    std::array<int, 2> ends{};
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()), 0);
    const auto to = output::of_descriptor(ends[1]);
    ASSERT_TRUE(to);

    EXPECT_EQ(to->write(too_much).error, EAGAIN);
    for (const int end : ends) ::close(end);
}

TEST(output, tells_of_a_full_disk) {
    const auto to = output::open("/dev/full");
    ASSERT_TRUE(to);
    EXPECT_EQ(to->write("line\n").error, ENOSPC);
}

TEST(output, finds_the_new_file_after_a_rename) {
    const test_folder folder;
    auto to = output::open(folder.path_of("log"));
    ASSERT_TRUE(to);
    static_cast<void>(to->write("before\n"));
    folder.rename("log", "log.1");
    static_cast<void>(to->write("still before\n"));
    ASSERT_TRUE(to->reopen());
    static_cast<void>(to->write("after\n"));

    EXPECT_EQ(folder.content_of("log.1"), "before\nstill before\n");
    EXPECT_EQ(folder.content_of("log"), "after\n");
}

}  // namespace
}  // namespace hawser::observe
