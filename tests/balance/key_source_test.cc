// SPDX-License-Identifier: Apache-2.0
#include "balance/key_source.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>

#include "base/ensure.h"
#include "base/hash.h"
#include "config/document.h"
#include "config/variables.h"
#include "config/write.h"
#include "config/yaml_reader.h"
#include "http/h1/parser.h"

namespace hawser::balance {
namespace {

using part = key_source::part;

constexpr std::uint64_t salt = 7;

/// The hash of a request from `client`.
std::uint64_t hash(const key_source& of, std::string target, const std::string& fields = {},
                   std::string_view client = "192.0.2.1") {
    const std::string text =
        "GET " + target + " HTTP/1.1\r\nHost: shop.example\r\n" + fields + "\r\n";
    const auto head = std::make_unique<http::request_head>();
    const auto parsed = http::h1::parse_request_head(text, *head, {});
    ensure(parsed.state == http::h1::parse_state::complete, "the test writes a valid head");
    return of.hash_of(*head, *io::ip_address::parse(client), salt);
}

const key_source by_uri{.of = part::uri};
const key_source by_path{.of = part::path};
const key_source by_user{.of = part::query, .names = {"user", "shop"}};
const key_source by_tenant{.of = part::header, .names = {"X-Tenant"}};
const key_source by_cookie{.of = part::cookie, .names = {"cart"}};

TEST(key_source, of_an_address_is_the_hash_that_homes_were_given_by_ever_since) {
    const auto address = *io::ip_address::parse("192.0.2.1");
    const std::string_view bytes(reinterpret_cast<const char*>(address.bytes().data()), 16);

    EXPECT_EQ(hash({}, "/a"), stable_hash(bytes, salt));
    EXPECT_EQ(hash({}, "/a"), hash({}, "/b", "X-Tenant: x\r\n"));
    EXPECT_NE(hash({}, "/a"), hash({}, "/a", "", "192.0.2.2"));
}

TEST(key_source, uri_is_path_and_query_whoever_asks) {
    EXPECT_EQ(hash(by_uri, "/a?b=1"), hash(by_uri, "/a?b=1", "", "192.0.2.2"));
    EXPECT_NE(hash(by_uri, "/a?b=1"), hash(by_uri, "/a?b=2"));
    EXPECT_NE(hash(by_uri, "/a?b=1"), hash(by_uri, "/a"));
    EXPECT_NE(hash(by_uri, "/a"), hash(by_uri, "/b"));
    EXPECT_NE(hash(by_uri, "/a?b"), hash(by_uri, "/ab"));
}

TEST(key_source, path_leaves_the_query_out) {
    EXPECT_EQ(hash(by_path, "/a?b=1"), hash(by_path, "/a?b=2"));
    EXPECT_NE(hash(by_path, "/a"), hash(by_path, "/b"));
}

TEST(key_source, path_is_one_however_it_is_spelled) {
    EXPECT_EQ(hash(by_path, "/a/b"), hash(by_path, "/%61//x/../b"));
    EXPECT_EQ(hash(by_uri, "/a/b?c"), hash(by_uri, "/%61//x/../b?c"));
    EXPECT_EQ(hash(by_path, "/a"), hash(by_path, "http://shop.example/a"));
}

TEST(key_source, parameters_are_those_named_in_whatever_order_they_come) {
    EXPECT_EQ(hash(by_user, "/a?user=7&shop=3"), hash(by_user, "/b?shop=3&page=2&user=7"));
    EXPECT_NE(hash(by_user, "/a?user=7&shop=3"), hash(by_user, "/a?user=3&shop=7"));
    EXPECT_NE(hash(by_user, "/a?user=7"), hash(by_user, "/a?shop=7"));
    EXPECT_EQ(hash(by_user, "/a?user=7&user=8"), hash(by_user, "/a?user=7"));
    EXPECT_EQ(hash(by_user, "/a?user"), hash(by_user, "/a?user="));
}

TEST(key_source, a_parameter_is_one_however_it_is_spelled) {
    EXPECT_EQ(hash(by_user, "/a?user=J%c3%b6rg"), hash(by_user, "/a?user=%4A%C3%B6%72g"));
    EXPECT_NE(hash(by_user, "/a?user=100%"), hash(by_user, "/a?user=100"));
    EXPECT_NE(hash(by_user, "/a?user=%zz"), hash(by_user, "/a?user=%yy"));
}

TEST(key_source, header_is_every_value_of_the_field) {
    EXPECT_EQ(hash(by_tenant, "/a", "X-Tenant: blue\r\n"),
              hash(by_tenant, "/b", "x-tenant:  blue \r\n", "192.0.2.2"));
    EXPECT_NE(hash(by_tenant, "/", "X-Tenant: blue\r\n"),
              hash(by_tenant, "/", "X-Tenant: Blue\r\n"));
    EXPECT_NE(hash(by_tenant, "/", "X-Tenant: a\r\nX-Tenant: b\r\n"),
              hash(by_tenant, "/", "X-Tenant: b\r\nX-Tenant: a\r\n"));
}

TEST(key_source, cookie_is_the_first_of_its_name) {
    EXPECT_EQ(hash(by_cookie, "/", "Cookie: a=1; cart=7\r\n"),
              hash(by_cookie, "/", "Cookie: cart=7; cart=8\r\n", "192.0.2.2"));
    EXPECT_NE(hash(by_cookie, "/", "Cookie: cart=7\r\n"),
              hash(by_cookie, "/", "Cookie: cart=8\r\n"));
}

TEST(key_source, without_its_part_is_the_clients_address) {
    for (const auto& one : {by_user, by_tenant, by_cookie}) {
        EXPECT_EQ(hash(one, "/a?x=1"), hash({}, "/b"));
        EXPECT_NE(hash(one, "/a", "", "192.0.2.1"), hash(one, "/a", "", "192.0.2.2"))
            << "else all who lack it would be one key";
    }
    EXPECT_NE(hash(by_tenant, "/", "X-Tenant:\r\n"), hash({}, "/")) << "an empty value is a value";
}

TEST(key_source, of_another_salt_is_another_hash) {
    const std::string text = "GET /a HTTP/1.1\r\nHost: shop.example\r\n\r\n";
    const auto head = std::make_unique<http::request_head>();
    ensure(http::h1::parse_request_head(text, *head, {}).state == http::h1::parse_state::complete,
           "the test writes a valid head");

    EXPECT_NE(by_uri.hash_of(*head, {}, 1), by_uri.hash_of(*head, {}, 2));
}

struct outcome {
    key_source made;
    std::string problems;
};

outcome read(std::string_view text) {
    config::diagnostics out;
    outcome seen;
    const auto tree =
        config::parse_yaml("hash: " + std::string(text), "f", config::from_environment, out);
    config::codec<key_source>::read(*tree.find("hash"), seen.made, out);
    seen.problems = out.text();
    return seen;
}

TEST(key_source, is_read_and_shown_as_it_is_written) {
    for (const auto* text : {"source-ip", "uri", "path", "{query: [user, shop]}",
                             "{header: X-Tenant}", "{cookie: cart}", "session"}) {
        const auto first = read(text);
        EXPECT_EQ(first.problems, "") << text;
        config::diagnostics out;
        key_source again;
        EXPECT_TRUE(config::codec<key_source>::read(config::codec<key_source>::show(first.made),
                                                    again, out));
        EXPECT_EQ(again, first.made) << text;
    }
    EXPECT_EQ(read("{query: user}").made.names, std::vector<std::string>{"user"});
}

TEST(key_source, of_anything_else_is_an_error_at_its_place) {
    constexpr auto* ways =
        "must be `source-ip`, `uri`, `path`, `session`, `{query: [NAME, ...]}`, `{header: NAME}` "
        "or `{cookie: NAME}`\n";
    EXPECT_EQ(read("url").problems, std::string("f:1:7: error: ") + ways);
    EXPECT_EQ(read("{headers: x}").problems, std::string("f:1:7: error: ") + ways);
    EXPECT_EQ(read("{header: a, cookie: b}").problems, std::string("f:1:7: error: ") + ways);
    EXPECT_EQ(read("{header: 'a b'}").problems,
              "f:1:16: error: `header`: must be the name of a header field\n");
    EXPECT_EQ(read("{cookie: [a, b]}").problems,
              "f:1:16: error: `cookie`: must be the name of a cookie\n");
    EXPECT_EQ(read("{query: []}").problems,
              "f:1:15: error: `query`: name at least one parameter\n");
    EXPECT_EQ(read("{query: [a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a]}").problems,
              "f:1:15: error: `query`: has more than 16 parameters\n");
}

}  // namespace
}  // namespace hawser::balance
