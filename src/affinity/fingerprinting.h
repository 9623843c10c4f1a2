// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "affinity/fingerprint.h"
#include "affinity/issuer.h"
#include "config/settings.h"

namespace hawser::affinity {

struct asking;

/// A client's traits, as a setting names them; that of the listener has a setting of its own.
constexpr std::array<config::word<trait>, 3> choices(trait) {
    return {{{"network", trait::network, "the network of its address"},
             {"user-agent", trait::user_agent, "its `User-Agent`"},
             {"tls", trait::tls,
              "the version and cipher of TLS, and the certificate that it has shown"}}};
}

/// How many of a client's traits must differ for it to be taken for another one.
enum class differing : std::uint8_t { all, any };
constexpr std::array<config::word<differing>, 2> choices(differing) {
    return {
        {{"all", differing::all, "all of them at once: one that changes its network is the same"},
         {"any", differing::any, "one of them is enough"}}};
}

/// What becomes of a session that another client shows.
enum class suspicion : std::uint8_t { log, challenge, unbind };
constexpr std::array<config::word<suspicion>, 3> choices(suspicion) {
    return {{{"log", suspicion::log, "it is served at home, with the cause `other-client`"},
             {"challenge", suspicion::challenge,
              "the same, and its server is told by a field, until it accepts the client"},
             {"unbind", suspicion::unbind, "nothing: who asks begins a session"}}};
}

/// `fingerprint` of a cookie.
struct fingerprint_settings {
    std::vector<trait> of{trait::network, trait::user_agent};
    unsigned ipv4_prefix = 16;
    unsigned ipv6_prefix = 32;
    differing differ = differing::all;
    suspicion then = suspicion::log;

    static void describe(config::fields<fingerprint_settings>& field);
    bool operator==(const fingerprint_settings&) const = default;
};

/// Takes fingerprints of clients, as one cookie's settings want them.
class fingerprinting {
  public:
    fingerprinting(const fingerprint_settings& given, bool by_client, bool by_listener,
                   std::shared_ptr<issuer> with);

    [[nodiscard]] fingerprint of(const asking& who) const;

    /// What comes of a mark that was given to a client like `then`, and is shown by one like `now`.
    struct judgement {
        bool is_of_another_listener = false;
        trait_set doubted;         ///< not empty: it is another client
        bool is_outdated = false;  ///< the client is to be given a mark with what it is like now
    };
    [[nodiscard]] judgement judge(const fingerprint& then, const fingerprint& now) const;

    [[nodiscard]] suspicion then() const { return settings_.then; }

  private:
    [[nodiscard]] std::uint16_t network_of(const asking& who) const;
    [[nodiscard]] std::uint16_t hash(trait which, std::string_view what) const;

    fingerprint_settings settings_;
    trait_set wanted_;  ///< of clients
    bool by_listener_;
    std::shared_ptr<issuer> issuer_;
};

}  // namespace hawser::affinity
