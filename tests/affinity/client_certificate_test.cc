// SPDX-License-Identifier: Apache-2.0
#include "affinity/client_certificate.h"

#include <gtest/gtest.h>

#include "affinity/pool.h"

namespace hawser::affinity {
namespace {

tls::facts shown(std::string subject, std::string fingerprint) {
    tls::facts made;
    made.client_subject = std::move(subject);
    made.client_fingerprint = std::move(fingerprint);
    return made;
}

finding of(pool& shop, const tls::facts* secured) {
    return shop.find(head_with(), "192.0.2.1", "203.0.113.1", secured);
}

TEST(client_certificate, knows_whom_it_names_whichever_certificate_that_is) {
    pool shop({choice("client-certificate")});
    const auto before = shown("CN=ann", "aa");
    const auto renewed = shown("CN=ann", "bb");
    const auto other = shown("CN=bob", "aa");
    EXPECT_FALSE(of(shop, &before).key.empty());
    EXPECT_TRUE(of(shop, &before).is_proven);
    EXPECT_EQ(of(shop, &before).key, of(shop, &renewed).key);
    EXPECT_NE(of(shop, &before).key, of(shop, &other).key);
}

TEST(client_certificate, may_know_the_certificate_itself) {
    pool shop({made<client_certificate>({.by = certificate_part::fingerprint})});
    const auto before = shown("CN=ann", "aa");
    const auto renewed = shown("CN=ann", "bb");
    EXPECT_NE(of(shop, &before).key, of(shop, &renewed).key);
}

TEST(client_certificate, is_missing_in_clear_and_where_the_client_has_shown_none) {
    pool shop({choice("client-certificate")});
    const tls::facts without;
    EXPECT_EQ(of(shop, nullptr).why, cause::no_key);
    EXPECT_EQ(of(shop, &without).why, cause::no_key);
}

}  // namespace
}  // namespace hawser::affinity
