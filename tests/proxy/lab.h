// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <deque>
#include <initializer_list>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "async/scope.h"
#include "async/stop.h"
#include "balance/round_robin.h"
#include "observe/access_log.h"
#include "observe/counters.h"
#include "proxy/connection.h"
#include "proxy/origin.h"
#include "proxy/station.h"
#include "proxy/visitor.h"
#include "registry/registry.h"
#include "support/sim/sim_test.h"
#include "upstream/server.h"

namespace hawser::proxy {

/// A worker of the proxy with one pool of scripted servers and one client, and no kernel.
class lab {
  public:
    lab(sim::world& world, std::initializer_list<std::string> names) : world_(world) {
        listener.name = "web";
        for (const auto& name : names) {
            servers_.push_back(
                {.name = name, .place = "10.0.1." + std::to_string(servers_.size() + 1) + ":80"});
        }
    }
    ~lab() { station_->put_away(); }
    lab(const lab&) = delete;
    lab& operator=(const lab&) = delete;

    visitor client;
    listener_settings listener;
    upstream::pool_settings pool = {};

    [[nodiscard]] origin& server(std::string_view name) {
        return *std::ranges::find(servers_, name, &origin::name);
    }
    void refuse(const std::string& name) { world_.weather_at(server(name).place).refuses = true; }

    /// Requests in flight at all servers, as the proxy counts them.
    [[nodiscard]] std::size_t in_flight() const {
        std::size_t sum = 0;
        for (const auto& each : upstream_) sum += each->in_flight();
        return sum;
    }
    [[nodiscard]] io::worker& worker() noexcept { return world_.worker(); }

    /// Lets the client have its exchanges, by the settings as they are now, then ends everything.
    /// Once.
    task<> serve() {
        publish();
        stop_source closing;
        const context until{.stop = &closing};
        scope around(until);
        scope connections;
        for (auto& each : servers_)
            around.spawn(origin::serve(each, world_.listen(each.place), until));
        around.spawn(accept(world_.listen(door), connections));

        co_await client.talk(world_.io(), io::endpoint::parse(door).value());

        station_->stop();
        co_await connections.join();
        closing.stop();
        co_await around.join();
    }

  private:
    static constexpr auto* door = "10.0.0.1:80";

    task<> accept(std::unique_ptr<io::listener> from, scope& connections) {
        auto post = std::make_shared<listener_post>();
        post->name = listener.name;
        post->serve_by(station_->current()->what->listeners.front(), 0);
        while (auto taken = co_await from->accept())
            connections.spawn(connection::serve(*station_, post, std::move(*taken)));
    }

    void publish() {
        pool_setup setup;
        for (const auto& each : servers_) {
            const upstream::server_description described{
                .name = each.name, .address = io::endpoint::parse(each.place).value()};
            upstream_.push_back(std::make_shared<upstream::server>(
                "shop", described, 1, std::uint32_t(upstream_.size())));
            setup.server_counters.push_back(counters_.server("shop", each.name));
        }
        setup.servers = std::make_shared<upstream::pool>("shop", pool, upstream_);
        setup.make_balancer = [](balance::worker_seed seed) {
            return std::make_unique<balance::round_robin>(balance::round_robin::settings(), seed);
        };
        setup.counters = counters_.pool("shop");

        auto next = std::make_shared<snapshot>();
        next->listeners.push_back({.settings = std::make_shared<listener_settings>(listener),
                                   .counters = counters_.listener(listener.name),
                                   .traffic = {counters_.traffic(listener.name, "shop"),
                                               counters_.traffic(listener.name, "")}});
        next->pools.push_back(std::move(setup));
        next->routes = router(std::vector<route>(1));
        station_->publish(std::move(next));
    }

    sim::world& world_;
    std::deque<origin> servers_;
    std::vector<std::shared_ptr<upstream::server>> upstream_;
    observe::counters counters_{1, {}};
    std::unique_ptr<registry::registry> sessions_ =
        registry::registry::create(
            {.capacity = 100, .tentative_capacity = 100, .extra_keys = 100, .lives = {}},
            world_.io().clock().steady)
            .value();
    observe::nap reader_;
    observe::access_lane access_{64 * 1024, reader_};
    std::unique_ptr<station> station_ = std::make_unique<station>(
        world_.worker(), station::shared{*sessions_, access_, counters_.worker(0)});
};

}  // namespace hawser::proxy
