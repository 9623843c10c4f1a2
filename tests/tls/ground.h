// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <utility>
#include <vector>

#include "io/ground.h"
#include "tls/authority.h"
#include "tls/client_context.h"
#include "tls/server_context.h"

namespace hawser::tls {

/// Terms for both sides that trust each other.
struct terms {
    std::shared_ptr<const server_context> server;
    std::shared_ptr<const client_context> client;

    [[nodiscard]] static terms of(const server_settings& servers, const client_settings& clients) {
        std::vector<fault> faults;
        terms made{server_context::make(servers, faults), client_context::make(clients, faults)};
        for (const auto& each : faults) ADD_FAILURE() << each.what;
        return made;
    }
};

/// Both ends of a connection with TLS over it, and how their handshakes went.
struct shaken {
    std::unique_ptr<stream> client;
    std::unique_ptr<stream> server;
    result<> client_ended = {};
    result<> server_ended = {};
};

inline task<> shake(stream& one, result<>& ended) { ended = co_await one.connected(); }

inline task<shaken> shake_hands(io::ground::pair below, const terms& by, work_room& room,
                                const std::string& name) {
    shaken made;
    made.client = by.client->connect(std::move(below.client), room, name);
    made.server = by.server->accept(std::move(below.server), room);
    scope beside;
    beside.spawn(shake(*made.server, made.server_ended));
    made.client_ended = co_await made.client->connected();
    co_await beside.join();
    co_return made;
}

/// Where the promises of streams are kept over TLS.
class ground final : public io::ground {
  public:
    using io::ground::ground;

    task<pair> connect() override {
        static authority issuer;
        static const auto files = issuer.issue({"shop.example"});
        static const auto by =
            terms::of({.certificates = {files}, .resumes = false}, {.authorities = issuer.path()});
        auto both = co_await shake_hands(co_await io::ground::connect(), by, room_, "shop.example");
        EXPECT_TRUE(both.client_ended) << both.client->failure();
        EXPECT_TRUE(both.server_ended) << both.server->failure();
        co_return pair{std::move(both.client), std::move(both.server)};
    }

  private:
    work_room room_;
};

}  // namespace hawser::tls
