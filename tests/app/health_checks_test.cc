// SPDX-License-Identifier: Apache-2.0
#include "app/health_checks.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "async/sleep.h"
#include "support/sim/sim_test.h"
#include "upstream/fleet.h"

namespace hawser::app {
namespace {

using namespace std::chrono_literals;

/// Servers that answer checks, and the checks of a pool of them.
class surgery {
  public:
    struct server {
        std::string status = "200 OK";
        bool hangs = false;
        unsigned asked = 0;
        unsigned open = 0;
        std::unique_ptr<io::listener> door = {};
    };

    explicit surgery(sim::world& in) : world_(in) {
        pool_.health.check = health::choice("http");
        pool_.affinity.clear();
    }
    surgery(const surgery&) = delete;
    surgery& operator=(const surgery&) = delete;

    server& operator[](const std::string& name) { return servers_[name]; }
    pool& settings() { return pool_; }
    upstream::server& of(std::string_view name) {
        return *fleet_.current()->pools.front()->find(name);
    }
    bool is_up(std::string_view name) { return of(name).health.is_up(); }
    health_checks& checks() { return checks_; }

    /// Serves these from now on, as a reload does.
    void serve(const std::vector<std::string>& names) {
        upstream::pool_description described{.name = "shop", .settings = {}, .servers = {}};
        for (const auto& each : names) {
            described.servers.push_back({.name = each,
                                         .address = io::endpoint::parse(place_of(each)).value(),
                                         .reports_weight = pool_.health.takes_weights()});
            if (servers_[each].door != nullptr) continue;
            servers_[each].door = world_.listen(place_of(each));
            around_.spawn(attend(servers_[each]));
        }
        proxy::pool_setup setup;
        setup.servers = fleet_.change_to({&described, 1})->pools.front();
        checks_.follow(setup, pool_.health);
    }

    task<> end() {
        over_.stop();
        co_await around_.join();
    }

    [[nodiscard]] static std::string place_of(const std::string& name) {
        return "10.0." + std::to_string(name.size()) + "." + std::to_string(int(name.front())) +
               ":" + std::to_string(name.size() < 2 ? 80 : 1000 + std::stoi(name.substr(1)));
    }
    unsigned most_open = 0;

  private:
    task<> attend(server& one) {
        while (auto client = co_await one.door->accept())
            around_.spawn(answer(one, std::move(*client)));
    }
    task<> answer(server& one, std::unique_ptr<io::stream> client) {
        ++one.asked;
        most_open = std::max(most_open, ++open_);
        std::string heard;
        while (!heard.contains("\r\n\r\n")) {
            const auto more = co_await client->read();
            if (!more) break;
            heard.append(more->data(), more->size());
        }
        if (!one.hangs)
            (void)co_await client->write(
                io::pieces("HTTP/1.1 " + one.status + "\r\nContent-Length: 0\r\n\r\n"));
        while (co_await client->read()) {
        }
        --open_;
    }

    sim::world& world_;
    stop_source over_;
    context conditions_{.stop = &over_};
    scope around_{conditions_};
    health_checks checks_{world_.worker(), around_, over_};
    upstream::fleet fleet_{1};
    pool pool_;
    std::map<std::string, server> servers_;
    unsigned open_ = 0;
};

std::string shown(const health_checks& checks) {
    observe::exposition into;
    checks.collect(into);
    return into.text();
}

SIM_TEST(health_checks, each_server_is_asked_once_an_interval) {
    surgery shop(world);
    shop.serve({"a", "b"});

    (void)co_await sleep_for(60s);

    for (const auto* name : {"a", "b"}) {
        EXPECT_GE(shop[name].asked, 11u);
        EXPECT_LE(shop[name].asked, 14u);
    }
    co_await shop.end();
}

SIM_TEST(health_checks, first_checks_come_within_an_interval) {
    surgery shop(world);
    shop.serve({"a", "b"});

    (void)co_await sleep_for(5s + 100ms);

    EXPECT_GE(shop["a"].asked, 1u);
    EXPECT_GE(shop["b"].asked, 1u);
    co_await shop.end();
}

SIM_TEST(health_checks, e178_all_are_back_within_one_interval_of_the_first_success) {
    for (const unsigned rise : {1u, 2u, 5u}) {
        surgery shop(world);
        shop.settings().health.rise = rise;
        shop["a"].status = "503 Service Unavailable";
        shop.serve({"a"});
        (void)co_await sleep_for(30s);
        EXPECT_FALSE(shop.is_up("a"));

        shop["a"].status = "200 OK";
        const unsigned before = shop["a"].asked;
        while (shop["a"].asked == before) (void)co_await sleep_for(10ms);
        (void)co_await sleep_for(5s + 100ms);

        EXPECT_TRUE(shop.is_up("a"));
        EXPECT_GE(shop["a"].asked, before + rise);
        co_await shop.end();
    }
}

SIM_TEST(health_checks, e178_a_server_that_hangs_goes_down) {
    surgery shop(world);
    shop.serve({"a", "b"});
    (void)co_await sleep_for(6s);
    shop["a"].hangs = true;

    (void)co_await sleep_for(5s + 3 * 2500ms + 2s);

    EXPECT_FALSE(shop.is_up("a"));
    EXPECT_TRUE(shop.is_up("b"));
    const auto* told = shop.checks().find(upstream::pool("shop", {}, {}), 0);
    EXPECT_EQ(told->record.last->text, "timeout");
    co_await shop.end();
}

SIM_TEST(health_checks, reloads_neither_hasten_nor_reset_those_of_untouched_servers) {
    surgery shop(world);
    shop.settings().health.fall = 3;
    shop.serve({"a"});
    (void)co_await sleep_for(6s);
    const unsigned before = shop["a"].asked;
    shop["a"].status = "500 Internal Server Error";

    for (int i = 0; i < 200; ++i) {
        (void)co_await sleep_for(100ms);
        shop.serve({"a"});
    }

    EXPECT_LE(shop["a"].asked, before + 8);
    EXPECT_FALSE(shop.is_up("a")) << "failures before a reload count";
    co_await shop.end();
}

SIM_TEST(health_checks, a_reload_begins_those_of_new_servers_and_ends_those_of_removed_ones) {
    surgery shop(world);
    shop.serve({"a", "b"});
    (void)co_await sleep_for(6s);
    shop.serve({"b", "c"});
    const unsigned a = shop["a"].asked;

    EXPECT_TRUE(shop.is_up("c")) << "a new server begins up";
    (void)co_await sleep_for(30s);

    EXPECT_EQ(shop["a"].asked, a);
    EXPECT_GE(shop["c"].asked, 5u);
    co_await shop.end();
}

SIM_TEST(health_checks, a_changed_plan_keeps_what_is_known) {
    surgery shop(world);
    shop["a"].status = "503 Service Unavailable";
    shop.serve({"a"});
    (void)co_await sleep_for(30s);
    shop.settings().health.interval = 1s;
    shop.serve({"a"});

    EXPECT_FALSE(shop.is_up("a"));
    const unsigned before = shop["a"].asked;
    (void)co_await sleep_for(10s);
    EXPECT_GE(shop["a"].asked, before + 9);
    EXPECT_TRUE(
        shown(shop.checks())
            .contains(
                "hawser_health_changes_total{pool=\"shop\",server=\"a\",to=\"down\",by=\"checks\"} 1"));
    co_await shop.end();
}

SIM_TEST(health_checks, without_checks_nobody_stays_down_by_them) {
    surgery shop(world);
    shop["a"].status = "503 Service Unavailable";
    shop.serve({"a"});
    (void)co_await sleep_for(30s);
    shop.settings().health.check.reset();
    shop.serve({"a"});

    EXPECT_TRUE(shop.is_up("a"));
    const unsigned before = shop["a"].asked;
    (void)co_await sleep_for(30s);
    EXPECT_EQ(shop["a"].asked, before);
    co_await shop.end();
}

SIM_TEST(health_checks, go_on_in_drain_and_rest_in_maintenance) {
    surgery shop(world);
    shop.serve({"a", "b"});
    shop.of("a").set_state(upstream::admin_state::drain);
    shop.of("b").set_state(upstream::admin_state::maintenance);
    (void)co_await sleep_for(30s);
    EXPECT_GE(shop["a"].asked, 5u);
    EXPECT_EQ(shop["b"].asked, 0u);

    shop.of("b").set_state(upstream::admin_state::ready);
    (void)co_await sleep_for(2s);
    EXPECT_EQ(shop["b"].asked, 1u);
    co_await shop.end();
}

/// An agent at port 9 of `a`, that says `says` to everybody.
task<> report(sim::world& world, const std::string& says, const context& until) {
    const auto door = world.listen("10.0.1.97:9");
    scope clients(until);
    while (auto client = co_await door->accept()) (void)co_await (*client)->write(io::pieces(says));
}

SIM_TEST(health_checks, believe_what_an_agent_says) {
    surgery shop(world);
    shop.settings().health.check.reset();
    shop.settings().health.agent = agent{.port = 9, .send = {}};
    stop_source over;
    const context until{.stop = &over};
    scope agents(until);
    std::string says = "50% drain\n";
    agents.spawn(report(world, says, until));
    shop.serve({"a"});
    (void)co_await sleep_for(6s);
    EXPECT_EQ(shop.of("a").weight(), 50u);
    EXPECT_EQ(shop.of("a").state(), upstream::admin_state::drain);

    says = "down # disk\n";
    (void)co_await sleep_for(6s);
    EXPECT_FALSE(shop.is_up("a"));
    says = "up ready 100%\n";
    (void)co_await sleep_for(6s);
    EXPECT_TRUE(shop.is_up("a"));
    EXPECT_EQ(shop.of("a").state(), upstream::admin_state::ready);
    EXPECT_EQ(shop.of("a").weight(), 100u);

    says = "1% maybe\n";
    (void)co_await sleep_for(6s);
    EXPECT_EQ(shop.of("a").weight(), 100u) << "half a report is none";
    EXPECT_EQ(shop.checks().find_agent(upstream::pool("shop", {}, {}), 0)->record.last->text,
              "`maybe` is no word of a report here");
    over.stop();
    co_await agents.join();
    (void)co_await sleep_for(30s);
    EXPECT_TRUE(shop.is_up("a")) << "an agent that does not answer says nothing";
    co_await shop.end();
}

SIM_TEST(health_checks, without_its_agent_a_server_is_as_people_want_it) {
    surgery shop(world);
    shop.settings().health.agent = agent{.port = 9, .send = {}};
    stop_source over;
    const context until{.stop = &over};
    scope agents(until);
    const std::string says = "down maint 10%\n";
    agents.spawn(report(world, says, until));
    shop.serve({"a"});
    (void)co_await sleep_for(6s);
    EXPECT_FALSE(shop.is_up("a"));
    shop.settings().health.agent.reset();
    shop.serve({"a"});

    EXPECT_TRUE(shop.is_up("a"));
    EXPECT_EQ(shop.of("a").state(), upstream::admin_state::ready);
    EXPECT_EQ(shop.of("a").weights.reported(), 100u);
    over.stop();
    co_await agents.join();
    co_await shop.end();
}

SIM_TEST(health_checks, run_so_many_at_once_and_the_others_wait) {
    surgery shop(world);
    std::vector<std::string> names;
    for (int i = 0; i < 200; ++i) names.push_back("s" + std::to_string(i));
    for (const auto& each : names) shop[each].hangs = true;
    shop.settings().health.interval = 1s;
    shop.settings().health.timeout = 900ms;
    shop.serve(names);

    (void)co_await sleep_for(20s);

    // A server sees the end of one a little after the next has begun.
    EXPECT_LT(shop.most_open, limits::checks_at_once_max + names.size() / 10);
    for (const auto& each : names) EXPECT_FALSE(shop.is_up(each)) << "each has its turn";
    EXPECT_FALSE(shown(shop.checks()).contains("hawser_health_checks_delayed_total 0"));
    co_await shop.end();
}

}  // namespace
}  // namespace hawser::app
