// SPDX-License-Identifier: Apache-2.0
#include "tls/server_context.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

#include "tls/authority.h"

namespace hawser::tls {
namespace {

std::vector<fault> faults_of(const server_settings& given) {
    std::vector<fault> faults;
    EXPECT_EQ(server_context::make(given, faults) == nullptr, !faults.empty());
    return faults;
}

TEST(server_context, e120_names_are_found_exactly_then_by_one_label) {
    authority issuer;
    std::vector<fault> faults;
    const auto made = server_context::make(
        {.certificates = {issuer.issue({"first.example"}), issuer.issue({"shop.example"}),
                          issuer.issue({"*.shop.example", "shop.test"})}},
        faults);
    ASSERT_NE(made, nullptr);
    const auto* const exact = made->find("shop.example");
    const auto* const wildcard = made->find("shop.test");
    EXPECT_NE(exact, wildcard);
    EXPECT_EQ(made->find("a.shop.example"), wildcard);
    EXPECT_EQ(made->find("shop.example."), exact);
    EXPECT_EQ(made->find("a.b.shop.example"), nullptr);
    EXPECT_EQ(made->find(".shop.example"), nullptr);
    EXPECT_EQ(made->find("nobody.example"), nullptr);
    EXPECT_EQ(made->find(""), nullptr);
}

TEST(server_context, certificates_of_one_name_with_different_keys_stand_together) {
    authority issuer;
    std::vector<fault> faults;
    const auto made =
        server_context::make({.certificates = {issuer.issue({"a.example", "b.example"}),
                                               issuer.issue({"a.example"}, key_kind::rsa)}},
                             faults);
    ASSERT_NE(made, nullptr);
    EXPECT_NE(made->find("a.example"), made->find("b.example"));
}

TEST(server_context, e127_a_key_of_another_certificate_is_refused) {
    authority issuer;
    auto files = issuer.issue({"a.example"});
    files.key = issuer.issue({"b.example"}).key;
    const auto faults = faults_of({.certificates = {issuer.issue({"x.example"}), files}});
    ASSERT_EQ(faults.size(), 1u);
    EXPECT_EQ(faults[0].where, fault::part::key);
    EXPECT_EQ(faults[0].number, 1u);
    EXPECT_NE(faults[0].what.find("does not belong"), std::string::npos);
}

TEST(server_context, every_file_that_cannot_be_used_is_told) {
    authority issuer;
    const auto faults = faults_of(
        {.certificates = {{.certificate = "/nowhere.pem", .key = issuer.write("k", "no key")}},
         .clients = {.mode = client_certificates::required,
                     .authorities = issuer.write("none", "")}});
    EXPECT_EQ(faults.size(), 3u);
}

TEST(server_context, e119_ciphers_without_forward_secrecy_are_refused) {
    authority issuer;
    const auto certificate = issuer.issue({"a.example"});
    EXPECT_TRUE(
        faults_of({.certificates = {certificate}, .ciphers = "ECDHE-ECDSA-AES128-GCM-SHA256"})
            .empty());
    for (const auto* const weak : {"AES128-GCM-SHA256", "ECDHE-ECDSA-AES128-SHA256", "nonsense"})
        EXPECT_FALSE(faults_of({.certificates = {certificate}, .ciphers = weak}).empty()) << weak;
}

TEST(server_context, e121_hosts_may_ask_different_things_of_their_clients) {
    authority issuer;
    auto strict = issuer.issue({"strict.example"});
    strict.clients = client_terms{client_certificates::required, issuer.path()};
    std::vector<fault> faults;
    const auto made = server_context::make(
        {.certificates = {issuer.issue({"shop.example"}), strict, issuer.issue({"b.example"})}},
        faults);
    ASSERT_NE(made, nullptr);
    EXPECT_TRUE(made->has_several_terms());
    EXPECT_EQ(made->of("b.example").digest, made->of("shop.example").digest);
    EXPECT_EQ(made->of("nobody.example").digest, made->of("shop.example").digest);
    EXPECT_NE(made->of("strict.example").digest, made->of("shop.example").digest);
}

TEST(server_context, tells_when_its_certificates_end) {
    using namespace std::chrono;
    authority issuer;
    std::vector<fault> faults;
    const auto made = server_context::make(
        {.certificates = {issuer.issue({"a.example"}),
                          issuer.issue({"b.example"}, key_kind::ecdsa, -hours(1))}},
        faults);
    ASSERT_NE(made, nullptr);
    ASSERT_EQ(made->certificates().size(), 2u);
    EXPECT_EQ(made->certificates()[1].name, "b.example");
    EXPECT_GT(made->certificates()[0].ends, system_clock::now() + hours(23));
    EXPECT_LT(made->certificates()[1].ends, system_clock::now());
}

TEST(server_context, an_ocsp_answer_that_is_none_is_refused) {
    authority issuer;
    auto files = issuer.issue({"a.example"});
    files.ocsp = issuer.write("ocsp", "no answer");
    const auto faults = faults_of({.certificates = {files}});
    ASSERT_EQ(faults.size(), 1u);
    EXPECT_EQ(faults[0].where, fault::part::ocsp);
}

}  // namespace
}  // namespace hawser::tls
