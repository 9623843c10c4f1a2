// SPDX-License-Identifier: Apache-2.0
#include "affinity/token.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "affinity/issuer.h"
#include "base/hash.h"
#include "crypto/base64url.h"
#include "crypto/rings.h"

namespace hawser::affinity {
namespace {

using namespace std::chrono_literals;
using crypto::at;
using crypto::ring_of;

binding some_binding() {
    binding made;
    for (std::uint8_t i = 0; i < 16; ++i) made.session.bytes[i] = static_cast<std::uint8_t>(i + 1);
    made.home = server_id{0x1122334455667788};
    made.instance = 0x99aabbcc;
    made.born = 1000;
    made.issued = 2000;
    made.moves = 0xddee;
    return made;
}

/// One node's view of the tokens of one pool.
struct node {
    explicit node(const crypto::key_ring& ring = ring_of({{1, at(0s)}}),
                  std::string_view pool = "shop")
        : with(ring), tokens(pool_id_of(pool), with.mark_of(pool_id_of(pool)), with.sealer()) {}

    std::string sealed(const binding& what = some_binding(), wall_time now = at(0s)) {
        std::string text;
        tokens.seal({.home = what}, now, text);
        return text;
    }
    std::expected<binding, cause> opened(std::string_view text) {
        const auto one = tokens.open(text);
        if (!one) return std::unexpected(one.error());
        return one->home;
    }

    issuer with;
    token_codec tokens;
};

std::string fault(node& at, std::string_view text) {
    const auto opened = at.tokens.open(text);
    return std::string(name_of(opened ? cause::none : opened.error()));
}

TEST(token, carries_every_part_of_a_binding) {
    node one;
    EXPECT_EQ(one.opened(one.sealed()), some_binding());
    EXPECT_EQ(one.opened(one.sealed(binding())), binding());
    EXPECT_EQ(one.sealed().size(), token_text_size);
}

TEST(token, opens_on_another_node_and_after_a_restart) {
    node here;
    node there;
    EXPECT_EQ(there.opened(here.sealed()), some_binding());
}

TEST(token, opens_after_the_key_has_rotated) {
    node before(ring_of({{1, at(0s)}}));
    node after(ring_of({{1, at(0s)}, {2, at(10s)}}));
    const auto old_token = before.sealed();
    const auto new_token = after.sealed(some_binding(), at(20s));
    EXPECT_EQ(after.opened(old_token), some_binding());
    EXPECT_EQ(after.opened(new_token), some_binding());
    node removed(ring_of({{2, at(10s)}}));
    EXPECT_EQ(fault(removed, old_token), "foreign");
}

TEST(token, e154_is_refused_with_any_bit_changed) {
    node one;
    const auto text = one.sealed();
    std::vector<std::uint8_t> bytes(token_size);
    ASSERT_TRUE(crypto::decode_base64url(text, bytes));
    for (std::size_t bit = 0; bit < token_size * 8; ++bit) {
        auto changed = bytes;
        changed[bit / 8] ^= static_cast<std::uint8_t>(1u << bit % 8);
        std::string changed_text;
        crypto::append_base64url(changed, changed_text);
        // Version, pool's mark and key id tell where it comes from; the rest is sealed.
        EXPECT_EQ(fault(one, changed_text), bit < 7 * 8 ? "foreign" : "forged") << bit;
    }
}

TEST(token, e154_is_refused_with_any_character_changed) {
    node one;
    const auto text = one.sealed();
    for (std::size_t at_place = 0; at_place < text.size(); ++at_place) {
        for (int byte = 0; byte < 256; ++byte) {
            auto changed = text;
            changed[at_place] = static_cast<char>(byte);
            if (changed == text) continue;
            EXPECT_FALSE(one.tokens.open(changed)) << at_place << ' ' << byte;
        }
    }
}

TEST(token, e154_is_refused_when_cut_at_any_length_or_longer) {
    node one;
    const auto text = one.sealed();
    for (std::size_t size = 0; size < text.size(); ++size) {
        EXPECT_EQ(fault(one, text.substr(0, size)), "forged") << size;
    }
    EXPECT_EQ(fault(one, text + "A"), "forged");
    EXPECT_EQ(fault(one, text + text), "forged");
    EXPECT_EQ(fault(one, text + "="), "forged");
}

TEST(token, e154_of_another_pool_is_foreign) {
    node shop;
    node blog(ring_of({{1, at(0s)}}), "blog");
    EXPECT_EQ(fault(blog, shop.sealed()), "foreign");
}

TEST(token, e154_of_another_pool_with_our_mark_is_forged) {
    node shop;
    node blog(ring_of({{1, at(0s)}}), "blog");
    std::vector<std::uint8_t> ours(token_size);
    std::vector<std::uint8_t> theirs(token_size);
    ASSERT_TRUE(crypto::decode_base64url(shop.sealed(), ours));
    ASSERT_TRUE(crypto::decode_base64url(blog.sealed(), theirs));
    std::copy_n(ours.begin(), token_head_size, theirs.begin());
    std::string text;
    crypto::append_base64url(theirs, text);
    EXPECT_EQ(fault(shop, text), "forged");
}

TEST(token, e154_of_another_key_ring_is_foreign) {
    node ours;
    node theirs(ring_of({{9, at(0s)}}));
    EXPECT_EQ(fault(ours, theirs.sealed()), "foreign");
}

TEST(token, e159_tells_nothing_also_after_base64) {
    node one;
    std::set<std::string> seen;
    for (int i = 0; i < 100; ++i) {
        const auto text = one.sealed();
        EXPECT_TRUE(seen.insert(text).second);
        std::vector<std::uint8_t> bytes(token_size);
        ASSERT_TRUE(crypto::decode_base64url(text, bytes));
        const std::string_view visible(reinterpret_cast<const char*>(bytes.data()), bytes.size());
        EXPECT_EQ(visible.find("\x11\x22\x33\x44"), visible.npos);
        EXPECT_EQ(visible.find("\x44\x33\x22\x11"), visible.npos);
        EXPECT_EQ(visible.find("\x01\x02\x03\x04"), visible.npos);
        EXPECT_EQ(visible.find("shop"), visible.npos);
    }
}

token some_token() {
    token made{.home = some_binding()};
    for (const auto one : {trait::network, trait::tls}) made.print.has.add(one);
    made.print.of = {0x1234, 0, 0xfedc, 0};
    return made;
}

TEST(token, carries_what_its_client_is_like_where_that_is_wanted) {
    node one;
    std::string text;
    one.tokens.seal(some_token(), at(0s), text);
    EXPECT_EQ(text.size(), printed_text_size);
    EXPECT_EQ(one.tokens.open(text), some_token());
    EXPECT_EQ(one.tokens.open(one.sealed()), token{.home = some_binding()});
}

TEST(token, with_what_its_client_is_like_is_refused_with_any_bit_changed) {
    node one;
    std::string text;
    one.tokens.seal(some_token(), at(0s), text);
    std::vector<std::uint8_t> bytes(printed_size);
    ASSERT_TRUE(crypto::decode_base64url(text, bytes));
    for (std::size_t bit = 0; bit < printed_size * 8; ++bit) {
        auto changed = bytes;
        changed[bit / 8] = static_cast<std::uint8_t>(changed[bit / 8] ^ 1u << bit % 8);
        std::string changed_text;
        crypto::append_base64url(changed, changed_text);
        EXPECT_EQ(fault(one, changed_text), bit < 7 * 8 ? "foreign" : "forged") << bit;
    }
}

}  // namespace
}  // namespace hawser::affinity
