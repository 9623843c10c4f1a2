// SPDX-License-Identifier: Apache-2.0
#include "state/snapshot_file.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "base/limits.h"
#include "crypto/random.h"

namespace hawser::state {
namespace {

using namespace std::chrono_literals;

const wall_time now{1'790'000'000'000ms};

crypto::key_ring ring_of(std::uint32_t id) {
    crypto::start_random();
    crypto::ring_key key{crypto::key_id{id}, now - 1h, {}};
    crypto::random_bytes(key.bytes.writable());
    return {{key}, crypto::secret<32>()};
}

registry::record session(std::uint64_t number) {
    return {.pool = pool_id{7},
            .name_low = number * 0x9e3779b97f4a7c15,
            .name_high = ~number,
            .home = {.session = {{1, 2, 3}},
                     .home = server_id{number % 3},
                     .instance = 4,
                     .born = 1'789'000'000,
                     .issued = 1'789'000'001,
                     .moves = 65'535},
            .what = {.kind = 2, .session_class = 1, .user = number},
            .last_seen = 1'789'999'999,
            .tentative = number % 2 == 0,
            .carried = number % 5 == 0,
            .away = number % 7 == 0,
            .movable = number % 11 == 0,
            .valuable = number % 13 == 0,
            .extended = number % 17 == 0};
}

registry::ending ending(std::uint8_t number) {
    return {.pool = pool_id{7},
            .session = {{number}},
            .name_low = 8,
            .name_high = 9,
            .why = affinity::cause::replayed,
            .until = 1'790'000'000};
}

/// A directory of its own, with one snapshot of 2,000 sessions and one server.
class snapshot_file : public testing::Test {
  protected:
    void SetUp() override {
        std::string name = testing::TempDir() + "snapshotXXXXXX";
        ASSERT_NE(::mkdtemp(name.data()), nullptr);
        folder = name;
        path = folder / "snapshot";
        for (std::uint64_t i = 0; i < 2000; ++i) sessions.push_back(session(i));
    }
    void TearDown() override { std::filesystem::remove_all(folder); }

    void write() {
        auto to = snapshot_writer::begin(path, ring, now);
        ASSERT_TRUE(to.has_value());
        ASSERT_TRUE(to->add(std::span(&server, 1)).has_value());
        ASSERT_TRUE(to->add(std::span(std::as_const(endings))).has_value());
        for (std::span<const registry::record> left(sessions); !left.empty();) {
            const auto some = left.first(std::min(limits::state_block_sessions, left.size()));
            ASSERT_TRUE(to->add(some).has_value());
            left = left.subspan(some.size());
        }
        ASSERT_TRUE(to->finish().has_value());
    }

    result<std::uint64_t> read(const crypto::key_ring& by) {
        read_sessions.clear();
        read_servers.clear();
        read_endings.clear();
        return read_snapshot(
            path, by,
            {.servers = [&](auto told) { read_servers.assign(told.begin(), told.end()); },
             .sessions =
                 [&](auto told) {
                     read_sessions.insert(read_sessions.end(), told.begin(), told.end());
                 },
             .endings =
                 [&](auto told) {
                     read_endings.insert(read_endings.end(), told.begin(), told.end());
                 }});
    }

    std::string text() const {
        std::ifstream from(path, std::ios::binary);
        return {std::istreambuf_iterator<char>(from), {}};
    }
    void put(const std::string& text) const {
        std::ofstream(path, std::ios::binary | std::ios::trunc) << text;
    }

    void expect_refused(const std::string& why) {
        const auto told = read(ring);
        ASSERT_FALSE(told.has_value());
        EXPECT_EQ(told.error().code, errc::invalid);
        EXPECT_NE(told.error().context.find(why), std::string::npos) << told.error().context;
        EXPECT_TRUE(read_sessions.empty() && read_servers.empty());
    }

    std::filesystem::path folder, path;
    crypto::key_ring ring = ring_of(1);
    server_record server{.id = server_id{9},
                         .instance = 5,
                         .outages = 2,
                         .out_until = 1'790'000'010'000,
                         .came_back = 1'780'000'000'000};
    std::vector<registry::record> sessions;
    std::vector<registry::record> read_sessions;
    std::vector<server_record> read_servers;
    std::vector<registry::ending> endings = std::vector(3, ending(1));
    std::vector<registry::ending> read_endings;
};

TEST_F(snapshot_file, what_was_written_is_read) {
    write();
    EXPECT_EQ(read(ring), 2000u);
    EXPECT_EQ(read_sessions, sessions);
    EXPECT_EQ(read_servers, std::vector{server});
}

TEST_F(snapshot_file, sessions_that_are_over_are_read_however_many) {
    endings.resize(5000, ending(2));
    write();
    EXPECT_EQ(read(ring), 2000u);
    EXPECT_EQ(read_endings, endings);
}

/// Its sessions were told in the same way, with fewer flags.
TEST_F(snapshot_file, one_of_version_1_is_read) {
    sessions.assign(1, session(1));
    bytes file;
    writer head(file);
    head.raw(std::array<std::uint8_t, 8>{'H', 'a', 'w', 's', 'e', 'r', 'S', 'n'});
    head.number(std::uint32_t{1});
    head.raw(std::array<std::uint8_t, 16>{});
    bytes associated = file;
    associated.resize(associated.size() + 4);
    crypto::sealer sealer(ring, "hawser snapshot");
    bytes block{2};
    append(sessions.front(), block);
    for (const bytes& plain : {block, bytes{3, 0, 0, 0, 0, 0, 0, 0, 1}}) {
        bytes sealed(plain.size() + crypto::sealer::overhead);
        sealer.seal(plain, associated, now, sealed);
        writer(file).number(std::uint32_t(sealed.size()));
        writer(file).raw(sealed);
        ++associated.back();
    }
    put({file.begin(), file.end()});
    std::filesystem::permissions(path, std::filesystem::perms(0600));
    EXPECT_EQ(read(ring), 1u);
    EXPECT_EQ(read_sessions, sessions);
}

TEST_F(snapshot_file, none_is_not_a_damaged_one) {
    EXPECT_EQ(read(ring).error().code, errc::not_found);
}

TEST_F(snapshot_file, an_unfinished_one_leaves_the_old_one_and_no_other_file) {
    write();
    const auto before = text();
    {
        auto to = snapshot_writer::begin(path, ring, now);
        ASSERT_TRUE(to->add(std::span<const registry::record>(sessions).first(1)).has_value());
    }
    EXPECT_EQ(text(), before);
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder), {}), 1);
}

TEST_F(snapshot_file, names_and_homes_stand_nowhere_in_clear) {
    sessions.assign(1, session(1));
    sessions.front().home.session.bytes.fill('S');
    write();
    EXPECT_EQ(text().find("SSSS"), std::string::npos);
}

TEST_F(snapshot_file, a_cut_at_any_place_is_seen) {
    sessions.resize(3);
    write();
    const auto whole = text();
    for (std::size_t size = 0; size < whole.size(); ++size) {
        put(whole.substr(0, size));
        ASSERT_NO_FATAL_FAILURE(expect_refused("it is cut"));
    }
}

TEST_F(snapshot_file, a_changed_byte_at_any_place_is_seen) {
    sessions.resize(3);
    write();
    const auto whole = text();
    for (std::size_t at = 0; at < whole.size(); ++at) {
        auto changed = whole;
        changed[at] = char(changed[at] ^ 1);
        put(changed);
        ASSERT_NO_FATAL_FAILURE(expect_refused("")) << at;
    }
}

TEST_F(snapshot_file, bytes_behind_the_end_are_seen) {
    write();
    put(text() + "x");
    expect_refused("more behind its end");
}

TEST_F(snapshot_file, another_version_is_told_apart_from_damage) {
    write();
    auto later = text();
    later[11] = 3;
    put(later);
    expect_refused("another version");
}

TEST_F(snapshot_file, a_block_of_an_older_file_does_not_fit_into_a_newer_one) {
    sessions.resize(3);
    write();
    const auto first = text();
    write();
    const auto second = text();
    ASSERT_EQ(first.size(), second.size());
    put(second.substr(0, 28) + first.substr(28));
    expect_refused("a block was changed");
}

TEST_F(snapshot_file, another_key_ring_does_not_open_it) {
    write();
    const auto other = ring_of(2);
    EXPECT_NE(read(other).error().context.find("a key that is not on the ring"), std::string::npos);
}

TEST_F(snapshot_file, one_that_others_can_read_is_refused) {
    write();
    std::filesystem::permissions(path, std::filesystem::perms(0644));
    expect_refused("by others");
}

TEST(state_records, a_server_that_is_out_is_out_for_what_is_left_of_its_time) {
    const instant at{steady_time(1000h), now};
    const upstream::server_description described{.name = "a", .address = {}};
    upstream::server before("shop", described, 1, 0);
    before.announce(77, at.steady);
    before.health.take_out(at.steady + 30s);
    before.health.take_trial(at.steady + 31s);
    before.health.end_trial(at.steady + 40s);
    const auto told = record_of(before, at);

    upstream::server after("shop", described, 1, 0);
    restore(after, told, {steady_time(5h), now + 15s});
    EXPECT_EQ(after.instance(), 77u);
    EXPECT_FALSE(after.health.is_up());
    EXPECT_EQ(after.health.out_until(), steady_time(5h) + 25s);

    upstream::server much_later("shop", described, 1, 0);
    restore(much_later, told, {steady_time(5h), now + 1h});
    EXPECT_FALSE(much_later.health.is_up());
    EXPECT_TRUE(much_later.health.is_trial_due(steady_time(5h)));

    upstream::server clock_set_back("shop", described, 1, 0);
    restore(clock_set_back, told, {steady_time(5h), now - 24h});
    EXPECT_EQ(clock_set_back.health.out_until(), steady_time(5h) + limits::outage_restored_max);
}

TEST(state_records, what_cannot_be_is_refused) {
    bytes text;
    append(session(1), text);
    EXPECT_EQ(text.size(), session_size);
    EXPECT_TRUE(read_sessions(text));
    EXPECT_FALSE(read_sessions(std::span(text).first(session_size - 1)));
    text.back() = 128;
    EXPECT_FALSE(read_sessions(text));
    text.clear();
    append(ending(1), text);
    EXPECT_EQ(text.size(), ending_size);
    EXPECT_TRUE(read_endings(text));
    text[40] = 3;
    EXPECT_FALSE(read_endings(text)) << "no session is over for that";
    text.clear();
    append(server_record{.id = server_id{1}}, text);
    EXPECT_EQ(text.size(), server_size);
    std::ranges::fill(text, std::uint8_t{0});
    EXPECT_FALSE(read_servers(text));
}

}  // namespace
}  // namespace hawser::state
