// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "affinity/application_cookie.h"
#include "affinity/bearer.h"
#include "affinity/chain.h"
#include "affinity/client_certificate.h"
#include "affinity/composition.h"
#include "affinity/cookie.h"
#include "affinity/header.h"
#include "affinity/heads.h"
#include "affinity/kinds.h"
#include "affinity/path_parameter.h"
#include "affinity/query.h"
#include "affinity/source_address.h"
#include "base/hash.h"
#include "crypto/rings.h"
#include "io/ip_address.h"
#include "tls/facts.h"

namespace hawser::affinity {

/// The affinity `Kind` with these settings, as a configuration chooses it.
template <typename Kind>
choice made(typename Kind::settings given) {
    const auto& text = config::detail::hyphenated<Kind>;
    const choice named(std::string_view(text.data(), text.size()));
    return {named.chosen(), std::make_shared<const typename Kind::settings>(std::move(given))};
}

/// One worker of a node with one pool's affinities, and a registry that the test fills.
struct pool {
    explicit pool(std::vector<choice> chosen,
                  const crypto::key_ring& ring = crypto::ring_of({{1, wall_time()}}),
                  std::string name = "shop")
        : made_for{.pool = std::move(name), .with = std::make_shared<issuer>(ring)},
          all(links_of(chosen, made_for), made_for) {}

    static chain::links links_of(const std::vector<choice>& chosen, const context& made_for) {
        chain::links links;
        for (const auto& each : chosen) links.push_back(each.make(made_for));
        return links;
    }

    finding find(const http::request_head& head, std::string_view client = "192.0.2.77",
                 std::string_view server = "203.0.113.1", const tls::facts* secured = nullptr,
                 std::string_view listener = "web") {
        const auto from = io::ip_address::parse(client).value_or(io::ip_address());
        const auto to = *io::ip_address::parse(server);
        finding found;
        all.find({.head = head,
                  .client = from,
                  .server = to,
                  .secured = secured,
                  .now = now,
                  .memo = memo,
                  .listener = listener},
                 registry, found);
        return found;
    }

    /// What `answer` says of the session of `found`, and whether it goes by another name then.
    reply answer(const http::response_head& head, const finding& found) {
        lines.clear();
        reply told{.lines = lines};
        auto home = found.begin(now);
        home.home = server_id_of("shop", "blue");
        all.answer({.head = head, .found = found, .home = home, .now = now}, told);
        return told;
    }

    [[nodiscard]] std::string cookie_name() const {
        return cookie::name_in({}, made_for.pool, false);
    }

    /// `NAME=value` of our cookie for a new session of `home`.
    std::string mark(server_id home) {
        pool other({choice("cookie")}, made_for);
        const auto found = other.find(head_with());
        auto bound = found.begin(now);
        bound.home = home;
        std::string line;
        reply told{.lines = line};
        other.all.answer({.head = answer_with(), .found = found, .home = bound, .now = now}, told);
        const auto start = line.find(' ') + 1;
        return line.substr(start, line.find(';') - start);
    }

    pool(const std::vector<choice>& chosen, const context& same)
        : made_for(same), all(links_of(chosen, made_for), made_for) {}

    context made_for;
    chain all;
    wall_time now{};
    token_memo memo;
    told registry;
    std::string lines;
};

}  // namespace hawser::affinity
