// SPDX-License-Identifier: Apache-2.0
#include "affinity/bearer.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "affinity/pool.h"
#include "base/limits.h"
#include "crypto/tokens.h"

namespace hawser::affinity {
namespace {

using namespace std::chrono_literals;
using crypto::token_issuer;

const token_issuer& issuer_of_tokens() {
    static const auto made = token_issuer::with_p256();
    return made;
}

bearer::settings with_keys(bearer::settings given = {}) {
    given.keys.file = "keys.pem";
    given.keys.keys = std::make_shared<const crypto::jwt_keys>(
        crypto::jwt_keys::read(issuer_of_tokens().public_pem()).value());
    return given;
}

std::string token(const std::string& claims) {
    return issuer_of_tokens().token(R"({"alg":"ES256"})", claims);
}

finding of(pool& shop, const std::string& shown) {
    return shop.find(head_with().field("Authorization", "Bearer " + shown));
}

TEST(bearer, a_user_is_one_session_whichever_token_they_show) {
    pool shop({made<bearer>(with_keys())});
    const auto ann = of(shop, token(R"({"sub":"ann"})")).key;
    EXPECT_FALSE(ann.empty());
    EXPECT_EQ(of(shop, token(R"({"sub":"ann","iat":7})")).key, ann);
    EXPECT_NE(of(shop, token(R"({"sub":"bob"})")).key, ann);
    EXPECT_NE(of(shop, token(R"({"sub":"ann","iss":"elsewhere"})")).key, ann);
}

TEST(bearer, proves_who_somebody_is_only_where_it_is_verified) {
    pool shop({choice("cookie"), made<bearer>(with_keys())});
    EXPECT_TRUE(of(shop, token(R"({"sub":"ann"})")).is_proven);
    EXPECT_FALSE(of(shop, "nonsense").is_proven);
    pool believing({choice("cookie"), choice("bearer")});
    EXPECT_FALSE(of(believing, token(R"({"sub":"ann"})")).key.empty());
    EXPECT_FALSE(of(believing, token(R"({"sub":"ann"})")).is_proven);
}

TEST(bearer, finds_the_token_behind_the_scheme_in_any_letter_case) {
    pool shop({made<bearer>(with_keys())});
    const auto text = token(R"({"sub":"ann"})");
    EXPECT_FALSE(shop.find(head_with().field("authorization", "bearer  " + text)).key.empty());
    EXPECT_EQ(shop.find(head_with().field("Authorization", "Basic " + text)).why, cause::no_key);
    EXPECT_EQ(shop.find(head_with().field("Authorization", text)).why, cause::no_key);
    EXPECT_EQ(shop.find(head_with().field("Authorization", "Bearer ")).why, cause::no_key);
    EXPECT_EQ(shop.find(head_with()).why, cause::no_key);
}

TEST(bearer, may_look_at_another_claim_and_another_field) {
    pool shop({made<bearer>(with_keys({.claim = "sid", .keys = {}, .header = "X-Token"}))});
    const auto text = token(R"({"sub":"ann","sid":4711})");
    EXPECT_FALSE(shop.find(head_with().field("X-Token", "Bearer " + text)).key.empty());
    EXPECT_EQ(of(shop, text).why, cause::no_key);
    const auto without = token(R"({"sub":"ann"})");
    EXPECT_EQ(shop.find(head_with().field("X-Token", "Bearer " + without)).why, cause::no_key);
}

TEST(bearer, what_nobody_of_ours_has_signed_names_nobody) {
    pool shop({made<bearer>(with_keys())});
    const auto theirs = token_issuer::with_p256();
    EXPECT_EQ(of(shop, theirs.token(R"({"alg":"ES256"})", R"({"sub":"ann"})")).why, cause::forged);
    EXPECT_EQ(of(shop, theirs.token(R"({"alg":"none"})", R"({"sub":"ann"})")).why, cause::foreign);
    EXPECT_EQ(of(shop, "nonsense").why, cause::forged);
    EXPECT_EQ(of(shop, token("no JSON")).why, cause::forged);
    EXPECT_EQ(of(shop, token(R"({"sub":["ann"]})")).why, cause::no_key);
    EXPECT_EQ(of(shop, token(R"({"sub":""})")).why, cause::no_key);
    EXPECT_EQ(of(shop, token(R"({"sub":"ann","exp":"soon"})")).why, cause::forged);
    EXPECT_EQ(of(shop, std::string(limits::bearer_token_max + 1, 'a')).why, cause::forged);
    const std::string longest(limits::session_value_max, 'a');
    EXPECT_EQ(of(shop, token(R"({"sub":")" + longest + "\"}")).why, cause::forged);
    EXPECT_EQ(of(shop, "nonsense").invalid_for, "bearer");
}

TEST(bearer, a_token_counts_in_its_time_alone_also_when_it_is_remembered) {
    pool shop({made<bearer>(with_keys())});
    const auto text = token(R"({"sub":"ann","nbf":1000,"exp":2000})");
    shop.now = wall_time(500s);
    EXPECT_EQ(of(shop, text).why, cause::forged);
    shop.now = wall_time(1000s) - limits::clock_skew_max;
    EXPECT_FALSE(of(shop, text).key.empty());
    shop.now = wall_time(2000s) + limits::clock_skew_max;
    EXPECT_FALSE(of(shop, text).key.empty());
    shop.now += 1s;
    EXPECT_EQ(of(shop, text).why, cause::expired);
}

TEST(bearer, without_keys_whoever_claims_is_believed_and_marked) {
    pool shop({choice("bearer")});
    const auto theirs = token_issuer::with_p256().token(R"({"alg":"ES256"})", R"({"sub":"ann"})");
    EXPECT_FALSE(of(shop, theirs).key.empty());
    EXPECT_EQ(of(shop, "nonsense").invalid_for, "bearer-unverified");
    pool verifying({made<bearer>(with_keys())});
    EXPECT_NE(of(shop, theirs).key, of(verifying, token(R"({"sub":"ann"})")).key)
        << "a claim is never the key of what somebody has proved";
}

}  // namespace
}  // namespace hawser::affinity
