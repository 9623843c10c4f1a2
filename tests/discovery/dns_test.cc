// SPDX-License-Identifier: Apache-2.0
#include "discovery/dns.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/limits.h"
#include "discovery/watching.h"
#include "io/name_server.h"

namespace hawser::discovery {
namespace {

using io::dns_reply;
using io::name_server;
using namespace std::chrono_literals;
using testing::HasSubstr;

constexpr int a = 1;
constexpr int aaaa = 28;
constexpr int srv = 33;

dns::settings asking(const name_server& server, std::string name) {
    dns::settings made;
    made.name = std::move(name);
    made.resolvers = {server.address().text()};
    made.ttl_at_least = 1ms;
    made.ttl_at_most = 1ms;
    made.timeout = 50ms;
    made.tries = 1;
    return made;
}

TEST(dns, finds_a_server_at_each_address_of_a_name) {
    name_server server;
    server.say("app.internal", a, dns_reply().address("10.0.0.2").address("10.0.0.1"));
    watching on;
    on.with<dns>(asking(server, "app.internal:8000"));

    const auto seen = on.look();

    ASSERT_TRUE(seen.has_value());
    EXPECT_EQ(on.text_of(*seen), "10.0.0.1=10.0.0.1:8000 10.0.0.2=10.0.0.2:8000");
    EXPECT_EQ(seen->servers[0].host, "app.internal");
    EXPECT_EQ(seen->gap, "");
}

TEST(dns, takes_ipv6_where_there_is_no_ipv4_unless_told_otherwise) {
    name_server server;
    server.say("six.internal", a, dns_reply());
    server.say("six.internal", aaaa, dns_reply().address("2001:db8::1"));
    server.say("two.internal", a, dns_reply().address("10.0.0.1"));
    server.say("two.internal", aaaa, dns_reply().address("2001:db8::2"));
    const auto found = [&](std::string name, address_family family) {
        watching on;
        auto given = asking(server, std::move(name));
        given.family = family;
        on.with<dns>(given);
        return on.look_for_names();
    };

    EXPECT_EQ(found("six.internal:80", address_family::prefer_ipv4),
              "2001-db8--1=[2001:db8::1]:80");
    EXPECT_EQ(found("two.internal:80", address_family::prefer_ipv4), "10.0.0.1=10.0.0.1:80");
    EXPECT_EQ(found("two.internal:80", address_family::prefer_ipv6),
              "2001-db8--2=[2001:db8::2]:80");
    EXPECT_EQ(found("two.internal:80", address_family::both),
              "10.0.0.1=10.0.0.1:80 2001-db8--2=[2001:db8::2]:80");
    EXPECT_THAT(found("six.internal:80", address_family::ipv4), HasSubstr("has no addresses"));
}

TEST(dns, takes_priority_weight_and_port_of_srv_records) {
    name_server server;
    server.say("_http._tcp.app.internal", srv,
               dns_reply()
                   .service("one.internal", 8001, 0, 30)
                   .service("two.internal", 8002, 0, 10)
                   .service("spare.internal", 8003, 5, 0));
    server.say("one.internal", a, dns_reply().address("10.0.0.1"));
    server.say("two.internal", a, dns_reply().address("10.0.0.2"));
    server.say("spare.internal", a, dns_reply().address("10.0.0.3"));
    watching on;
    on.with<dns>(asking(server, "_http._tcp.app.internal"));

    const auto seen = on.look();

    ASSERT_TRUE(seen.has_value());
    EXPECT_EQ(on.text_of(*seen),
              "one.internal-8001=10.0.0.1:8001 spare.internal-8003=10.0.0.3:8003 "
              "two.internal-8002=10.0.0.2:8002");
    EXPECT_EQ(seen->servers[0].weight, 30u);
    EXPECT_EQ(seen->servers[1].priority, 5u);
    EXPECT_EQ(seen->servers[1].weight, 1u) << "0 is next to nothing, not nothing";
    EXPECT_EQ(seen->servers[0].host, "one.internal");
}

TEST(dns, keeps_the_name_of_a_target_whose_address_changes) {
    name_server server;
    server.say("_http._tcp.app.internal", srv, dns_reply().service("one.internal", 80));
    server.say("one.internal", a, dns_reply().address("10.0.0.1"));
    watching on;
    on.with<dns>(asking(server, "_http._tcp.app.internal"));
    EXPECT_EQ(on.look_for_names(), "one.internal-80=10.0.0.1:80");

    server.say("one.internal", a, dns_reply().address("10.0.0.9"));

    EXPECT_EQ(on.look_for_names(), "one.internal-80=10.0.0.9:80");
}

TEST(dns, names_servers_as_people_could_whatever_the_records_say) {
    name_server server;
    const std::string host(60, 'a');
    server.say("_http._tcp.app.internal", srv, dns_reply().service(host + ".internal", 80));
    server.say(host + ".internal", a, dns_reply().address("10.0.0.1"));
    watching on;
    on.with<dns>(asking(server, "_http._tcp.app.internal"));

    const auto seen = on.look();

    ASSERT_TRUE(seen.has_value());
    const auto& name = seen->servers.front().name;
    EXPECT_TRUE(config::is_name(name)) << name;
    EXPECT_TRUE(name.starts_with(std::string(47, 'a') + '-')) << name;
    EXPECT_EQ(name.size(), limits::name_max);
}

TEST(dns, gives_the_slot_of_an_address_that_went_to_the_next_that_comes) {
    name_server server;
    server.say("app.internal", a, dns_reply().address("10.0.0.1").address("10.0.0.2"));
    auto given = asking(server, "app.internal:80");
    given.identity = naming::slot;
    watching on;
    on.with<dns>(given);
    EXPECT_EQ(on.look_for_names(), "app-1=10.0.0.1:80 app-2=10.0.0.2:80");

    server.say("app.internal", a, dns_reply().address("10.0.0.9").address("10.0.0.2"));

    EXPECT_EQ(on.look_for_names(), "app-2=10.0.0.2:80 app-1=10.0.0.9:80");
}

TEST(dns, finds_nobody_where_the_answer_is_that_there_is_nothing) {
    name_server server;
    watching on;
    on.with<dns>(asking(server, "no-such.internal:80"));
    const auto seen = on.look();

    ASSERT_FALSE(seen.has_value());
    EXPECT_EQ(seen.error().code, errc::not_found);
    EXPECT_THAT(seen.error().context, HasSubstr("no-such.internal has no addresses"));
}

TEST(dns, keeps_what_was_known_of_the_part_that_could_not_be_asked) {
    name_server server;
    server.say("app.internal", a, dns_reply().address("10.0.0.1"));
    server.say("app.internal", aaaa, dns_reply().address("2001:db8::1"));
    auto given = asking(server, "app.internal:80");
    given.family = address_family::both;
    watching on;
    on.with<dns>(given);
    (void)on.look();

    server.say("app.internal", a, dns_reply().address("10.0.0.2"));
    server.say("app.internal", aaaa, dns_reply::failure());
    const auto seen = on.look();

    ASSERT_TRUE(seen.has_value());
    EXPECT_EQ(on.text_of(*seen), "10.0.0.2=10.0.0.2:80 2001-db8--1=[2001:db8::1]:80");
    EXPECT_THAT(seen->gap, HasSubstr("app.internal"));
}

TEST(dns, keeps_a_target_whose_address_could_not_be_asked_and_leaves_out_one_never_known) {
    name_server server;
    server.say("_http._tcp.app.internal", srv,
               dns_reply().service("one.internal", 80).service("two.internal", 80));
    server.say("one.internal", a, dns_reply().address("10.0.0.1"));
    server.say("one.internal", aaaa, dns_reply());
    server.say("two.internal", a, std::nullopt);
    server.say("two.internal", aaaa, std::nullopt);
    watching on;
    on.with<dns>(asking(server, "_http._tcp.app.internal"));

    EXPECT_EQ(on.look_for_names(), "one.internal-80=10.0.0.1:80");

    server.say("one.internal", a, std::nullopt);
    server.say("two.internal", a, dns_reply().address("10.0.0.2"));
    EXPECT_EQ(on.look_for_names(), "one.internal-80=10.0.0.1:80 two.internal-80=10.0.0.2:80");
}

TEST(dns, fails_when_nobody_answers_and_says_so) {
    name_server server;
    server.say("app.internal", a, std::nullopt);
    server.say("app.internal", aaaa, std::nullopt);
    watching on;
    on.with<dns>(asking(server, "app.internal:80"));
    const auto fails = [&] {
        const auto seen = on.look();
        return !seen && seen.error().code == errc::unavailable &&
               seen.error().context.contains("no name server answered in time");
    };

    EXPECT_TRUE(fails());
    server.say("app.internal", a, dns_reply().address("10.0.0.1"));
    EXPECT_TRUE(on.look().has_value());
    server.say("app.internal", a, std::nullopt);
    EXPECT_TRUE(fails()) << "what was known before is no answer";
}

TEST(dns, scales_weights_to_what_a_pool_knows) {
    const auto scaled = [](std::vector<std::uint32_t> weights) {
        std::vector<sighting> all;
        for (const auto each : weights) all.push_back({.name = "", .address = {}, .weight = each});
        scale_weights(all);
        std::vector<std::uint32_t> made;
        for (const auto& each : all) made.push_back(*each.weight);
        return made;
    };

    EXPECT_EQ(scaled({0, 0}), (std::vector<std::uint32_t>{1, 1}));
    EXPECT_EQ(scaled({1, 256}), (std::vector<std::uint32_t>{1, 256}));
    EXPECT_EQ(scaled({65'535, 32'768, 1}), (std::vector<std::uint32_t>{256, 128, 1}));
}

TEST(dns, refuses_settings_that_name_nothing_to_ask) {
    const auto why = [](std::string_view text) {
        auto written = config::node::empty_map();
        written.set("name", config::node::quoted(std::string(text)));
        config::diagnostics problems;
        dns::settings read;
        config::codec<dns::settings>::read(written, read, problems);
        return problems.text();
    };

    EXPECT_EQ(why("app.internal:8000"), "");
    EXPECT_EQ(why("_http._tcp.app.internal"), "");
    EXPECT_THAT(why("app.internal"), HasSubstr("has no port"));
    EXPECT_THAT(why("10.0.0.1:80"), HasSubstr("no name to ask for"));
    EXPECT_THAT(why("[::1]:80"), HasSubstr("no name to ask for"));
    EXPECT_THAT(why("_http._tcp.app.internal:80"), HasSubstr("SRV records say the port"));
}

}  // namespace
}  // namespace hawser::discovery
