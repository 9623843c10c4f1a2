// SPDX-License-Identifier: Apache-2.0
#include "crypto/sealer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/rings.h"

namespace hawser::crypto {
namespace {

using namespace std::chrono_literals;
using bytes = std::vector<std::uint8_t>;

bytes of(std::string_view text) { return {text.begin(), text.end()}; }

bytes sealed_by(sealer& by, std::string_view text, std::string_view associated = "pool",
                wall_time now = at(0s)) {
    bytes out(text.size() + sealer::overhead);
    by.seal(of(text), of(associated), now, out);
    return out;
}

/// The text, or the name of the fault.
std::string opened_by(sealer& by, const bytes& sealed, std::string_view associated = "pool") {
    bytes out(sealed.size() < sealer::overhead ? 0 : sealed.size() - sealer::overhead);
    const auto opened = by.open(sealed, of(associated), out);
    if (opened) return {out.begin(), out.end()};
    // Nothing of a text that does not verify may be left to be used by mistake.
    EXPECT_EQ(std::ranges::count(out, 0), static_cast<std::ptrdiff_t>(out.size()));
    switch (opened.error()) {
        case seal_fault::cut: return "<cut>";
        case seal_fault::unknown_key: return "<unknown key>";
        case seal_fault::broken: return "<broken>";
    }
    return "?";
}

bytes salt_of(const bytes& sealed) { return {sealed.begin() + 4, sealed.begin() + 20}; }
bytes nonce_of(const bytes& sealed) { return {sealed.begin(), sealed.begin() + 24}; }

TEST(sealer, opens_what_it_sealed) {
    sealer both(ring_of({{1, at(0s)}}), "test");
    EXPECT_EQ(opened_by(both, sealed_by(both, "home")), "home");
    EXPECT_EQ(opened_by(both, sealed_by(both, "")), "");
    EXPECT_EQ(opened_by(both, sealed_by(both, std::string(5000, 'x'))), std::string(5000, 'x'));
}

TEST(sealer, opens_what_another_worker_or_process_sealed) {
    sealer here(ring_of({{1, at(0s)}}), "test");
    sealer there(ring_of({{1, at(0s)}}), "test");
    for (int i = 0; i < 3; ++i) EXPECT_EQ(opened_by(here, sealed_by(there, "home")), "home");
}

TEST(sealer, hides_the_text_and_repeats_no_sealed_text) {
    sealer one(ring_of({{1, at(0s)}}), "test");
    const auto first = sealed_by(one, "a text that is secret");
    const auto second = sealed_by(one, "a text that is secret");
    EXPECT_NE(first, second);
    EXPECT_EQ(std::ranges::search(first, of("secret")).size(), 0u);
}

TEST(sealer, refuses_every_changed_bit) {
    sealer one(ring_of({{1, at(0s)}}), "test");
    const auto good = sealed_by(one, "home");
    ASSERT_EQ(opened_by(one, good), "home");
    for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
        auto changed = good;
        changed[bit / 8] ^= static_cast<std::uint8_t>(1u << bit % 8);
        EXPECT_EQ(opened_by(one, changed), bit < 32 ? "<unknown key>" : "<broken>") << bit;
    }
    EXPECT_EQ(opened_by(one, good), "home");
}

TEST(sealer, refuses_what_is_cut_at_any_length_or_longer) {
    sealer one(ring_of({{1, at(0s)}}), "test");
    const auto good = sealed_by(one, "home");
    for (std::size_t size = 0; size < good.size(); ++size) {
        EXPECT_EQ(opened_by(one, bytes(good.begin(), good.begin() + static_cast<long>(size))),
                  size < sealer::overhead ? "<cut>" : "<broken>");
    }
    auto longer = good;
    longer.push_back(0);
    EXPECT_EQ(opened_by(one, longer), "<broken>");
}

TEST(sealer, refuses_other_associated_data_and_another_purpose) {
    sealer one(ring_of({{1, at(0s)}}), "cookie");
    sealer other(ring_of({{1, at(0s)}}), "ticket");
    const auto good = sealed_by(one, "home", "shop");
    EXPECT_EQ(opened_by(one, good, "shop"), "home");
    EXPECT_EQ(opened_by(one, good, "show"), "<broken>");
    EXPECT_EQ(opened_by(one, good, ""), "<broken>");
    EXPECT_EQ(opened_by(other, good, "shop"), "<broken>");
}

TEST(sealer, tells_a_key_that_is_not_on_the_ring) {
    sealer ours(ring_of({{1, at(0s)}}), "test");
    sealer theirs(ring_of({{9, at(0s)}}), "test");
    EXPECT_EQ(opened_by(ours, sealed_by(theirs, "home")), "<unknown key>");
}

TEST(sealer, refuses_an_id_of_ours_with_a_key_that_is_not) {
    sealer ours(key_ring({key_of(1, at(0s))}, secret<32>()), "test");
    auto stolen_id = key_of(2, at(0s));
    stolen_id.id = key_id{1};
    sealer theirs(key_ring({stolen_id}, secret<32>()), "test");
    EXPECT_EQ(opened_by(ours, sealed_by(theirs, "home")), "<broken>");
}

TEST(sealer, changes_to_a_newer_key_when_its_time_has_come_and_opens_the_older_still) {
    const auto ring = ring_of({{1, at(0s)}, {2, at(10s)}, {3, at(20s)}});
    sealer one(ring, "test");
    const auto first = sealed_by(one, "home", "pool", at(9s));
    const auto second = sealed_by(one, "home", "pool", at(10s));
    const auto third = sealed_by(one, "home", "pool", at(30s));
    EXPECT_EQ(first[3], 1);
    EXPECT_EQ(second[3], 2);
    EXPECT_EQ(third[3], 3);
    for (const auto& each : {first, second, third}) EXPECT_EQ(opened_by(one, each), "home");
}

TEST(sealer, opens_under_rings_that_nodes_get_at_different_moments) {
    sealer early(ring_of({{1, at(0s)}, {2, at(10s)}}), "test");
    sealer late(ring_of({{1, at(0s)}}), "test");
    // Until its time, the new key seals nothing, so a node without it opens all.
    EXPECT_EQ(opened_by(late, sealed_by(early, "home", "pool", at(9s))), "home");
    EXPECT_EQ(opened_by(early, sealed_by(late, "home", "pool", at(30s))), "home");
}

TEST(sealer, draws_a_salt_of_its_own) {
    const auto ring = ring_of({{1, at(0s)}});
    std::set<bytes> salts;
    for (int worker = 0; worker < 100; ++worker) {
        sealer one(ring, "test");
        EXPECT_TRUE(salts.insert(salt_of(sealed_by(one, "x"))).second);
    }
}

TEST(sealer, repeats_no_nonce_under_one_salt) {
    sealer one(ring_of({{1, at(0s)}, {2, at(5s)}}), "test");
    std::set<bytes> seen;
    for (int i = 0; i < 10000; ++i) {
        EXPECT_TRUE(seen.insert(nonce_of(sealed_by(one, "x", "pool", at(1ms * i)))).second);
    }
}

TEST(sealer, draws_a_new_salt_when_the_count_is_used_up) {
    sealer one(ring_of({{1, at(0s)}}), "test", 3);
    std::set<bytes> salts;
    std::set<bytes> nonces;
    for (int i = 0; i < 9; ++i) {
        const auto sealed = sealed_by(one, "home");
        salts.insert(salt_of(sealed));
        EXPECT_TRUE(nonces.insert(nonce_of(sealed)).second);
        EXPECT_EQ(opened_by(one, sealed), "home");
    }
    EXPECT_EQ(salts.size(), 3u);
}

TEST(sealer, opens_more_salts_than_it_keeps) {
    const auto ring = ring_of({{1, at(0s)}});
    sealer opener(ring, "test");
    std::vector<bytes> all;
    for (int i = 0; i < 1000; ++i) {
        sealer one(ring, "test");
        all.push_back(sealed_by(one, "home"));
    }
    for (int round = 0; round < 2; ++round) {
        for (const auto& sealed : all) ASSERT_EQ(opened_by(opener, sealed), "home");
    }
}

}  // namespace
}  // namespace hawser::crypto
