// SPDX-License-Identifier: Apache-2.0
#include "affinity/presets.h"

#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <utility>

#include "affinity/application_cookie.h"
#include "affinity/header.h"
#include "affinity/path_parameter.h"
#include "affinity/query.h"
#include "affinity/source_address.h"

namespace hawser::affinity {

namespace {

using list = std::vector<choice>;

/// The kind called `name`, whose class is `Kind`, with these settings.
template <typename Kind>
choice with(std::string_view name, typename Kind::settings given) {
    return {choice(name).chosen(),
            std::make_shared<const typename Kind::settings>(std::move(given))};
}

choice cookie_called(std::string_view name, carrier by = carrier::learn) {
    return with<application_cookie>("application-cookie",
                                    {.name = std::string(name), .carried_by = by});
}

choice address_with(tuple by) {
    return with<source_address>("source-address", {.ipv6_prefix = 128, .by = by});
}

constexpr std::array<preset, 16> all_presets{
    {{"java-servlet", "JSESSIONID of Tomcat, Jetty, WildFly, in cookie or path.",
      [] {
          return list{cookie_called("JSESSIONID", carrier::route),
                      with<path_parameter>("path-parameter", {.name = "jsessionid"})};
      }},
     {"php", "PHPSESSID.", [] { return list{cookie_called("PHPSESSID")}; }},
     {"express", "connect.sid of express-session.",
      [] { return list{cookie_called("connect.sid")}; }},
     {"aspnet", "ASP.NET_SessionId.", [] { return list{cookie_called("ASP.NET_SessionId")}; }},
     {"aspnet-core", ".AspNetCore.Session.",
      [] { return list{cookie_called(".AspNetCore.Session")}; }},
     {"socket.io", "Polling and upgrade together, of browsers and of clients without cookies.",
      [] { return list{choice("cookie"), choice("source-address")}; }},
     {"signalr", "Negotiation and connection together.", [] { return list{choice("cookie")}; }},
     {"mcp", "Mcp-Session-Id of the Model Context Protocol.",
      [] { return list{with<header>("header", {.name = "Mcp-Session-Id"})}; }},
     {"keycloak", "AUTH_SESSION_ID, with the server's name as its route.",
      [] { return list{cookie_called("AUTH_SESSION_ID", carrier::route)}; }},
     {"collabora", "WOPISrc: all who edit one document.",
      [] { return list{with<query>("query", {.name = "WOPISrc"})}; }},
     {"aws-duration", "AWS: a cookie of the balancer's.", [] { return list{choice("cookie")}; }},
     {"azure-source-ip", "Azure: source and destination address.",
      [] { return list{address_with(tuple::source_destination)}; }},
     {"azure-source-ip-protocol", "Azure: the same and the protocol.",
      [] { return list{address_with(tuple::source_destination_protocol)}; }},
     {"azure-5-tuple", "Azure's default: each connection by itself.", [] { return list{}; }},
     {"gcp-generated-cookie", "Google: a cookie of the balancer's.",
      [] { return list{choice("cookie")}; }},
     {"gcp-client-ip", "Google: source and destination address.",
      [] { return list{address_with(tuple::source_destination)}; }}}};

}  // namespace

std::span<const preset> presets() { return all_presets; }

}  // namespace hawser::affinity

namespace hawser::config {

using affinity::choices_in_order;
using affinities = codec<std::vector<affinity::choice>>;

bool codec<choices_in_order>::read(const node& given, choices_in_order& into, diagnostics& out) {
    if (given.is_scalar()) {
        const auto known = affinity::presets();
        const auto found = std::ranges::find(known, given.text(), &affinity::preset::name);
        if (found != known.end()) {
            static_cast<std::vector<affinity::choice>&>(into) = found->affinities();
            return true;
        }
    }
    return affinities::read(given, into, out);
}

node codec<choices_in_order>::show(const choices_in_order& value) {
    return affinities::show(value);
}

shape codec<choices_in_order>::type() {
    shape made = affinities::type();
    made.words += ", or a preset";
    auto names = node::empty_list();
    for (const auto& each : affinity::presets()) names.add(node::quoted(std::string(each.name)));
    auto preset = node::empty_map();
    preset.set("enum", std::move(names));
    auto either = node::empty_list();
    either.add(std::move(made.schema));
    either.add(std::move(preset));
    made.schema = node::empty_map();
    made.schema.set("anyOf", std::move(either));
    return made;
}

}  // namespace hawser::config
