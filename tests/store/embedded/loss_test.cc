// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <array>
#include <charconv>
#include <cstdlib>
#include <deque>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "store/embedded/lab.h"

/// Writers that remember what they were told, and power cuts (issue 7, T5). The number of cuts is
/// `HAWSER_LOSS_ROUNDS`; `make loss` sets it.
namespace hawser::store {
namespace {

int rounds() {
    const char* given = std::getenv("HAWSER_LOSS_ROUNDS");
    int number = 3;
    if (given == nullptr) return number;
    const std::string_view text(given);
    const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
    EXPECT_TRUE(read.ec == std::errc() && read.ptr == text.data() + text.size());
    return number;
}

/// What a writer does to its record, one after the other: the n-th step is to write `n`, or, every
/// seventh, to end it. What is found later says which step was kept last.
struct written_record {
    struct told {
        std::uint64_t step;
        steady_time when;
    };

    std::uint64_t attempted = 0;
    std::deque<told> acknowledged;

    static bool is_end(std::uint64_t step) { return step % 7 == 0; }

    /// The last step that was told by `when`.
    [[nodiscard]] std::uint64_t told_by(steady_time when) const {
        std::uint64_t last = 0;
        for (const auto& each : acknowledged)
            if (each.when <= when) last = each.step;
        return last;
    }
};

/// Whole or not: the step, filler, and a checksum over both.
std::string value_of(std::uint64_t step, std::uint64_t seed) {
    std::string made = std::to_string(step) + ":" + std::string((step * 37 + seed) % 3000, 'v');
    made += std::to_string(stable_hash(made, seed));
    return made;
}

std::uint64_t step_of(std::string_view value, std::uint64_t seed) {
    std::uint64_t step = 0;
    std::from_chars(value.data(), value.data() + value.find(':'), step);
    EXPECT_TRUE(value == value_of(step, seed)) << "torn";
    return step;
}

constexpr std::size_t writers = 24;

struct crowd {
    std::array<written_record, writers> records;
    bool is_over = false;

    [[nodiscard]] std::size_t told() const {
        std::size_t all = 0;
        for (const auto& each : records) all += each.acknowledged.size();
        return all;
    }
};

durability class_of(std::size_t writer) {
    return writer % 2 == 0 ? durability::sync : durability::interval;
}
std::string name_of(std::size_t writer) { return "s" + std::to_string(writer); }

task<> keep_writing(embedded_lab& at, crowd& all, std::size_t mine) {
    written_record& one = all.records[mine];
    while (!all.is_over) {
        const std::uint64_t step = ++one.attempted;
        const auto id = at.id(name_of(mine));
        bool is_told = false;
        if (written_record::is_end(step)) {
            is_told = (co_await at.kept->erase(id, {}, 0ms, at.now())).has_value();
        } else {
            record what{.name = name_of(mine),
                        .data = value_of(step, mine),
                        .life = {},
                        .lasts = class_of(mine)};
            is_told = (co_await at.kept->write(id, std::move(what), {}, at.now())).has_value();
        }
        if (!is_told) co_return;  // the power is gone
        one.acknowledged.push_back({.step = step, .when = at.now()});
    }
}

/// What was kept of `one` is a step that was made, and none before `least`.
void expect_kept(embedded_lab& at, std::size_t writer, const written_record& one,
                 std::uint64_t least) {
    const std::string data = at.data_of(name_of(writer));
    if (data != "-") {
        const auto step = step_of(data, writer);
        EXPECT_FALSE(written_record::is_end(step));
        EXPECT_GE(step, least) << "writer " << writer;
        EXPECT_LE(step, one.attempted);
        return;
    }
    // Nothing is there: so it was before the first step, and after each end.
    bool is_possible = least == 0;
    for (std::uint64_t step = least; step <= one.attempted; ++step)
        is_possible = is_possible || (step > 0 && written_record::is_end(step));
    EXPECT_TRUE(is_possible) << "writer " << writer << ": nothing is left, though step " << least
                             << " was told and none after it was an end";
}

/// With `later`, syncs take so long from half of the time on.
void write_until_the_power_goes(std::chrono::milliseconds sync_time, std::uint64_t seed,
                                std::chrono::milliseconds later = 0ms) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937_64 random(seed);
    embedded_lab at;
    at.disk.set_sync_time(sync_time);
    crowd all;
    scope writing;
    for (std::size_t i = 0; i < writers; ++i) writing.spawn(keep_writing(at, all, i));
    const auto begin = at.now();
    const auto lasts =
        std::chrono::milliseconds(100 + random() % 400) + 3 * std::max(sync_time, later);
    // Long enough for something to be at stake, however busy the machine is.
    while (at.now() - begin < lasts || all.told() <= 2 * writers) {
        at.here.turn(at.now() + 10ms);
        if (later.count() > 0 && at.now() - begin > lasts / 2) at.disk.set_sync_time(later);
    }
    at.disk.stop();
    const steady_time cut = at.now();
    all.is_over = true;
    while (writing.running() > 0) at.here.turn(at.now() + 10ms);
    at.close();
    at.disk.cut(random() % 2 == 0);
    at.disk.set_sync_time(0ms);
    at.open();
    EXPECT_EQ(at.kept->counted().set_aside, 0u);
    EXPECT_EQ(at.kept->counted().damaged, 0u);
    for (std::size_t i = 0; i < writers; ++i) {
        const auto& one = all.records[i];
        const bool is_sync = class_of(i) == durability::sync;
        // Told while the cut came is told before it: the disk had it.
        expect_kept(at, i, one, one.told_by(is_sync ? no_deadline : cut - 2s));
    }
}

TEST(loss, t5_a_power_cut_takes_nothing_that_was_synced) {
    for (int i = 0; i < rounds(); ++i) write_until_the_power_goes(0ms, std::uint64_t(i));
}

TEST(loss, a_power_cut_on_a_slow_disk_takes_nothing_that_was_synced) {
    for (int i = 0; i < rounds(); ++i) write_until_the_power_goes(40ms, 1000 + std::uint64_t(i));
}

/// A sync takes longer than `interval` may lose.
TEST(loss, t5_a_power_cut_on_a_disk_slower_than_the_bound_takes_nothing_older) {
    for (int i = 0; i < std::max(1, rounds() / 10); ++i)
        write_until_the_power_goes(900ms, 2000 + std::uint64_t(i));
}

TEST(loss, a_power_cut_on_a_disk_that_becomes_slow_takes_nothing_older) {
    for (int i = 0; i < std::max(1, rounds() / 10); ++i)
        write_until_the_power_goes(0ms, 3000 + std::uint64_t(i), 800ms);
}

}  // namespace
}  // namespace hawser::store
