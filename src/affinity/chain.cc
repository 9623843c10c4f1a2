// SPDX-License-Identifier: Apache-2.0
#include "affinity/chain.h"

#include <algorithm>
#include <utility>

#include "base/ensure.h"
#include "base/hash.h"

namespace hawser::affinity {

/// One look at a request, affinity by affinity.
class chain::search {
  public:
    search(chain& in, const known_sessions& known, finding& into)
        : chain_(in), known_(known), found_(into) {
        found_.why = cause::no_key;
    }

    /// False: the affinities behind this one are not asked.
    bool take(const affinity& by, const sighting& seen) {
        if (seen.carried)
            if (const auto why = known_.why_over(seen.carried->session); why != cause::none)
                [[unlikely]]
                return take(by, without_carried(by, seen, why));
        note_invalid(by, seen.why);
        if (seen.like && !found_.like) found_.like = seen.like;
        if (!seen.key.empty()) {
            found_.is_proven |= by.is().proves;
            if (by.is().is_of_a_crowd)
                take_crowd(by, seen.key);
            else
                take_key(by, seen);
            return true;
        }
        note_missing(by, seen);
        if (has_key() || by.is().missing == if_missing::next) return true;
        found_.is_refused = by.is().missing == if_missing::refuse;
        return false;
    }

    void end() {
        // A session that is known may end before the request has entered it.
        if (found_.brought() == nullptr) found_.session = chain_.issuer_->fresh_session();
        if (!leads_) lead_anew();
    }

  private:
    [[nodiscard]] bool has_key() const { return leads_ || !found_.others.empty(); }

    void lead(const session_key& key, const affinity& by) {
        found_.key = key;
        found_.led_by = &by;
        found_.why = cause::none;
        leads_ = true;
    }

    /// A key of ours is the ended session's alone; one of the application's may name another one.
    static sighting without_carried(const affinity& by, const sighting& seen, cause why) {
        if (by.is().issues) {
            auto none = sighting::nothing(why);
            none.like = seen.like;
            return none;
        }
        sighting left = seen;
        left.carried.reset();
        return left;
    }

    void take_key(const affinity& by, const sighting& seen) {
        if (by.is().names_user) found_.user = seen.key.hash[0];
        if (seen.carried && !found_.carried) {
            found_.carried = seen.carried;
            found_.session = seen.carried->session;
            found_.is_led_by_another = leads_;
        }
        if (!leads_ && (seen.carried || known_.find(seen.key)))
            lead(seen.key, by);
        else
            add_other(by, seen);
    }

    void take_crowd(const affinity& by, const session_key& key) {
        if (!crowd_.empty()) return;
        crowd_ = key;
        crowd_by_ = &by;
    }

    void note_invalid(const affinity& by, cause why) {
        if (why == cause::none || why == cause::no_key || found_.invalid != cause::none) return;
        found_.invalid = why;
        found_.invalid_for = by.is().kind;
    }

    void note_missing(const affinity& by, const sighting& seen) {
        if (leads_) return;
        if (found_.why == cause::no_key) found_.why = seen.why;
        if (!seen.lapsed) return;
        // A session with a request or a tunnel in flight is not idle, however old its mark.
        const auto session = known_.find(*seen.lapsed);
        found_.lapsed = seen.lapsed;
        if (found_.led_by == nullptr) found_.led_by = &by;
        if (session && session->is_busy) lead(*seen.lapsed, by);
    }

    void add_other(const affinity& by, const sighting& seen) {
        if (found_.led_by == nullptr) found_.led_by = &by;
        if (found_.advised == no_server_id) found_.advised = seen.advised;
        found_.others.add(seen.key);
    }

    /// No key names a session that is known: one begins with this request.
    void lead_anew() {
        if (!found_.others.empty()) {
            found_.key = found_.others.take_first();
            found_.why = found_.why == cause::no_key ? cause::unknown_key : found_.why;
        }
        if (found_.key.empty() && chain_.issues_) found_.key = chain_.key_of(found_.session);
        if (!crowd_.empty()) join_crowd();
    }

    void join_crowd() {
        const auto one = known_.find(crowd_);
        if (found_.key.empty()) {
            found_.key = crowd_;
            found_.led_by = crowd_by_;
            found_.why = one ? cause::none : cause::unknown_key;
        } else if (one) {
            if (found_.advised == no_server_id) found_.advised = one->home;
        } else {
            found_.others.add(crowd_);
        }
    }

    chain& chain_;
    const known_sessions& known_;
    finding& found_;
    session_key crowd_;
    const affinity* crowd_by_ = nullptr;
    bool leads_ = false;
};

chain::chain(links ways, const context& made_for)
    : links_(std::move(ways)), issuer_(made_for.with), scope_(made_for.scope()) {
    ensure(links_.size() <= limits::affinity_chain_max, "the configuration is checked for it");
    for (const auto& each : links_) {
        const auto& is = each->is();
        lasts_.idle = std::max(lasts_.idle, is.lasts.idle);
        lasts_.absolute = std::max(lasts_.absolute, is.lasts.absolute);
        issues_ |= is.issues;
        if (is.issues) issuing_kind_ = each->number();
        wants_destination_ |= is.wants_destination;
        if (!is.hidden_cookie.empty()) hidden_cookie_ = is.hidden_cookie;
        if (!is.marked_cookie.empty()) marked_cookie_ = is.marked_cookie;
        for (const auto& name : is.secret_parameters) secret_parameters_.push_back(name);
    }
}

session_key chain::key_of_client(std::string_view traits) const {
    return issuer_->key_of(stable_hash("first-claim", scope_), traits);
}

void chain::find(const asking& who, const known_sessions& known, finding& into) {
    search look(*this, known, into);
    for (const auto& each : links_)
        if (!look.take(*each, each->find(who))) break;
    look.end();
}

}  // namespace hawser::affinity
