// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "base/hash.h"
#include "proxy/lab.h"

namespace hawser::proxy {

/// A lab of three servers or more with our cookie; each visit is one GET of one client.
class shop : public lab {
  public:
    explicit shop(sim::world& world,
                  const std::vector<std::string>& names = {"blue", "green", "red"})
        : lab(world, names) {
        has_affinity = true;
        // Else one that refuses would still answer over connections that were kept.
        for (const auto& name : names) lab::server(name).closes = true;
        open();
    }

    /// What the debug field told of the visit last made.
    std::string told;
    std::string server;  ///< who answered it
    std::string mark;    ///< the mark that the client has from now on
    bool was_marked = false;

    task<> ask(std::string with = {}) {
        visitor who;
        who.cookie = with;
        who.sends("/");
        co_await visit(who);
        if (who.heads().empty()) co_return;
        take(who, with);
    }

    /// So many requests of the session at once, each of a client of its own: who answered.
    task<std::set<std::string>> ask_together(std::size_t count, std::string with) {
        std::deque<visitor> clients(count);
        for (auto& each : clients) {
            each.cookie = with;
            each.sends("/");
        }
        co_await visit_together(clients);
        std::set<std::string> servers;
        for (const auto& each : clients) {
            EXPECT_EQ(each.received().size(), 1u);
            take(each, {});
            servers.insert(server);
        }
        co_return servers;
    }

    void take(const visitor& who, const std::string& had) {
        const std::string field = who.field("Hawser-Verdict");
        const auto split = field.find("; server=");
        told = field.substr(0, split);
        server = field.substr(split + 9);
        was_marked = !who.mark().empty();
        mark = was_marked ? who.mark() : had;
    }

    /// From now on every server says which instance it is.
    void announce(const std::string& instance) {
        for (const auto* name : {"blue", "green", "red"}) announce(name, instance);
    }
    void announce(const std::string& name, const std::string& instance) {
        lab::server(name).answer =
            "HTTP/1.1 200 OK\r\nHawser-Instance: " + instance + "\r\nContent-Length: 2\r\n\r\nhi";
    }

    /// How often sessions moved for this reason, as the registry counts.
    [[nodiscard]] std::uint64_t moves(affinity::cause why) {
        const auto counts = sessions().counts();
        const auto* pool = counts.find(pool_id_of("shop"));
        return pool != nullptr ? pool->since_start.moves[std::size_t(why)] : 0;
    }
};

}  // namespace hawser::proxy
