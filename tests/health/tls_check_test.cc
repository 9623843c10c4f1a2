// SPDX-License-Identifier: Apache-2.0
#include "health/tls_check.h"

#include "clinic.h"
#include "health/http_check.h"
#include "tls/authority.h"
#include "tls/server_context.h"

namespace hawser::health {
namespace {

using verdict = outcome::verdict;

/// A server that proves to be `shop.example`, checked by whoever believes `authority`.
class tls_clinic final : public clinic {
  public:
    tls_clinic(sim::world& in, tls::authority& issuer) : clinic(in) {
        std::vector<tls::fault> faults;
        server_ = tls::server_context::make(
            {.certificates = {issuer.issue({"shop.example"})}, .resumes = false}, faults);
        way.secured = tls::client_context::make({.authorities = issuer.path()}, faults);
        way.tls_name = "shop.example";
        EXPECT_TRUE(faults.empty());
    }

  private:
    task<> meet(std::unique_ptr<io::stream> client) override {
        auto secured = server_->accept(std::move(client), room_);
        if (co_await secured->connected()) co_await talk(*secured);
    }

    std::shared_ptr<const tls::server_context> server_;
};

SIM_TEST(tls_check, passes_where_the_server_proves_its_name) {
    tls::authority issuer;
    tls_clinic clinic(world, issuer);
    const tls_check check({});

    const auto found = co_await clinic.find(check);

    EXPECT_EQ(found.what, verdict::passed) << found.text;
    EXPECT_EQ(found.text, "L6 TLSv1.3");
}

SIM_TEST(tls_check, fails_where_it_proves_another) {
    tls::authority issuer;
    tls_clinic clinic(world, issuer);
    clinic.way.tls_name = "other.example";
    const tls_check check({});

    const auto found = co_await clinic.find(check);

    EXPECT_EQ(found.what, verdict::failed);
    EXPECT_EQ(found.kind, "tls");
    EXPECT_TRUE(found.text.starts_with("TLS: ")) << found.text;
    EXPECT_FALSE(found.is_gone) << "somebody is there";
}

SIM_TEST(tls_check, e178_a_handshake_that_hangs_fails_at_the_timeout) {
    tls::authority issuer;
    tls_clinic with_terms(world, issuer);
    const auto way = with_terms.way;
    with_terms.close();
    clinic silent(world);
    silent.way = way;
    const tls_check check({});

    EXPECT_EQ((co_await silent.find(check)).text, "timeout");
}

SIM_TEST(tls_check, fails_where_nobody_is) {
    tls::authority issuer;
    tls_clinic clinic(world, issuer);
    clinic.close();
    const tls_check check({});

    EXPECT_EQ((co_await clinic.find(check)).text, "connect refused");
}

SIM_TEST(tls_check, requests_of_other_checks_go_over_tls_too) {
    tls::authority issuer;
    tls_clinic clinic(world, issuer);
    clinic.says = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
    const http_check check(http_check::settings{});

    EXPECT_EQ((co_await clinic.find(check)).text, "L7 200");
    EXPECT_TRUE(clinic.heard.starts_with("GET / HTTP/1.1\r\n"));
}

}  // namespace
}  // namespace hawser::health
