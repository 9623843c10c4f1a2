// SPDX-License-Identifier: Apache-2.0
#include "crypto/key_file.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <thread>
#include <vector>

#include "crypto/key_text.h"
#include "crypto/rings.h"

namespace hawser::crypto {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

/// A directory of its own for each test, gone afterwards.
class key_file_test : public testing::Test {
  protected:
    key_file_test() {
        auto pattern = (fs::temp_directory_path() / "hawser-keys-XXXXXX").string();
        directory_ = ::mkdtemp(pattern.data());
    }
    ~key_file_test() override { fs::remove_all(directory_); }

    [[nodiscard]] fs::path place(std::string_view name) const { return directory_ / name; }

    static std::string text_in(const fs::path& path) {
        std::ifstream from(path);
        return {std::istreambuf_iterator<char>(from), {}};
    }

    static unsigned mode_of(const fs::path& path) {
        struct stat is{};
        EXPECT_EQ(::stat(path.c_str(), &is), 0);
        return is.st_mode & 0777;
    }

    [[nodiscard]] std::size_t files() const {
        return static_cast<std::size_t>(std::distance(fs::directory_iterator(directory_), {}));
    }

    fs::path directory_;
};

TEST_F(key_file_test, makes_file_and_directories_for_their_owner_only) {
    const key_file keys(place("state/hawser/keys"));
    const auto old_mask = ::umask(0);
    const auto ring = keys.load_or_create(at(0s));
    ::umask(old_mask);
    ASSERT_TRUE(ring) << ring.error().context;
    ASSERT_EQ(ring->keys().size(), 1u);
    EXPECT_EQ(ring->keys()[0].seals_from, at(0s));
    EXPECT_EQ(mode_of(keys.path()), 0600u);
    EXPECT_EQ(mode_of(place("state/hawser")), 0700u);
    EXPECT_EQ(mode_of(place("state")), 0700u);
}

TEST_F(key_file_test, finds_the_same_keys_at_the_next_start) {
    const key_file keys(place("keys"));
    const auto first = keys.load_or_create(at(0s));
    const auto second = keys.load_or_create(at(1h));
    ASSERT_TRUE(first && second);
    EXPECT_EQ(first->keys()[0].id, second->keys()[0].id);
    EXPECT_TRUE(
        std::ranges::equal(first->keys()[0].bytes.bytes(), second->keys()[0].bytes.bytes()));
    EXPECT_TRUE(std::ranges::equal(first->index<32>("x").bytes(), second->index<32>("x").bytes()));
    EXPECT_EQ(files(), 1u);
}

TEST_F(key_file_test, makes_different_keys_each_time) {
    const auto one = key_file(place("one")).load_or_create(at(0s));
    const auto other = key_file(place("other")).load_or_create(at(0s));
    ASSERT_TRUE(one && other);
    EXPECT_FALSE(std::ranges::equal(one->keys()[0].bytes.bytes(), other->keys()[0].bytes.bytes()));
    EXPECT_FALSE(std::ranges::equal(one->index<32>("x").bytes(), other->index<32>("x").bytes()));
}

TEST_F(key_file_test, makes_one_ring_when_several_start_at_once) {
    std::vector<key_id> ids(8);
    std::vector<std::thread> starting;
    for (auto& id : ids) {
        starting.emplace_back([&] {
            const auto ring = key_file(place("state/keys")).load_or_create(at(0s));
            if (ring) id = ring->keys()[0].id;
        });
    }
    for (auto& one : starting) one.join();
    EXPECT_EQ(std::ranges::count(ids, ids[0]), 8);
    EXPECT_NE(ids[0], key_id{});
}

TEST_F(key_file_test, tells_a_missing_file_from_a_wrong_one) {
    const auto missing = key_file(place("keys")).load();
    ASSERT_FALSE(missing);
    EXPECT_EQ(missing.error().code, errc::not_found);
}

TEST_F(key_file_test, refuses_a_file_that_others_can_read_or_write) {
    const key_file keys(place("keys"));
    ASSERT_TRUE(keys.load_or_create(at(0s)));
    for (const mode_t mode : {0640u, 0604u, 0620u, 0602u, 0610u}) {
        ASSERT_EQ(::chmod(keys.path().c_str(), mode), 0);
        const auto read = keys.load_or_create(at(0s));
        ASSERT_FALSE(read) << mode;
        EXPECT_EQ(read.error().code, errc::invalid);
        EXPECT_NE(read.error().context.find("chmod 600"), std::string::npos);
        EXPECT_FALSE(keys.add(at(0s)));
    }
    ASSERT_EQ(::chmod(keys.path().c_str(), 0400), 0);
    EXPECT_TRUE(keys.load());
}

TEST_F(key_file_test, leaves_a_wrong_file_alone) {
    const key_file keys(place("keys"));
    std::ofstream(keys.path()) << "no ring\n";
    ASSERT_EQ(::chmod(keys.path().c_str(), 0600), 0);
    const auto read = keys.load_or_create(at(0s));
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().context,
              keys.path().string() + ":1: expected `ID TIME BASE64` or `index BASE64`");
    EXPECT_EQ(text_in(keys.path()), "no ring\n");
}

TEST_F(key_file_test, refuses_what_is_no_plain_file_without_waiting_for_it) {
    ASSERT_EQ(::mkfifo(place("keys").c_str(), 0600), 0);
    const auto read = key_file(place("keys")).load_or_create(at(0s));
    ASSERT_FALSE(read);
    EXPECT_NE(read.error().context.find("not a plain file"), std::string::npos);
    EXPECT_FALSE(key_file(directory_).load());
}

TEST_F(key_file_test, refuses_a_file_that_is_too_large) {
    const key_file keys(place("keys"));
    std::ofstream(keys.path()) << std::string(64 * 1024 + 1, '#');
    ASSERT_EQ(::chmod(keys.path().c_str(), 0600), 0);
    const auto read = keys.load();
    ASSERT_FALSE(read);
    EXPECT_NE(read.error().context.find("too large"), std::string::npos);
}

TEST_F(key_file_test, tells_where_it_cannot_make_a_file) {
    std::ofstream(place("file")) << "x";
    const auto made = key_file(place("file/keys")).load_or_create(at(0s));
    ASSERT_FALSE(made);
    EXPECT_NE(made.error().context.find(place("file").string()), std::string::npos);
}

TEST_F(key_file_test, adds_a_key_that_seals_later_and_keeps_the_rest_as_it_was) {
    const key_file keys(place("keys"));
    ASSERT_TRUE(keys.load_or_create(at(0s)));
    std::ofstream(keys.path(), std::ios::app) << "# a note";
    const auto before = text_in(keys.path());

    const auto added = keys.add(at(10min));
    ASSERT_TRUE(added) << added.error().context;
    EXPECT_TRUE(text_in(keys.path()).starts_with(before + "\n" + text_of(*added) + " "));
    EXPECT_EQ(mode_of(keys.path()), 0600u);
    EXPECT_EQ(files(), 1u);
    const auto ring = keys.load();
    ASSERT_TRUE(ring);
    EXPECT_NE(ring->sealing_at(at(9min)).id, *added);
    EXPECT_EQ(ring->sealing_at(at(10min)).id, *added);
}

TEST_F(key_file_test, loses_no_key_when_several_are_added_at_once) {
    const key_file keys(place("keys"));
    ASSERT_TRUE(keys.load_or_create(at(0s)));
    std::vector<std::thread> adding;
    for (int i = 0; i < 8; ++i) {
        adding.emplace_back([&] { EXPECT_TRUE(keys.add(at(1h))); });
    }
    for (auto& one : adding) one.join();
    const auto ring = keys.load();
    ASSERT_TRUE(ring);
    EXPECT_EQ(ring->keys().size(), 9u);
}

TEST_F(key_file_test, adds_no_more_keys_than_are_read) {
    const key_file keys(place("keys"));
    ASSERT_TRUE(keys.load_or_create(at(0s)));
    for (int i = 0; i < 63; ++i) ASSERT_TRUE(keys.add(at(1h)));
    const auto refused = keys.add(at(1h));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, errc::exhausted);
    EXPECT_TRUE(keys.load());
}

}  // namespace
}  // namespace hawser::crypto
