// SPDX-License-Identifier: Apache-2.0
#include "state/kept_records.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <span>
#include <string>
#include <vector>

namespace hawser::state {
namespace {

using namespace std::chrono_literals;

const kept_space shop{.number = 7, .light = 12'345'678'901, .name = "shop"};
const kept_renewal renewal{
    .space = 7, .old = {1, 2}, .called = {3, ~std::uint64_t{0}}, .changed = steady_time(77h)};
const kept_end end{.last = store::version(99)};

kept_record record_with(std::string_view name, std::string_view data) {
    return {.space = 7,
            .hash = {0x0123456789abcdef, 5},
            .is_tombstone = false,
            .what = {.name = name,
                     .data = data,
                     .life = {.expires = no_deadline, .idle = 30min, .absolute = 12h},
                     .user = 4,
                     .lasts = store::durability::interval,
                     .flags = 3,
                     .version = store::version(98),
                     .created = steady_time(5h),
                     .seen = steady_time(6h)}};
}

bytes text_of(const std::vector<kept_item>& all) {
    bytes text;
    for (const auto& each : all) append(each, text);
    return text;
}

void expect_same(const kept_record& read, const kept_record& given) {
    EXPECT_EQ(read.space, given.space);
    EXPECT_EQ(read.hash, given.hash);
    EXPECT_EQ(read.is_tombstone, given.is_tombstone);
    EXPECT_EQ(read.what.name, given.what.name);
    EXPECT_EQ(read.what.data, given.what.data);
    EXPECT_EQ(read.what.life, given.what.life);
    EXPECT_EQ(read.what.user, given.what.user);
    EXPECT_EQ(read.what.lasts, given.what.lasts);
    EXPECT_EQ(read.what.flags, given.what.flags);
    EXPECT_EQ(read.what.version, given.what.version);
    EXPECT_EQ(read.what.created, given.what.created);
    EXPECT_EQ(read.what.seen, given.what.seen);
}

TEST(kept_records, are_read_as_they_were_written_in_whatever_pieces_they_come) {
    const std::string large(300, 'x');
    const auto one = record_with("sess:a", large);
    const auto text = text_of({shop, renewal, one, end});
    for (const std::size_t piece : {std::size_t{1}, std::size_t{7}, text.size()}) {
        kept_reader from;
        std::size_t count = 0;
        for (std::size_t at = 0; at < text.size(); at += piece) {
            from.add(std::span(text).subspan(at, std::min(piece, text.size() - at)));
            for (auto item = from.next(); item.value(); item = from.next()) {
                if (count == 0) {
                    EXPECT_EQ(std::get<kept_space>(**item), shop);
                }
                if (count == 1) {
                    EXPECT_EQ(std::get<kept_renewal>(**item), renewal);
                }
                if (count == 2) expect_same(std::get<kept_record>(**item), one);
                if (count == 3) {
                    EXPECT_EQ(std::get<kept_end>(**item), end);
                }
                ++count;
            }
        }
        EXPECT_EQ(count, 4u) << piece;
    }
}

TEST(kept_records, that_cannot_be_are_errors_and_cost_no_memory) {
    const auto read = [](const bytes& text) {
        kept_reader from;
        from.add(text);
        return from.next();
    };
    EXPECT_EQ(read({9}).error().code, errc::malformed) << "no such kind";
    auto text = text_of({record_with("a", "1")});
    auto classless = text;
    classless[1 + 1 + 16 + 1] = 3;
    EXPECT_EQ(read(classless).error().code, errc::malformed);
    auto endless = text;
    endless[endless.size() - 2 - 8] = 0xff;  // the first byte of the data's size
    EXPECT_EQ(read(endless).error().code, errc::malformed);
}

}  // namespace
}  // namespace hawser::state
