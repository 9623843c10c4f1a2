// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "affinity/affinity.h"
#include "affinity/context.h"
#include "affinity/value_key.h"
#include "config/codec.h"
#include "config/settings.h"
#include "crypto/jwt_keys.h"

namespace hawser::affinity {

/// A file of keys by which tokens are verified, as it was read with the configuration.
struct token_keys {
    std::string file = {};                              ///< empty: there is none
    std::shared_ptr<const crypto::jwt_keys> keys = {};  ///< null: there is none

    friend bool operator==(const token_keys& one, const token_keys& other) {
        return one.file == other.file && one.text() == other.text();
    }
    /// Tells contents of one file apart.
    [[nodiscard]] std::string text() const;
};

/// A claim of the token that the client authenticates with (`Authorization: Bearer`, a JWT): most
/// often `sub`, so that a user is one session on all devices.
///
/// With keys, only a token counts that one of them has signed and that is in its time. Without, a
/// client may claim to be anybody, which decides nothing but on which server it is served.
class bearer final : public affinity {
  public:
    static constexpr std::string_view name = "bearer";
    static constexpr std::string_view summary = "A claim of the client's bearer token (a JWT).";

    struct settings {
        std::string claim = "sub";
        token_keys keys = {};
        std::string header = "Authorization";
        if_missing missing = if_missing::next;

        static void describe(config::fields<settings>& field);
        bool operator==(const settings&) const = default;
    };

    bearer(const settings& given, const context& made_for);

    sighting find(const asking& who) override;

  private:
    using seconds = std::chrono::duration<double>;  // since 1970, as tokens have them
    /// What a token said when it was looked at last, so that each is verified once.
    struct remembered {
        session_key token;
        session_key says;
        seconds begins{0};
        seconds ends{0};
    };

    [[nodiscard]] std::string_view token_in(const asking& who) const;
    std::optional<remembered> read(std::string_view token, cause& why) const;
    [[nodiscard]] static cause check_time(const remembered& what, wall_time now);

    settings settings_;
    std::shared_ptr<issuer> issuer_;
    std::uint64_t token_scope_;
    value_key key_;
    std::vector<remembered> memory_;  ///< by the token's hash, which its client cannot choose
};

}  // namespace hawser::affinity

namespace hawser::config {

template <>
struct codec<affinity::token_keys> {
    static bool read(const node& given, affinity::token_keys& into, diagnostics& out);
    static node show(const affinity::token_keys& value);
    static shape type();
};

}  // namespace hawser::config
