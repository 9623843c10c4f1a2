// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string_view>

#include "base/ensure.h"
#include "base/hash.h"
#include "registry/registry.h"

namespace hawser::registry {

using namespace std::chrono_literals;

inline const pool_id shop = pool_id_of("shop");
inline const server_id blue = server_id_of("shop", "blue");
inline const server_id green = server_id_of("shop", "green");
inline const server_id red = server_id_of("shop", "red");

/// The key that a client called `client` would show, as if its bytes had been hashed.
inline affinity::session_key key_of(std::string_view client) {
    return {{stable_hash(client, 1), stable_hash(client, 2)}};
}

inline affinity::finding named(std::string_view client) {
    affinity::finding found{.key = key_of(client), .session = {}, .carried = {}, .lapsed = {}};
    found.session.bytes[0] = static_cast<std::uint8_t>(stable_hash(client));
    found.why = affinity::cause::no_key;
    return found;
}

/// A registry at a moment that only the test moves.
struct lab {
    explicit lab(const settings& wanted = {.capacity = 1000,
                                           .tentative_capacity = 100,
                                           .extra_keys = 100,
                                           .lives = {}})
        : table(*registry::create(wanted, now.steady)) {}

    void wait(std::chrono::milliseconds time) {
        now.steady += time;
        now.wall += time;
    }

    seen enter(std::string_view client) { return table->enter(shop, named(client), now); }

    seen enter_with(std::string_view client, const affinity::binding& token) {
        auto found = named(client);
        found.carried = token;
        found.why = affinity::cause::none;
        return table->enter(shop, found, now);
    }

    affinity::binding claim(const seen& who, server_id home,
                            affinity::cause why = affinity::cause::none) {
        return table->claim(who.handle, who.home, {.home = home, .instance = 0, .why = why}, now);
    }

    void leave(const seen& who) { table->leave(who.handle, now.steady); }

    /// A whole first request; the binding is what the client gets.
    affinity::binding first_request(std::string_view client, server_id home = blue) {
        const seen who = enter(client);
        ensure(!who.known, "a first request");
        const auto given = claim(who, home);
        leave(who);
        return given;
    }

    /// A whole request of a client that shows `token`.
    seen request(std::string_view client, const affinity::binding& token) {
        const seen who = enter_with(client, token);
        leave(who);
        return who;
    }

    /// A session that has come back, so that it is established, and that the client carries.
    affinity::binding settle(std::string_view client, server_id home = blue) {
        const auto token = first_request(client, home);
        request(client, token);
        return token;
    }

    /// A request that shows what the client would have been given, whether it is known or not.
    void request_with_token(std::string_view client, server_id home) {
        const auto view = table->find(shop, key_of(client), now.steady);
        request(client, view && view->home.home != no_server_id
                            ? view->home
                            : affinity::binding{.session = {}, .home = home, .born = wall()});
    }

    std::uint32_t wall() const {
        return static_cast<std::uint32_t>(now.wall.time_since_epoch() / 1s);
    }

    void sweep() {
        while (table->sweep(now.steady, 1000)) {
        }
    }

    bool has(std::string_view client) const {
        return table->find(shop, key_of(client), now.steady).has_value();
    }

    pool_sessions counts(pool_id pool = shop) const {
        const report all = table->counts();
        const auto* one = all.find(pool);
        return one == nullptr ? pool_sessions{} : *one;
    }

    server_sessions at(server_id home) const {
        const auto pool = counts();
        const auto* one = pool.find(home);
        return one == nullptr ? server_sessions{home, 0, 0} : *one;
    }

    instant now{steady_time(1000h), wall_time(std::chrono::milliseconds(1'790'000'000'000))};
    std::unique_ptr<registry> table;
};

inline std::uint64_t of(end_cause why, const std::array<std::uint64_t, end_causes>& ends) {
    return ends[static_cast<std::size_t>(why)];
}

}  // namespace hawser::registry
