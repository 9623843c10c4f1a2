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
#include "http/cookie.h"

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

constexpr std::array<preset, 19> all_presets{
    {{"java-servlet", "JSESSIONID of Tomcat, Jetty, WildFly, in cookie or path.",
      [](const std::string&) {
          return list{cookie_called("JSESSIONID", carrier::route),
                      with<path_parameter>("path-parameter", {.name = "jsessionid"})};
      }},
     {"php", "PHPSESSID.", [](const std::string&) { return list{cookie_called("PHPSESSID")}; }},
     {"express", "connect.sid of express-session.",
      [](const std::string&) { return list{cookie_called("connect.sid")}; }},
     {"aspnet", "ASP.NET_SessionId.",
      [](const std::string&) { return list{cookie_called("ASP.NET_SessionId")}; }},
     {"aspnet-core", ".AspNetCore.Session.",
      [](const std::string&) { return list{cookie_called(".AspNetCore.Session")}; }},
     {"socket.io", "Polling and upgrade together, of browsers and of clients without cookies.",
      [](const std::string&) { return list{choice("cookie"), choice("source-address")}; }},
     {"signalr", "Negotiation and connection together.",
      [](const std::string&) { return list{choice("cookie")}; }},
     {"mcp", "Mcp-Session-Id of the Model Context Protocol.",
      [](const std::string&) { return list{with<header>("header", {.name = "Mcp-Session-Id"})}; }},
     {"keycloak", "AUTH_SESSION_ID, with the server's name as its route.",
      [](const std::string&) { return list{cookie_called("AUTH_SESSION_ID", carrier::route)}; }},
     {"collabora", "WOPISrc: all who edit one document.",
      [](const std::string&) { return list{with<query>("query", {.name = "WOPISrc"})}; }},
     {"llm", "A conversation by a field, and where others with its prompt's prefix are.",
      [](const std::string& name) {
          return list{
              with<header>("header",
                           {.name = name.empty() ? "X-Conversation-Id" : name, .learn = false}),
              with<header>("header", {.name = "X-Prefix-Key", .learn = false, .shared = true})};
      },
      preset::named::may_be},
     {"aws-application", "AWS: by the application's cookie of this name, with one beside it.",
      [](const std::string& name) { return list{cookie_called(name, carrier::shadow)}; },
      preset::named::must_be},
     {"gcp-header", "Google: by the field of this name.",
      [](const std::string& name) {
          return list{with<header>("header", {.name = name, .learn = false})};
      },
      preset::named::must_be},
     {"aws-duration", "AWS: a cookie of the balancer's.",
      [](const std::string&) { return list{choice("cookie")}; }},
     {"azure-source-ip", "Azure: source and destination address.",
      [](const std::string&) { return list{address_with(tuple::source_destination)}; }},
     {"azure-source-ip-protocol", "Azure: the same and the protocol.",
      [](const std::string&) { return list{address_with(tuple::source_destination_protocol)}; }},
     {"azure-5-tuple", "Azure's default: each connection by itself.",
      [](const std::string&) { return list{}; }},
     {"gcp-generated-cookie", "Google: a cookie of the balancer's.",
      [](const std::string&) { return list{choice("cookie")}; }},
     {"gcp-client-ip", "Google: source and destination address.",
      [](const std::string&) { return list{address_with(tuple::source_destination)}; }}}};

}  // namespace

std::span<const preset> presets() { return all_presets; }

}  // namespace hawser::affinity

namespace hawser::config {

using affinity::choices_in_order;
using affinities = codec<std::vector<affinity::choice>>;

namespace {

/// What is wrong with the name that a preset is given; empty: nothing.
std::string wrong_name(const affinity::preset& one, const std::string& name) {
    using named = affinity::preset::named;
    if (name.empty())
        return one.takes == named::must_be ? "needs a name: `{" + std::string(one.name) + ": NAME}`"
                                           : std::string();
    if (one.takes == named::nothing) return "takes no name";
    return http::is_token(name) ? std::string() : "is told the name of a cookie or field";
}

}  // namespace

bool codec<choices_in_order>::read(const node& given, choices_in_order& into, diagnostics& out) {
    const bool is_named =
        given.is_map() && given.entries().size() == 1 && given.entries().front().value.is_scalar();
    const auto& written = is_named ? given.entries().front().key : given.text();
    const auto known = affinity::presets();
    const auto found = std::ranges::find(known, written, &affinity::preset::name);
    if (found == known.end() || (!is_named && !given.is_scalar()))
        return affinities::read(given, into, out);
    const auto name = is_named ? given.entries().front().value.text() : std::string();
    if (const auto why = wrong_name(*found, name); !why.empty()) {
        out.error(given.at(), "`" + written + "` " + why);
        return false;
    }
    static_cast<std::vector<affinity::choice>&>(into) = found->affinities(name);
    return true;
}

node codec<choices_in_order>::show(const choices_in_order& value) {
    return affinities::show(value);
}

shape codec<choices_in_order>::type() {
    shape made = affinities::type();
    made.words += ", or a preset";
    auto names = node::empty_list();
    auto with_names = node::empty_map();
    for (const auto& each : affinity::presets()) {
        using named = affinity::preset::named;
        if (each.takes != named::must_be) names.add(node::quoted(std::string(each.name)));
        if (each.takes == named::nothing) continue;
        auto text = node::empty_map();
        text.set("type", node::quoted("string"));
        with_names.set(std::string(each.name), std::move(text));
    }
    auto preset = node::empty_map();
    preset.set("enum", std::move(names));
    auto named = node::empty_map();
    named.set("type", node::quoted("object"));
    named.set("properties", std::move(with_names));
    named.set("additionalProperties", node::plain("false"));
    named.set("minProperties", node::plain("1"));
    named.set("maxProperties", node::plain("1"));
    auto either = node::empty_list();
    either.add(std::move(made.schema));
    either.add(std::move(preset));
    either.add(std::move(named));
    made.schema = node::empty_map();
    made.schema.set("anyOf", std::move(either));
    return made;
}

}  // namespace hawser::config
