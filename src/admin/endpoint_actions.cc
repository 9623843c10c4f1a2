// SPDX-License-Identifier: Apache-2.0
// The list of everything that can be asked of the endpoint.
#include <array>

#include "admin/endpoint.h"
#include "admin/wanted.h"

namespace hawser::admin {

namespace {

template <typename Wanted>
const config::description& described(const operations&) {
    return config::description_of<Wanted>();
}

const config::description& described_server(const operations& node) {
    return node.server_settings();
}

}  // namespace

std::span<const action> endpoint::actions() noexcept {
    using self = endpoint;
    static constexpr auto shown = [](std::string_view path, level least, std::string_view summary,
                                     std::string_view answer, action::shows how) {
        return action{.method = "GET",
                      .path = path,
                      .least = least,
                      .summary = summary,
                      .answer = answer,
                      .show = how};
    };
    static constexpr auto changed = [](std::string_view method, std::string_view path, level least,
                                       std::string_view summary, action::changes how,
                                       action::describes body = nullptr) {
        return action{.method = method,
                      .path = path,
                      .least = least,
                      .summary = summary,
                      .answer = "Change",
                      .change = how,
                      .body = body};
    };
    static constexpr auto steered = [](std::string_view path, std::string_view summary,
                                       action::steers how, action::describes body) {
        return action{.method = "POST",
                      .path = path,
                      .least = level::operating,
                      .summary = summary,
                      .answer = "Change",
                      .steer = how,
                      .body = body};
    };
    static constexpr std::string_view one_server = "/v1/pools/{pool}/servers/{server}";
    static constexpr std::array all = {
        shown("/healthz", level::none, "The process lives", "", &self::health),
        shown("/readyz", level::none, "The node takes traffic", "", &self::readiness),
        shown("/metrics", level::viewer, "Metrics for Prometheus", "", &self::metrics),
        shown("/v1/openapi.json", level::viewer, "This document", "Document", &self::openapi),
        shown("/v1/status", level::viewer, "The node as a whole", "Node", &self::status),
        shown("/v1/configuration", level::viewer, "Every effective value", "Document",
              &self::configuration),
        shown("/v1/pools", level::viewer, "All pools with their servers", "Pools", &self::pools),
        shown("/v1/pools/{pool}", level::viewer, "One pool with its servers", "Pool", &self::pool),
        shown(one_server, level::viewer, "One server", "Server", &self::server),
        shown("/v1/pools/{pool}/servers/{server}/drain", level::viewer,
              "A server's drain, or its last", "Drain", &self::show_drain),
        shown("/v1/overrides", level::viewer, "All that was set at run time", "Overrides",
              &self::overrides),
        shown("/v1/upgrade", level::viewer, "Who answers, and how far an upgrade is", "Document",
              &self::upgrade),
        shown("/v1/log", level::viewer, "What the log tells besides", "Log", &self::log),
        action{.method = "GET",
               .path = "/v1/impact",
               .least = level::viewer,
               .summary = "How many sessions would move if servers went away",
               .answer = "Movement",
               .ask = &self::impact,
               .query = described<impact_wanted>},
        action{.method = "GET",
               .path = "/v1/sessions",
               .least = level::viewer,
               .summary = "Live sessions, a page of them",
               .answer = "SessionPage",
               .ask = &self::sessions,
               .query = described<page_wanted>},
        action{.method = "GET",
               .path = "/v1/explanations",
               .least = level::viewer,
               .summary = "Why watched requests were answered by whom they were",
               .answer = "Explanations",
               .ask = &self::explanations,
               .query = described<explanations_wanted>},
        // It changes nothing, but what it is told of a request belongs in no URL.
        action{.method = "POST",
               .path = "/v1/explain",
               .least = level::viewer,
               .summary = "What would become of a request",
               .answer = "Explanation",
               .ask = &self::explain,
               .body = described<explain_wanted>},
        steered("/v1/sessions/move", "Move sessions to a server", &self::move_sessions,
                described<move_wanted>),
        steered("/v1/sessions/pin", "Pin sessions to their homes, or let go of them",
                &self::pin_sessions, described<pin_wanted>),
        steered("/v1/sessions/end", "End sessions", &self::end_sessions, described<end_wanted>),
        changed("PUT", one_server, level::admin, "Add a server", &self::add_server,
                described_server),
        changed("DELETE", one_server, level::admin, "Remove a server", &self::remove_server),
        changed("PUT", "/v1/pools/{pool}/servers/{server}/state", level::operating,
                "Set a server's state", &self::set_state, described<state_wanted>),
        changed("PUT", "/v1/pools/{pool}/servers/{server}/drain", level::operating,
                "Begin a server's drain", &self::drain, described<drain_wanted>),
        changed("PUT", "/v1/pools/{pool}/servers/{server}/weight", level::operating,
                "Set a server's weight", &self::set_weight, described<weight_wanted>),
        changed("DELETE", "/v1/pools/{pool}/servers/{server}/overrides", level::operating,
                "Lift all that was set of a server", &self::lift),
        changed("DELETE", "/v1/pools/{pool}/servers/{server}/overrides/{field}", level::operating,
                "Lift one thing that was set of a server", &self::lift),
        changed("PUT", "/v1/log", level::operating, "Tell more in the log, for a time",
                &self::set_log, described<log_wanted>),
        changed("DELETE", "/v1/log", level::operating, "The log as the file says", &self::lift_log),
        changed("POST", "/v1/upgrade", level::admin, "Let a new binary take over",
                &self::begin_upgrade, described<upgrade_wanted>),
        changed("POST", "/v1/reload", level::admin, "Read the configuration again", &self::reload,
                described<nothing_wanted>),
    };
    return all;
}

}  // namespace hawser::admin
