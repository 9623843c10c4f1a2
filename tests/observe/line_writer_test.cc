// SPDX-License-Identifier: Apache-2.0
#include "observe/line_writer.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <string>

#include "observe/places.h"

namespace hawser::observe {
namespace {

line_writer writer_to(const std::string& path) { return line_writer(*output::open(path)); }

TEST(line_writer, writes_all_lines_at_once) {
    const test_folder folder;
    line_writer writer = writer_to(folder.path_of("log"));
    writer.lines() += "one\n";
    writer.lines() += "two\n";

    EXPECT_EQ(writer.flush(), line_writer::state::done);
    EXPECT_EQ(folder.content_of("log"), "one\ntwo\n");
    EXPECT_EQ(writer.written(), 2u);
    EXPECT_EQ(writer.dropped(), 0u);
}

TEST(line_writer, e166_keeps_lines_while_the_reader_is_slow) {
    const test_folder folder;
    const fifo pipe(folder.path_of("pipe"));
    line_writer writer = writer_to(pipe.path());
    std::string sent;
    while (writer.flush() != line_writer::state::blocked) {
        const std::string line = std::string(999, 'a') + '\n';
        sent += line;
        writer.lines() += line;
    }

    std::string received = pipe.read();
    while (writer.flush() == line_writer::state::blocked) received += pipe.read();
    received += pipe.read();
    EXPECT_EQ(received, sent);
    EXPECT_EQ(writer.dropped(), 0u);
}

TEST(line_writer, e166_counts_the_lines_a_full_disk_did_not_take) {
    line_writer writer = writer_to("/dev/full");
    writer.lines() += "one\ntwo\nthree\n";

    EXPECT_EQ(writer.flush(), line_writer::state::failed);
    EXPECT_EQ(writer.last_error(), ENOSPC);
    EXPECT_EQ(writer.dropped(), 3u);
    EXPECT_TRUE(writer.is_empty());
}

TEST(line_writer, begins_anew_after_a_line_whose_rest_was_lost) {
    const test_folder folder;
    const fifo pipe(folder.path_of("pipe"));
    line_writer writer = writer_to(pipe.path());
    while (writer.flush() != line_writer::state::blocked)
        writer.lines() += std::string(999, 'a') + '\n';
    writer.drop_all();
    const auto dropped = writer.dropped();
    std::string received = pipe.read();
    writer.lines() += "next\n";
    EXPECT_EQ(writer.flush(), line_writer::state::done);
    received += pipe.read();

    EXPECT_TRUE(received.ends_with("a\nnext\n"));
    EXPECT_GT(dropped, 0u);
}

TEST(line_writer, writes_to_another_output_when_told) {
    const test_folder folder;
    line_writer writer = writer_to(folder.path_of("old"));
    writer.lines() += "one\n";
    writer.change(*output::open(folder.path_of("new")));
    writer.lines() += "two\n";
    writer.flush();

    EXPECT_EQ(folder.content_of("old"), "one\n");
    EXPECT_EQ(folder.content_of("new"), "two\n");
}

}  // namespace
}  // namespace hawser::observe
