// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <initializer_list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "balance/balancer.h"

namespace hawser::balance {

/// Servers for tests of balancers, on two workers, called by name.
struct fleet_of {
    struct one {
        std::string name;
        std::uint32_t weight = 1;
    };

    fleet_of(std::initializer_list<one> servers) {
        for (const auto& each : servers) add(each);
    }

    void add(const one& added) {
        owned.push_back(std::make_shared<server>(
            "shop",
            upstream::server_description{.name = added.name, .address = {}, .weight = added.weight},
            2, static_cast<std::uint32_t>(owned.size())));
        all.push_back(owned.back().get());
    }

    server& operator[](std::string_view name) const {
        for (server* each : all)
            if (each->name() == name) return *each;
        std::abort();
    }

    /// Requests that other exchanges have in flight with a server, as `worker` counts them.
    void load(std::string_view name, std::uint32_t requests, std::size_t worker = 0) const {
        (*this)[name].load.of_worker(worker).in_flight.add(requests);
    }

    /// How often each server is picked in `times` picks by clients of their own, whose sessions are
    /// bound there.
    std::map<std::string, int> picks(balancer& by, int times, candidates usable) const {
        std::map<std::string, int> count;
        by.meet(all);
        for (int i = 0; i < times; ++i) {
            server& picked = by.pick({.hash = static_cast<std::uint64_t>(i)}, usable);
            if (by.wants().sessions) picked.sessions.add();
            ++count[picked.name()];
        }
        return count;
    }
    std::map<std::string, int> picks(balancer& by, int times) const {
        return picks(by, times, all);
    }

    std::vector<std::shared_ptr<server>> owned;
    std::vector<server*> all;
};

}  // namespace hawser::balance
