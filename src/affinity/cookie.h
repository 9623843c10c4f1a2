// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "affinity/affinity.h"
#include "affinity/context.h"
#include "affinity/fingerprinting.h"
#include "affinity/token.h"
#include "base/limits.h"
#include "config/settings.h"

namespace hawser::affinity {

/// Which requests from other sites a browser sends the cookie with.
enum class same_site_rule : std::uint8_t { lax, strict, none };
constexpr std::array<config::word<same_site_rule>, 3> choices(same_site_rule) {
    return {
        {{"lax", same_site_rule::lax, "with links that lead here, not with their forms or images"},
         {"strict", same_site_rule::strict, "with no request that another site caused"},
         {"none", same_site_rule::none, "with every request; needs Secure"}}};
}

/// When the cookie is marked `Secure` and named with `__Host-`.
enum class secure_when : std::uint8_t { on_tls, always };
constexpr std::array<config::word<secure_when>, 2> choices(secure_when) {
    return {{{"on-tls", secure_when::on_tls, "on listeners with TLS"},
             {"always", secure_when::always, "also behind something that ends TLS for us"}}};
}

/// At which listeners a mark counts.
enum class listener_rule : std::uint8_t { any, own };
constexpr std::array<config::word<listener_rule>, 2> choices(listener_rule) {
    return {{{"any", listener_rule::any, "at all that lead to the pool"},
             {"own", listener_rule::own, "at the one that it was given at"}}};
}

/// The client carries its session and its home in a cookie of ours, sealed.
///
/// Needs no store and survives a restart of every node that has the key ring. A token that is
/// forged, foreign or expired counts as absent, with its cause: the worst that a client can do is
/// lose its own session.
class cookie final : public affinity {
  public:
    static constexpr std::string_view name = "cookie";
    static constexpr std::string_view summary =
        "A sealed cookie of ours: the client carries its home.";

    struct settings {
        std::string name = {};  ///< empty: `hawser-` and a hash of the pool's name
        std::chrono::seconds ttl = limits::session_idle;
        std::chrono::seconds absolute = limits::session_absolute;
        same_site_rule same_site = same_site_rule::lax;
        secure_when secure = secure_when::on_tls;
        bool forward = false;
        listener_rule listeners = listener_rule::any;
        std::optional<fingerprint_settings> print = {};
        if_missing missing = if_missing::next;

        static void describe(config::fields<settings>& field);
        bool operator==(const settings&) const = default;
    };

    /// What is wrong with the settings as a whole where listeners with (or without) TLS lead to the
    /// pool; empty: nothing.
    [[nodiscard]] static std::string_view wrong(const settings& given, bool tls);

    /// The cookie's name in `pool`, as clients see it.
    [[nodiscard]] static std::string name_in(const settings& given, std::string_view pool,
                                             bool tls);

    cookie(const settings& given, const context& made_for);

    sighting find(const asking& who) override;
    void answer(const answering& what, reply& into) override;

    /// What one text of a token shows, wherever it stood.
    sighting read(std::string_view text, const asking& who);
    /// Appends a token of `home`, as it is now, for a client that is like this.
    void seal(const binding& home, wall_time now, std::string& into, const fingerprint& like = {});

    /// How long the client keeps the cookie, as Set-Cookie says it; both empty: for the browser's
    /// session.
    struct kept_for {
        std::string_view max_age = {};
        std::string_view expires = {};
    };
    /// Gives the client its mark, due or not.
    void give(const binding& home, wall_time now, const kept_for& lasting, reply& into,
              const fingerprint& like = {});
    /// Has the client forget its mark.
    void take_back(reply& into) const;

    /// Whether the server's answer sets a cookie of our name: the client is told anew (E158).
    [[nodiscard]] bool is_overwritten_by(const http::response_head& answer) const;

  private:
    /// A mark that is genuine and in time: who shows it?
    sighting judge(const token_memo::remembered& token, const asking& who) const;
    std::expected<const token_memo::remembered*, cause> open(std::string_view text,
                                                             token_memo& memo);
    cause check_times(const binding& carried, wall_time now) const;
    bool is_within_absolute(const binding& carried, wall_time now) const;
    bool is_due(const answering& what) const;
    static fingerprint print_for(const answering& what);

    settings settings_;
    std::string name_;
    std::shared_ptr<issuer> issuer_;
    token_codec tokens_;
    std::unique_ptr<const fingerprinting> prints_;  ///< null: marks tell nothing of clients
    std::uint64_t scope_;
    std::uint64_t serial_;    ///< tells our memories of tokens from those of any other affinity
    std::string line_start_;  ///< `Set-Cookie: NAME=`
    std::string line_end_;    ///< `; Path=/; ...`, CRLF included
};

}  // namespace hawser::affinity
