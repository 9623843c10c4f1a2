// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/limits.h"
#include "config/settings.h"
#include "upstream/state_words.h"

/// What the bodies of changes say: read as strictly as the configuration, by the same means.
namespace hawser::admin {

struct state_wanted {
    upstream::admin_state state = upstream::admin_state::ready;

    static void describe(config::fields<state_wanted>& field) {
        field("state", &state_wanted::state, "What the server is to do.").required();
    }
};

struct weight_wanted {
    std::uint32_t weight = 0;

    static void describe(config::fields<weight_wanted>& field) {
        field("weight", &weight_wanted::weight, "Its share beside the others'; 0: nobody new.")
            .required()
            .maximum(limits::server_weight_max);
    }
};

struct upgrade_wanted {
    std::string binary;

    static void describe(config::fields<upgrade_wanted>& field) {
        field("binary", &upgrade_wanted::binary,
              "The file to start. Default: the one that the node was started from.");
    }
};

/// More is told in the log for a time: of everything, or of the requests of one session, of one
/// pool, or of the clients of one network.
struct log_wanted {
    std::optional<std::string> level;
    std::optional<std::string> session;
    std::optional<std::string> pool;
    std::optional<std::string> client;
    std::chrono::seconds lasts{};

    [[nodiscard]] bool is_watch() const noexcept { return session || pool || client; }

    static void describe(config::fields<log_wanted>& field) {
        using self = log_wanted;
        field("level", &self::level, "How much is told: `error` to `debug`.");
        field("session", &self::session, "Of this session, by its hash in the access log.");
        field("pool", &self::pool, "Of this pool's requests.");
        field("client", &self::client, "Of this address, or the addresses of this network.");
        field("for", &self::lasts, "How long.")
            .required()
            .minimum(std::chrono::seconds(1))
            .maximum(limits::log_level_time_max);
    }
};

/// Of `GET /v1/impact`.
struct impact_wanted {
    std::string servers;

    static void describe(config::fields<impact_wanted>& field) {
        field("servers", &impact_wanted::servers, "POOL/SERVER, several with commas between.")
            .required();
    }
};

/// A request that might come: what would become of it?
struct explain_wanted {
    std::string listener;
    std::string method = "GET";
    std::string host = "localhost";
    std::string path = "/";
    std::string source = "192.0.2.1";
    std::vector<std::string> cookies;
    std::vector<std::string> headers;

    static void describe(config::fields<explain_wanted>& field) {
        using self = explain_wanted;
        field("listener", &self::listener, "Where it comes in.").required();
        field("method", &self::method, "Its method.");
        field("host", &self::host, "Its Host.");
        field("path", &self::path, "Its path, and query.");
        field("source", &self::source, "The client's address.");
        field("cookies", &self::cookies, "`NAME=VALUE` of each.");
        field("headers", &self::headers, "`NAME: VALUE` of each.");
    }
};

/// Of `GET /v1/explanations`.
struct explanations_wanted {
    std::string request;

    static void describe(config::fields<explanations_wanted>& field) {
        field("request", &explanations_wanted::request,
              "The id of a request; left out: of all that are kept.");
    }
};

/// A change that says nothing more: no body, or `{}`.
struct nothing_wanted {
    static void describe(config::fields<nothing_wanted>&) {}
};

}  // namespace hawser::admin
