// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <deque>
#include <initializer_list>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "affinity/kinds.h"
#include "async/scope.h"
#include "async/stop.h"
#include "balance/round_robin.h"
#include "crypto/rings.h"
#include "observe/access_log.h"
#include "observe/counters.h"
#include "proxy/h1_connection.h"
#include "proxy/origin.h"
#include "proxy/station.h"
#include "proxy/visitor.h"
#include "registry/registry.h"
#include "support/sim/sim_test.h"
#include "upstream/server.h"

namespace hawser::proxy {

/// A worker of the proxy with one pool of scripted servers and its clients, and no kernel.
class lab {
  public:
    lab(sim::world& world, const std::vector<std::string>& names) : world_(world) {
        listener.name = "web";
        for (const auto& name : names) {
            servers_.push_back(
                {.name = name, .place = "10.0.1." + std::to_string(servers_.size() + 1) + ":80"});
        }
    }
    ~lab() { station_->put_away(); }
    lab(const lab&) = delete;
    lab& operator=(const lab&) = delete;

    static constexpr auto* door = "10.0.0.1:80";  ///< where clients come in

    visitor client;
    listener_settings listener;
    upstream::pool_settings pool = {};
    proxy::route route = {};
    proxy::admission admission{{}};
    bool has_affinity = false;  ///< answers tell their verdict then
    std::vector<affinity::choice> affinities{affinity::choice("cookie")};

    [[nodiscard]] origin& server(std::string_view name) {
        return *std::ranges::find(servers_, name, &origin::name);
    }
    /// The server as the proxy knows it, once it is open.
    [[nodiscard]] upstream::server& known(std::string_view name) {
        return **std::ranges::find_if(upstream_, [&](auto& one) { return one->name() == name; });
    }
    [[nodiscard]] std::string_view last_server() const { return servers_.back().name; }
    void refuse(const std::string& name, bool refuses = true) {
        world_.weather_at(server(name).place).refuses = refuses;
    }

    [[nodiscard]] upstream::crowd& crowd() noexcept { return *crowd_; }

    /// Requests in flight at all servers, as the proxy counts them.
    [[nodiscard]] std::size_t in_flight() const {
        std::size_t sum = 0;
        for (const auto& each : upstream_) sum += each->in_flight();
        return sum;
    }
    /// Requests that have come to any server.
    [[nodiscard]] std::vector<origin::request> requests() const {
        std::vector<origin::request> all;
        for (const auto& each : servers_)
            all.insert(all.end(), each.requests.begin(), each.requests.end());
        return all;
    }
    [[nodiscard]] io::worker& worker() noexcept { return world_.worker(); }
    [[nodiscard]] proxy::station& station() noexcept { return *station_; }
    [[nodiscard]] registry::registry& sessions() noexcept { return *sessions_; }

    /// Why exchanges did not end in order, and how many.
    [[nodiscard]] std::map<std::string, std::uint64_t> endings() {
        std::map<std::string, std::uint64_t> found;
        for (const auto& to : {"shop", ""}) {
            counters_.traffic(listener.name, to)->of(0).ended.for_each([&](auto why, auto, auto n) {
                found[std::string(why)] += n;
            });
        }
        return found;
    }
    /// What was seen of the way to a server.
    [[nodiscard]] const observe::path_counters& path_to(std::string_view server) {
        return counters_.server("shop", server)->of(0).path;
    }
    /// How often affinity came to this verdict for this cause.
    [[nodiscard]] std::uint64_t verdicts(affinity::verdict what, affinity::cause why) {
        return counters_.pool("shop")->of(0).verdicts.value(std::size_t(what), std::size_t(why));
    }

    // ---- the course of a test -----------------------------------------------------------------

    /// Lets the client have its exchanges, by the settings as they are now, then ends everything.
    /// Once.
    task<> serve() {
        open();
        co_await visit(client);
        co_await close();
    }

    /// Begins to serve, by the settings as they are now.
    void open() {
        publish();
        for (auto& each : servers_)
            around_.spawn(origin::serve(each, world_.listen(each.place), until_));
        around_.spawn(accept(world_.listen(door)));
    }

    /// Lets one client have its exchanges.
    task<> visit(visitor& who) { return who.talk(world_.io(), io::endpoint::parse(door).value()); }
    /// The same of several at once.
    task<> visit_together(std::deque<visitor>& all) {
        scope visits;
        for (auto& each : all) visits.spawn(visit(each));
        co_await visits.join();
    }

    /// Ends everything, in order where it can.
    task<> close() {
        station_->stop();
        co_await connections_.join();
        closing_.stop();
        co_await around_.join();
    }

    /// After the end: whatever happened has left nothing behind.
    void expect_nothing_left() {
        EXPECT_EQ(in_flight(), 0u);
        EXPECT_EQ(station_->connections(), 0u);
        EXPECT_EQ(crowd_->queue.waiting(), 0u);
        EXPECT_EQ(crowd_->requests.taken(), 0u);
        EXPECT_EQ(crowd_->retries.taken(), 0u);
        for (const auto& each : upstream_) {
            EXPECT_EQ(each->load.totals().connections, 0u) << each->name();
            each->places.set_maximum(1);
            EXPECT_FALSE(each->places.is_full()) << each->name();
        }
        registry::cursor from;
        std::array<registry::session_view, 16> seen;
        while (!from.done) {
            const auto count = sessions_->walk(from, {}, seen, world_.io().clock().steady);
            for (const auto& each : std::span(seen).first(count)) {
                EXPECT_EQ(each.requests, 0u);
                EXPECT_EQ(each.tunnels, 0u);
            }
        }
        sessions_->verify();
    }

    /// Serves by the settings as they are now, from the next request on. Only servers named in
    /// `left` stay; empty: all.
    void publish(std::initializer_list<std::string_view> left = {}) {
        pool_setup setup;
        std::vector<std::shared_ptr<upstream::server>> staying;
        for (const auto& each : servers_) {
            if (left.size() != 0 && std::ranges::find(left, each.name) == left.end()) continue;
            staying.push_back(make_known(each));
            setup.server_counters.push_back(counters_.server("shop", each.name));
        }
        setup.servers = std::make_shared<upstream::pool>("shop", pool, std::move(staying), crowd_);
        setup.make_balancer = [](balance::worker_seed seed) {
            return std::make_unique<balance::round_robin>(balance::round_robin::settings(), seed);
        };
        if (has_affinity) {
            setup.make_affinity = [this](unsigned, bool tls) {
                const affinity::context made_for{.pool = "shop", .tls = tls, .with = issuer_};
                affinity::chain::links ways;
                for (const auto& each : affinities) ways.push_back(each.make(made_for));
                return std::make_unique<affinity::chain>(std::move(ways), made_for);
            };
        }
        setup.counters = counters_.pool("shop");
        for (const auto& each : affinities) setup.kinds += each.name();

        auto next = std::make_shared<snapshot>();
        next->listeners.push_back({.settings = std::make_shared<listener_settings>(listener),
                                   .counters = counters_.listener(listener.name),
                                   .traffic = std::make_shared<traffic_rows>(
                                       traffic_rows{counters_.traffic(listener.name, ""),
                                                    {counters_.traffic(listener.name, "shop")}})});
        next->pools.push_back(std::make_shared<pool_setup>(std::move(setup)));
        next->routes = std::make_shared<router>(std::vector{route});
        if (has_affinity) next->debug_field = "Hawser-Verdict";
        station_->publish(std::move(next));
    }

  private:
    task<> accept(std::unique_ptr<io::listener> from) {
        auto post = std::make_shared<listener_post>();
        post->name = listener.name;
        post->serve_by(station_->current()->what->listeners.front(), 0);
        while (auto taken = co_await from->accept())
            connections_.spawn(h1_connection::serve(
                *station_, post, arrival::of(std::move(*taken), world_.io().clock().steady)));
    }

    std::shared_ptr<upstream::server> make_known(const origin& each) {
        const auto at =
            std::ranges::find_if(upstream_, [&](auto& one) { return one->name() == each.name; });
        if (at != upstream_.end()) return *at;
        const upstream::server_description described{
            .name = each.name,
            .address = io::endpoint::parse(each.place).value(),
            .connections_max = 8};  // so that places are counted
        return upstream_.emplace_back(std::make_shared<upstream::server>(
            "shop", described, 1, std::uint32_t(upstream_.size())));
    }

    sim::world& world_;
    std::deque<origin> servers_;
    std::shared_ptr<upstream::crowd> crowd_ = std::make_shared<upstream::crowd>();
    std::vector<std::shared_ptr<upstream::server>> upstream_;
    observe::counters counters_{1, {}};
    std::shared_ptr<affinity::issuer> issuer_ =
        std::make_shared<affinity::issuer>(crypto::ring_of({{1, wall_time()}}));
    std::unique_ptr<registry::registry> sessions_ =
        registry::registry::create(
            {.capacity = 100, .tentative_capacity = 100, .extra_keys = 100, .lives = {}},
            world_.io().clock().steady)
            .value();
    observe::nap reader_;
    observe::access_lane access_{64 * 1024, reader_};
    std::unique_ptr<proxy::station> station_ = std::make_unique<proxy::station>(
        world_.worker(), station::shared{*sessions_, access_, counters_.worker(0), admission});
    stop_source closing_;
    context until_{.stop = &closing_};
    scope around_{until_};
    scope connections_;
};

}  // namespace hawser::proxy
