// SPDX-License-Identifier: Apache-2.0
#include "crypto/jwt.h"

#include <gtest/gtest.h>

#include <string>

#include "crypto/tokens.h"

namespace hawser::crypto {
namespace {

constexpr std::string_view claims = R"({"sub":"ann"})";

using outcome = std::expected<std::string, jwt_fault>;

outcome failed(jwt_fault why) { return std::unexpected(why); }

TEST(jwt, tells_the_claims_of_a_token_that_a_key_has_signed) {
    const auto rsa = token_issuer::with_rsa();
    const auto p256 = token_issuer::with_p256();
    const auto ed25519 = token_issuer::with_ed25519();
    const auto keys =
        jwt_keys::read(rsa.public_pem() + p256.public_pem() + ed25519.public_pem()).value();
    ASSERT_EQ(keys.all().size(), 3u);
    EXPECT_EQ(verified_claims(rsa.token(R"({"alg":"RS256"})", claims), keys), claims);
    EXPECT_EQ(verified_claims(p256.token(R"({"alg":"ES256"})", claims), keys), claims);
    EXPECT_EQ(verified_claims(ed25519.token(R"({"alg":"EdDSA"})", claims), keys), claims);
}

TEST(jwt, a_changed_token_is_forged) {
    const auto issuer = token_issuer::with_p256();
    const auto keys = jwt_keys::read(issuer.public_pem()).value();
    const auto token = issuer.token(R"({"alg":"ES256"})", claims);
    const auto other = issuer.token(R"({"alg":"ES256"})", R"({"sub":"bob"})");
    const auto signature = token.substr(token.rfind('.'));
    EXPECT_EQ(verified_claims(other.substr(0, other.rfind('.')) + signature, keys),
              failed(jwt_fault::forged));
    EXPECT_EQ(verified_claims(token.substr(0, token.rfind('.') + 1) + base64url("short"), keys),
              failed(jwt_fault::forged));
    EXPECT_EQ(verified_claims(token.substr(0, token.rfind('.') + 1), keys),
              failed(jwt_fault::forged));
}

TEST(jwt, another_issuers_token_is_forged_and_one_of_another_kind_unknown) {
    const auto ours = token_issuer::with_p256();
    const auto theirs = token_issuer::with_p256();
    const auto rsa = token_issuer::with_rsa();
    const auto keys = jwt_keys::read(ours.public_pem()).value();
    EXPECT_EQ(verified_claims(theirs.token(R"({"alg":"ES256"})", claims), keys),
              failed(jwt_fault::forged));
    EXPECT_EQ(verified_claims(rsa.token(R"({"alg":"RS256"})", claims), keys),
              failed(jwt_fault::unknown_key));
}

TEST(jwt, no_signature_is_none_whatever_the_header_says) {
    const auto keys = jwt_keys::read(token_issuer::with_p256().public_pem()).value();
    for (const char* name : {"none", "None", "NONE", ""}) {
        const auto token =
            base64url(R"({"alg":")" + std::string(name) + "\"}") + "." + base64url(claims) + ".";
        EXPECT_EQ(verified_claims(token, keys), failed(jwt_fault::unknown_key)) << name;
    }
}

TEST(jwt, a_public_key_is_never_taken_for_a_secret) {
    const auto issuer = token_issuer::with_rsa();
    const auto keys = jwt_keys::read(issuer.public_pem()).value();
    const auto token = issuer.token(R"({"alg":"HS256"})", claims);
    EXPECT_EQ(verified_claims(token, keys), failed(jwt_fault::unknown_key));
}

TEST(jwt, what_is_no_token_or_asks_for_more_than_we_know_is_malformed) {
    const auto issuer = token_issuer::with_p256();
    const auto keys = jwt_keys::read(issuer.public_pem()).value();
    const auto token = issuer.token(R"({"alg":"ES256"})", claims);
    for (const std::string& text :
         {std::string(), std::string("."), std::string(".."), std::string("a.b"), token + ".x",
          "!" + token, issuer.token(R"({"alg":"ES256","crit":["exp"]})", claims),
          issuer.token(R"({"alg":7})", claims), issuer.token("[]", claims),
          issuer.token(R"({"alg":"ES256","kid":7})", claims), issuer.token("{", claims)})
        EXPECT_EQ(verified_claims(text, keys), failed(jwt_fault::malformed)) << text;
}

TEST(jwt, unverified_claims_are_told_whoever_wrote_them) {
    EXPECT_EQ(unverified_claims("x." + base64url(claims) + ".y"), claims);
    EXPECT_EQ(unverified_claims("x"), failed(jwt_fault::malformed));
    EXPECT_EQ(unverified_claims("x.!.y"), failed(jwt_fault::malformed));
}

// ---- keys -------------------------------------------------------------------------------------

constexpr std::string_view secret = "0123456789abcdef0123456789abcdef";

std::string set_of(const std::string& keys) { return R"({"keys":[)" + keys + "]}"; }

std::string secret_key(const std::string& more = {}) {
    return R"({"kty":"oct","k":")" + base64url(secret) + "\"" + more + "}";
}

TEST(jwt_keys, of_a_set_are_those_that_verify) {
    const auto keys = jwt_keys::read(set_of(secret_key(R"(,"kid":"a","alg":"HS256")") +
                                            R"(,{"kty":"new"},7,{"kty":"RSA","n":"AQ","e":"AQ"},)" +
                                            secret_key(R"(,"use":"enc")")));
    ASSERT_TRUE(keys);
    ASSERT_EQ(keys->all().size(), 1u);
    EXPECT_EQ(keys->all()[0].id, "a");
    EXPECT_EQ(keys->all()[0].algorithm, "HS256");
}

TEST(jwt_keys, one_key_alone_is_a_set_of_one) {
    EXPECT_EQ(jwt_keys::read(" " + secret_key())->all().size(), 1u);
}

TEST(jwt_keys, are_chosen_by_their_ids) {
    // RFC 7515 A.1: a token that was signed by others than us.
    const std::string text =
        R"({"kty":"oct","kid":"here","k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"})";
    const std::string token =
        "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9."
        "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ."
        "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    EXPECT_TRUE(verified_claims(token, jwt_keys::read(text).value()));
    EXPECT_FALSE(verified_claims(token, jwt_keys::read(secret_key()).value()));
    EXPECT_TRUE(verified_claims(token, jwt_keys::read(set_of(secret_key() + "," + text)).value()));
}

TEST(jwt_keys, that_are_too_weak_are_none) {
    EXPECT_FALSE(jwt_keys::read(token_issuer::with_rsa(1024).public_pem()));
    EXPECT_FALSE(jwt_keys::read(R"({"kty":"oct","k":"c2hvcnQ"})"));
    EXPECT_FALSE(jwt_keys::read(""));
    EXPECT_FALSE(jwt_keys::read("{"));
    EXPECT_FALSE(jwt_keys::read(set_of("")));
    EXPECT_FALSE(jwt_keys::read("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"));
}

TEST(jwt_keys, are_bounded) {
    std::string many = secret_key();
    for (int n = 0; n < 64; ++n) many += "," + secret_key();
    EXPECT_FALSE(jwt_keys::read(set_of(many)));
}

}  // namespace
}  // namespace hawser::crypto
