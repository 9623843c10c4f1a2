// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <random>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "proxy/parsed.h"
#include "proxy/router.h"

namespace hawser::proxy {
namespace {

/// What the router promises, without an index: each route in its order is looked at.
const route* find_in_order(const router& routes, const http::request_head& head) {
    const auto matches_host = [&](std::string_view wanted) {
        if (!wanted.starts_with("*.")) return wanted.empty() || wanted == head.host;
        return head.host.ends_with(wanted.substr(1)) && head.host.size() > wanted.size() - 1;
    };
    const auto matches_path = [&](std::string_view wanted) {
        if (wanted.empty()) return true;
        const auto rest = wanted.substr(1);
        if (wanted[0] == '=') return rest == head.path;
        if (wanted[0] == '~') return http::pattern::compile(rest)->matches(head.path);
        if (wanted.ends_with('/')) wanted.remove_suffix(1);
        return head.path.starts_with(wanted) &&
               (head.path.size() == wanted.size() || head.path[wanted.size()] == '/');
    };
    for (const route* each : routes.routes())
        if (matches_host(each->when.host) && matches_path(each->when.path) &&
            meets_others(each->when, "web", head))
            return each;
    return nullptr;
}

class any_routing {
  public:
    explicit any_routing(unsigned seed) : random_(seed) {}

    std::vector<route> routes() {
        std::vector<route> made(pick(40));
        for (std::size_t i = 0; i < made.size(); ++i) {
            made[i].number = i;
            made[i].when.host = pick(3) == 0 ? "" : (pick(2) == 0 ? "*." : "") + host(pick(3));
            if (made[i].when.host == "*.") made[i].when.host = "*.a";
            if (pick(4) == 0) made[i].when.methods = {"PUT"};
            if (pick(4) == 0) made[i].when.headers = {{"X-A", ""}};
            switch (pick(4)) {
                case 0: break;
                case 1: made[i].when.path = path(); break;
                case 2: made[i].when.path = "=" + path(); break;
                default: made[i].when.path = "~" + path() + (pick(2) == 0 ? "$" : "");
            }
        }
        return made;
    }

    std::string request() {
        return (pick(2) == 0 ? "PUT " : "GET ") + path() + " HTTP/1.1\r\nHost: " + host(4) +
               "\r\n" + (pick(2) == 0 ? "X-A: 1\r\n" : "") + "\r\n";
    }

  private:
    std::size_t pick(std::size_t below) { return random_() % below; }

    std::string host(std::size_t labels) {
        std::string made(1, "ab"[pick(2)]);
        while (labels-- > 0 && pick(3) != 0) made += std::string(".") + "ab"[pick(2)];
        return made;
    }
    std::string path() {
        std::string made = "/";
        while (pick(3) != 0) made += std::string(1, "ab"[pick(2)]) + (pick(2) == 0 ? "/" : "");
        return made;
    }

    std::mt19937 random_;
};

std::set<std::string, std::less<>> hosts_of(const std::vector<route>& routes) {
    std::set<std::string, std::less<>> all;
    for (const auto& each : routes) all.insert(each.when.host);
    return all;
}

/// What both find, as their routes are known by their numbers.
void expect_same(const router& one, const router& other, const std::string& bytes) {
    const parsed_request request(bytes);
    const auto found = one.find("web", request.head());
    const auto expected = other.find("web", request.head());
    ASSERT_EQ(found.has_value(), expected.has_value()) << bytes;
    ASSERT_EQ(*found == nullptr, *expected == nullptr) << bytes;
    if (*found != nullptr) ASSERT_EQ((*found)->number, (*expected)->number) << bytes;
}

TEST(router, with_other_routes_is_as_one_that_is_made_of_them) {
    for (unsigned seed = 0; seed < 100; ++seed) {
        any_routing any(seed);
        const auto before = any.routes();
        const auto after = any.routes();
        auto hosts = hosts_of(before);
        hosts.merge(hosts_of(after));
        const router whole(after);
        const auto changed = router(before).with(hosts, after);
        ASSERT_EQ(changed.routes().size(), whole.routes().size());
        for (int i = 0; i < 50; ++i) expect_same(changed, whole, any.request());
    }
}

TEST(router, with_other_routes_of_some_hosts_shares_those_of_others) {
    std::vector<route> routes(300);
    for (std::size_t i = 0; i < routes.size(); ++i) {
        routes[i].number = i;
        routes[i].when.host = (i % 3 == 0 ? "*.h" : "h") + std::to_string(i) + ".example";
    }
    const router before(routes);

    route other;
    other.number = 300;
    other.when.host = "h1.example";
    const auto after = before.with({"h1.example", "*.h3.example"}, {other});

    std::size_t shared = 0;
    for (const auto& each : routes)
        shared += before.of_host(each.when.host) == after.of_host(each.when.host);
    EXPECT_EQ(shared, 298u);
    EXPECT_EQ(after.of_host("h1.example")->routes().front().number, 300u);
    EXPECT_EQ(after.of_host("*.h3.example"), nullptr);
    const parsed_request gone("GET / HTTP/1.1\r\nHost: a.h3.example\r\n\r\n");
    EXPECT_EQ(*after.find("web", gone.head()), nullptr);
    EXPECT_NE(*before.find("web", gone.head()), nullptr) << "which is as it was";
}

TEST(router, finds_what_a_look_at_each_route_in_order_finds) {
    std::size_t matched = 0;
    for (unsigned seed = 0; seed < 100; ++seed) {
        any_routing any(seed);
        const router routes(any.routes());
        for (int i = 0; i < 50; ++i) {
            const auto bytes = any.request();
            const parsed_request request(bytes);
            const auto found = routes.find("web", request.head());
            ASSERT_TRUE(found.has_value());
            ASSERT_EQ(*found, find_in_order(routes, request.head())) << seed << '\n' << bytes;
            if (*found != nullptr) ++matched;
        }
    }
    EXPECT_GT(matched, 500u);
}

}  // namespace
}  // namespace hawser::proxy
