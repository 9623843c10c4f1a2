// SPDX-License-Identifier: Apache-2.0
#include "admin/identity.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "crypto/digest.h"

namespace hawser::admin {
namespace {

using testing::HasSubstr;

constexpr const char* secret = "0123456789abcdef0123456789abcdef";

http::served_request from(const std::string& address) {
    http::served_request asked;
    asked.peer = io::endpoint::parse(address).value();
    return asked;
}

http::served_request with_token(const std::string& claim) {
    auto asked = from("192.0.2.1:1");
    asked.fields.emplace_back("authorization", claim);
    return asked;
}

access_terms with_tokens() {
    access_terms terms;
    terms.trusts_loopback = false;
    terms.tokens = parse_tokens(std::string("ci operator ") + secret + "\n", "tokens").value();
    return terms;
}

TEST(admin_identity, trusts_the_loopback_only_where_that_was_said) {
    access_terms terms;
    EXPECT_EQ(identify(terms, from("127.0.0.1:9")).may, level::admin);
    EXPECT_EQ(identify(terms, from("[::1]:9")).may, level::admin);
    EXPECT_EQ(identify(terms, from("192.0.2.1:9")).may, level::none);
    terms.trusts_loopback = false;
    EXPECT_EQ(identify(terms, from("127.0.0.1:9")).may, level::none);
}

TEST(admin_identity, knows_users_at_a_unix_socket) {
    access_terms terms;
    terms.own_uid = 990;
    terms.users = {{1001, level::viewer}};
    const auto of = [&](uid_t uid) {
        http::served_request asked;
        asked.user = uid;
        return identify(terms, asked);
    };
    EXPECT_EQ(of(0).may, level::admin);
    EXPECT_EQ(of(990).may, level::admin);
    EXPECT_EQ(of(1001).may, level::viewer);
    EXPECT_EQ(of(1002).may, level::none);
    EXPECT_EQ(of(1002).who, "uid 1002");
}

TEST(admin_identity, knows_whoever_shows_a_token) {
    const auto terms = with_tokens();
    for (const char* scheme : {"Bearer ", "bearer "}) {
        const auto known = identify(terms, with_token(std::string(scheme) + secret));
        EXPECT_EQ(known.who, "ci");
        EXPECT_EQ(known.may, level::operating);
    }
}

TEST(admin_identity, believes_no_other_claim) {
    auto terms = with_tokens();
    terms.trusts_loopback = true;
    for (const std::string& claim :
         {std::string("Bearer "), std::string("Bearer x"), std::string("Basic ") + secret,
          std::string(secret), std::string("Bearer ") + secret + " ",
          std::string("Bearer  ") + secret}) {
        auto asked = with_token(claim);
        asked.peer = io::endpoint::parse("127.0.0.1:1").value();
        EXPECT_EQ(identify(terms, asked).may, level::none) << claim;
    }
}

TEST(admin_identity, knows_subjects_of_certificates) {
    auto terms = with_tokens();
    terms.subjects = {{"CN=ops,O=Example", level::admin}};
    auto asked = from("192.0.2.1:1");
    asked.certificate = "CN=ops,O=Example";
    EXPECT_EQ(identify(terms, asked).may, level::admin);
    asked.certificate = "CN=other";
    EXPECT_EQ(identify(terms, asked).may, level::none);
    asked.fields.emplace_back("Authorization", std::string("Bearer ") + secret);
    EXPECT_EQ(identify(terms, asked).who, "ci") << "a token counts where the certificate does not";
}

TEST(admin_tokens, are_read_plain_or_hashed) {
    std::string hex;
    for (const auto byte : crypto::sha256(secret)) {
        constexpr std::string_view digits = "0123456789abcdef";
        hex += digits[byte >> 4U];
        hex += digits[byte & 15U];
    }
    const auto read = parse_tokens(
        "# who may\n\n  a viewer " + std::string(secret) + "\r\nb admin sha256:" + hex + "\n",
        "tokens");
    ASSERT_TRUE(read) << read.error().context;
    ASSERT_EQ(read->size(), 2u);
    EXPECT_EQ((*read)[0].digest, (*read)[1].digest);
    EXPECT_EQ((*read)[1].may, level::admin);
}

TEST(admin_tokens, tell_all_that_is_wrong_and_no_secret) {
    const auto read = parse_tokens("a viewer short\nb king " + std::string(secret) +
                                       "\nc viewer sha256:12\nd viewer\ne viewer " + secret +
                                       " more\ng viewer " + secret + "\ng admin " + secret + "\n",
                                   "tokens");
    ASSERT_FALSE(read);
    for (const char* line :
         {"tokens:1:", "tokens:2:", "tokens:3:", "tokens:4:", "tokens:5:", "tokens:7:"})
        EXPECT_THAT(read.error().context, HasSubstr(line));
    EXPECT_THAT(read.error().context, testing::Not(HasSubstr("tokens:6:")));
    EXPECT_THAT(read.error().context, testing::Not(HasSubstr(secret)));
    EXPECT_THAT(read.error().context, testing::Not(HasSubstr("short")));
}

}  // namespace
}  // namespace hawser::admin
