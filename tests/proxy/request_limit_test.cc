// SPDX-License-Identifier: Apache-2.0
#include "proxy/request_limit.h"

#include <gtest/gtest.h>

#include <cstring>
#include <string>

#include "proxy/parsed.h"

namespace hawser::proxy {
namespace {

using namespace std::chrono_literals;

constexpr steady_time start = steady_time() + 1h;

/// One request an hour for each key.
class one_an_hour {
  public:
    explicit one_an_hour(limit_key by, std::string field = {})
        : limit_({.by = by, .field = std::move(field), .allowed = {.per = 1h}}, {}, row_) {}

    bool admits(std::string_view client, const std::string& lines = {},
                const affinity::session_key* session = nullptr) {
        const parsed_request from("GET / HTTP/1.1\r\nHost: a\r\n" + lines + "\r\n");
        const auto address = io::ip_address::parse(client).value();
        const auto wait =
            limit_.take({.client = address, .head = from.head(), .session = session}, start, 0);
        return wait == 0ns;
    }
    [[nodiscard]] std::uint64_t refused() const { return row_->of(0).refused.value(); }

  private:
    observe::counters counted_{1, {}};
    observe::counters::limit_row row_ = counted_.rate_limit("web", "", "any");
    request_limit limit_;
};

TEST(request_limit, counts_by_the_clients_address) {
    one_an_hour limit(limit_key::client_address);
    EXPECT_TRUE(limit.admits("192.0.2.1"));
    EXPECT_FALSE(limit.admits("192.0.2.1"));
    EXPECT_TRUE(limit.admits("192.0.2.2"));
    EXPECT_EQ(limit.refused(), 1u);
}

TEST(request_limit, e135_takes_an_ipv6_64_for_one_client) {
    one_an_hour limit(limit_key::client_address);
    EXPECT_TRUE(limit.admits("2001:db8:0:1::1"));
    EXPECT_FALSE(limit.admits("2001:db8:0:1:ffff::2"));
    EXPECT_TRUE(limit.admits("2001:db8:0:2::1"));
    EXPECT_TRUE(limit.admits("192.0.2.1"));
    EXPECT_FALSE(limit.admits("::ffff:192.0.2.1")) << "a mapped address is the IPv4 one";
}

TEST(request_limit, counts_by_a_fields_value_whoever_sends_it) {
    one_an_hour limit(limit_key::header, "X-Api-Key");
    EXPECT_TRUE(limit.admits("192.0.2.1", "X-Api-Key: a\r\n"));
    EXPECT_FALSE(limit.admits("192.0.2.2", "x-api-key: a\r\n"));
    EXPECT_TRUE(limit.admits("192.0.2.1", "X-Api-Key: b\r\n"));
    EXPECT_FALSE(limit.admits("192.0.2.1", "X-Other: c\r\nX-Api-Key: b\r\n"));
}

TEST(request_limit, counts_by_the_session) {
    one_an_hour limit(limit_key::session);
    const affinity::session_key mine{{1, 2}};
    const affinity::session_key other{{1, 3}};
    EXPECT_TRUE(limit.admits("192.0.2.1", "", &mine));
    EXPECT_FALSE(limit.admits("192.0.2.9", "", &mine));
    EXPECT_TRUE(limit.admits("192.0.2.1", "", &other));
}

TEST(request_limit, counts_what_has_no_such_key_by_its_address) {
    one_an_hour by_field(limit_key::header, "X-Api-Key");
    EXPECT_TRUE(by_field.admits("192.0.2.1"));
    EXPECT_FALSE(by_field.admits("192.0.2.1"));
    EXPECT_TRUE(by_field.admits("192.0.2.2"));

    one_an_hour by_session(limit_key::session);
    EXPECT_TRUE(by_session.admits("192.0.2.1"));
    EXPECT_FALSE(by_session.admits("192.0.2.1"));
}

TEST(request_limit, e165_no_value_of_a_field_names_the_bucket_of_an_address) {
    one_an_hour limit(limit_key::header, "X-Api-Key");
    EXPECT_TRUE(limit.admits("192.0.2.1"));
    EXPECT_TRUE(limit.admits("192.0.2.9", "X-Api-Key: 192.0.2.1\r\n"));
}

}  // namespace
}  // namespace hawser::proxy
