// SPDX-License-Identifier: Apache-2.0
#include "observe/access_log.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <thread>
#include <vector>

#include "observe/places.h"

namespace hawser::observe {
namespace {

using namespace std::chrono_literals;

access_record request(std::string_view target) {
    access_record record;
    record.status = 200;
    record.put(text::target, target);
    return record;
}

std::unique_ptr<access_log> open_log_at(const std::string& path, std::size_t workers = 1) {
    auto log = access_log::open({.output = path, .ring_bytes = 64 * 1024}, workers);
    EXPECT_TRUE(log) << log.error().context;
    return std::move(*log);
}

TEST(access_log, writes_a_line_while_it_runs) {
    const test_folder folder;
    const auto log = open_log_at(folder.path_of("log"));
    log->lane(0).push(request("/now"));
    EXPECT_TRUE(comes_true([&] { return folder.content_of("log").ends_with("}\n"); }));
}

TEST(access_log, writes_the_records_of_every_worker_before_it_closes) {
    constexpr std::size_t workers = 4;
    constexpr std::size_t each = 100;
    const test_folder folder;
    const auto log = open_log_at(folder.path_of("log"), workers);
    std::vector<std::thread> threads;
    threads.reserve(workers);
    for (std::size_t worker = 0; worker < workers; ++worker)
        threads.emplace_back([&, worker] {
            for (std::size_t count = 0; count < each; ++count)
                log->lane(worker).push(request("/" + std::to_string(worker)));
        });
    for (auto& thread : threads) thread.join();
    log->close(10s);

    EXPECT_EQ(std::ranges::count(folder.content_of("log"), '\n'), workers * each);
    EXPECT_EQ(log->count().written, workers * each);
}

TEST(access_log, keeps_the_order_of_one_worker) {
    const test_folder folder;
    const auto log = open_log_at(folder.path_of("log"));
    log->lane(0).push(request("/first"));
    log->lane(0).push(request("/second"));
    log->close(10s);
    const auto content = folder.content_of("log");
    EXPECT_LT(content.find("/first"), content.find("/second"));
}

TEST(access_log, e166_a_blocked_pipe_delays_nobody_and_every_loss_is_counted) {
    constexpr std::size_t sent = 20'000;
    const test_folder folder;
    const fifo pipe(folder.path_of("pipe"));
    const auto log = open_log_at(pipe.path());
    for (std::size_t count = 0; count < sent; ++count) log->lane(0).push(request("/slow"));
    EXPECT_GT(log->count().dropped_full, 0u);

    std::string received;
    EXPECT_TRUE(comes_true([&] {
        received += pipe.read();
        const auto totals = log->count();
        return totals.written + totals.dropped_full == sent;
    }));
    received += pipe.read();
    EXPECT_EQ(std::ranges::count(received, '\n'), log->count().written);
    EXPECT_EQ(log->count().dropped_output, 0u);
}

TEST(access_log, e166_closes_in_time_though_nobody_reads) {
    const test_folder folder;
    const fifo pipe(folder.path_of("pipe"));
    const auto log = open_log_at(pipe.path());
    for (int count = 0; count < 2'000; ++count) log->lane(0).push(request("/slow"));
    log->close(20ms);
    EXPECT_GT(log->count().dropped_full + log->count().dropped_output, 0u);
}

TEST(access_log, e166_a_full_disk_loses_records_and_counts_them) {
    const auto log = open_log_at("/dev/full");
    for (int count = 0; count < 10; ++count) log->lane(0).push(request("/lost"));
    log->close(10s);
    EXPECT_EQ(log->count().dropped_output, 10u);
    EXPECT_EQ(log->count().written, 0u);
}

TEST(access_log, survives_a_reader_that_left) {
    const test_folder folder;
    fifo pipe(folder.path_of("pipe"));
    const auto log = open_log_at(pipe.path());
    pipe.leave();
    log->lane(0).push(request("/unread"));
    log->close(10s);
    EXPECT_EQ(log->count().dropped_output, 1u);
}

TEST(access_log, goes_on_in_a_new_file_after_a_rename) {
    const test_folder folder;
    const auto log = open_log_at(folder.path_of("log"));
    log->lane(0).push(request("/before"));
    ASSERT_TRUE(comes_true([&] { return log->count().written == 1; }));
    folder.rename("log", "log.1");
    log->reopen();
    ASSERT_TRUE(comes_true([&] { return std::filesystem::exists(folder.path_of("log")); }));
    log->lane(0).push(request("/after"));
    log->close(10s);

    EXPECT_NE(folder.content_of("log.1").find("/before"), std::string::npos);
    EXPECT_NE(folder.content_of("log").find("/after"), std::string::npos);
}

TEST(access_log, takes_another_output_and_format_while_it_runs) {
    const test_folder folder;
    const auto log = open_log_at(folder.path_of("json"));
    log->lane(0).push(request("/json"));
    ASSERT_TRUE(comes_true([&] { return log->count().written == 1; }));
    ASSERT_TRUE(
        log->change({.output = folder.path_of("combined"), .format = access_format::combined}));
    ASSERT_TRUE(comes_true([&] {
        log->lane(0).push(request("/combined"));
        return folder.content_of("combined").ends_with("\n");
    }));
    EXPECT_TRUE(folder.content_of("json").starts_with("{"));
    EXPECT_EQ(folder.content_of("combined").find('{'), std::string::npos);
}

TEST(access_log, keeps_what_it_has_when_a_change_fails) {
    const test_folder folder;
    const auto log = open_log_at(folder.path_of("log"));
    EXPECT_FALSE(log->change({.output = "/nowhere/at/all.log"}));
    log->lane(0).push(request("/kept"));
    log->close(10s);
    EXPECT_NE(folder.content_of("log").find("/kept"), std::string::npos);
}

TEST(access_log, counts_nothing_while_it_is_off) {
    const auto log = open_log_at("off");
    for (int count = 0; count < 10'000; ++count) log->lane(0).push(request("/unseen"));
    log->close(10s);
    EXPECT_EQ(log->count().written, 0u);
    EXPECT_EQ(log->count().dropped_full, 0u);
}

TEST(access_log, takes_no_record_after_it_closed) {
    const test_folder folder;
    const auto log = open_log_at(folder.path_of("log"));
    log->close(10s);
    log->lane(0).push(request("/late"));
    log->close(10s);
    EXPECT_EQ(folder.content_of("log"), "");
}

TEST(access_log, says_which_output_it_cannot_open) {
    const auto log = access_log::open({.output = "/nowhere/at/all.log"}, 1);
    ASSERT_FALSE(log);
    EXPECT_NE(log.error().context.find("/nowhere/at/all.log"), std::string::npos);
}

}  // namespace
}  // namespace hawser::observe
