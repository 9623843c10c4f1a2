// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "affinity/affinity.h"
#include "affinity/context.h"

namespace hawser::affinity {

/// Which keys name a session now: the registry, as far as affinity asks it.
class known_sessions {
  public:
    struct session {
        server_id home = no_server_id;
        bool is_busy = false;  ///< something is in flight for it
    };

    virtual ~known_sessions() = default;
    [[nodiscard]] virtual std::optional<session> find(const session_key& key) const = 0;
    /// Why what a client carries of it counts no more, though it verifies: `ended`, `replayed`.
    /// `none`: it counts.
    [[nodiscard]] virtual cause why_over(const session_id& session) const = 0;
};

/// A pool's affinities in their order: every way in which its sessions are known, and one binding
/// behind them all.
///
/// The first affinity whose key names a session that is known, or brings a binding, decides which
/// session it is; the other keys that the request shows name the same session from then on. A
/// key of a crowd names a session only where nothing else does: else whoever comes from one address
/// would be one session. A new session of the crowd begins where another one of it lives.
class chain {
  public:
    using links = std::vector<std::unique_ptr<affinity>>;

    chain(links ways, const context& made_for);

    /// Which session a request belongs to, into a finding that says nothing yet. `known` is asked
    /// only for keys without a binding.
    void find(const asking& who, const known_sessions& known, finding& into);

    /// What each of them sees in a request, by itself: for whoever wants to know why.
    template <typename Told>
    void look(const asking& who, Told told) const {
        for (const auto& each : links_) told(each->is().kind, each->find(who));
    }

    /// What comes of the answer; see `affinity::answer`.
    void answer(const answering& what, reply& into) {
        for (const auto& each : links_) each->answer(what, into);
    }

    /// The key that a mark of ours carries for `session`.
    [[nodiscard]] session_key key_of(const session_id& session) const {
        return issuer_->key_of(scope_, session);
    }

    /// An id that no session has had.
    [[nodiscard]] session_id fresh_session() const { return issuer_->fresh_session(); }

    /// A hash of what tells that requests without a key are one client's.
    [[nodiscard]] session_key key_of_client(std::string_view traits) const;

    /// The kind that names a session found so, as `kind_number` has it.
    [[nodiscard]] std::uint8_t kind_of(const finding& found) const {
        return found.led_by != nullptr ? found.led_by->number() : issuing_kind_;
    }

    /// The key was shown where a server has to have given it out first.
    [[nodiscard]] bool is_of_a_server(const finding& found) const {
        for (const auto& each : links_)
            if (each->is().learns && each->has_led(found)) return true;
        return false;
    }

    /// The longest limits of its affinities; zero: they have none of their own.
    [[nodiscard]] const lifetime& lasts() const { return lasts_; }
    [[nodiscard]] std::string_view hidden_cookie() const { return hidden_cookie_; }
    /// Whose value has a mark of ours before it, of `token_text_size`; empty: none.
    [[nodiscard]] std::string_view marked_cookie() const { return marked_cookie_; }
    /// Parameters of path and query whose values no log may tell.
    [[nodiscard]] const std::vector<std::string>& secret_parameters() const {
        return secret_parameters_;
    }
    [[nodiscard]] bool wants_destination() const { return wants_destination_; }

  private:
    class search;

    links links_;
    std::shared_ptr<issuer> issuer_;
    std::uint64_t scope_;
    lifetime lasts_;
    bool issues_ = false;
    std::uint8_t issuing_kind_ = 0;
    bool wants_destination_ = false;
    std::string hidden_cookie_;
    std::string marked_cookie_;
    std::vector<std::string> secret_parameters_;
};

}  // namespace hawser::affinity
