// SPDX-License-Identifier: Apache-2.0
#include "app/hypothesis.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "affinity/chain.h"
#include "balance/balancer.h"
#include "balance/key_source.h"
#include "http/h1/parser.h"
#include "proxy/heads.h"
#include "proxy/home_policy.h"
#include "proxy/placement.h"
#include "proxy/sessions_of.h"
#include "tls/facts.h"

namespace hawser::app {

namespace {

using affinity::cause;
using affinity::verdict;
using hawser::admin::explain_wanted;
using proxy::explanation;
using proxy::without_home;

std::string_view word_of(cause why) {
    return why == cause::none ? std::string_view() : affinity::name_of(why);
}

result<std::string> head_of(const explain_wanted& asked) {
    std::string text =
        asked.method + " " + asked.path + " HTTP/1.1\r\nHost: " + asked.host + "\r\n";
    for (const auto& each : asked.headers) text += each + "\r\n";
    for (const auto& each : asked.cookies) text += "Cookie: " + each + "\r\n";
    text += "\r\n";
    if (std::ranges::count(text, '\n') !=
        std::ptrdiff_t(3 + asked.headers.size() + asked.cookies.size()))
        return fail(errc::invalid, "a line of the request holds a line break");
    return text;
}

/// One hypothetical request on its way through the node, the steps of proxy/exchange.cc.
class hypothesis {
  public:
    hypothesis(node& served, const explain_wanted& asked, explanation& into)
        : node_(served), asked_(asked), told_(into), now_(read_clocks()) {}

    result<> go() {
        const auto* listener = node_.served().find_listener(asked_.listener);
        if (listener == nullptr)
            return fail(errc::not_found, "no listener is named " + asked_.listener);
        const auto& door = *listener->settings;
        secured_ = door.tls != nullptr;
        const auto text = head_of(asked_);
        if (!text) return std::unexpected(text.error());
        const auto head = std::make_unique<http::request_head>();
        const auto read = http::h1::parse_request_head(*text, *head, door.limits);
        if (read.state != http::h1::parse_state::complete)
            return fail(errc::invalid,
                        fmt::format("the listener would refuse this: {}", read.why.cause));
        const auto source = io::ip_address::parse(asked_.source);
        if (!source)
            return fail(errc::invalid, "`source` is an address, as 192.0.2.7 or 2001:db8::7");
        source_ = *source;
        told_.add("listener", fmt::format("{}, {}", door.name, secured_ ? "TLS" : "in clear"));
        if (door.access && !door.access->admits(source_)) return refuse(403, "client-denied");
        return find_route(*head, door);
    }

  private:
    result<> refuse(unsigned status, std::string_view why) {
        told_.status = status;
        told_.ended = why;
        return {};
    }

    result<> find_route(const http::request_head& head, const proxy::listener_settings& door) {
        const auto found = node_.served().routes->find(door.name, head);
        if (!found) return refuse(400, "path");
        const proxy::route* way = *found;
        if (door.to_https && (way == nullptr || way->when.listener.empty())) {
            told_.add("route", "to HTTPS");
            return refuse(door.to_https->answer->status, "redirect");
        }
        if (way == nullptr) return refuse(404, "no-route");
        told_.add("route", fmt::format("routes[{}]: host {}, path {}", way->number,
                                       way->when.host.empty() ? "any" : way->when.host,
                                       way->when.path.empty() ? "any" : way->when.path));
        if (way->access && !way->access->admits(source_)) return refuse(403, "client-denied");
        if (way->answer) {
            told_.add("answer", "by the route itself");
            return refuse(way->answer->status, "route");
        }
        way_ = way;
        setup_ = node_.served().pools[way->pool];
        told_.pool = setup_->servers->name();
        find_session(head);
        return {};
    }

    void find_session(const http::request_head& head) {
        const auto& pool = *setup_->servers;
        if (!setup_->make_affinity) {
            told_.add("affinity", "none: sessions are not kept");
            return choose(head);
        }
        const auto chain = setup_->make_affinity(node_.control_index(), secured_);
        affinity::token_memo memo;
        const io::ip_address reached;
        const tls::facts facts;
        const affinity::asking asking{.head = head,
                                      .client = source_,
                                      .server = reached,
                                      .secured = secured_ ? &facts : nullptr,
                                      .now = now_.wall,
                                      .memo = memo,
                                      .listener = asked_.listener};
        chain->look(asking, [&](std::string_view kind, const affinity::sighting& seen) {
            told_.add("key",
                      seen.key.empty()
                          ? fmt::format("{}: none, {}", kind, affinity::name_of(seen.why))
                          : fmt::format("{}: found{}{}", kind,
                                        seen.carried ? ", with what the client carries" : "",
                                        seen.why == cause::none
                                            ? std::string()
                                            : fmt::format(", {}", affinity::name_of(seen.why))));
        });
        chain->find(asking, proxy::sessions_of(node_.sessions(), pool.id(), now_.steady), found_);
        if (found_.is_refused) {
            told_.add("session", "no key, and one is required");
            (void)refuse(400, "no-session-key");
            return;
        }
        session_ = node_.sessions().foresee(pool.id(), found_, now_);
        const auto& rules = pool.settings();
        session_.before.is_valuable |= proxy::shows_value(rules.valuable, found_, head);
        if (rules.first_claim.is_on() && proxy::may_have_companions(found_, session_))
            client_ = proxy::companions_key(*chain, rules.first_claim, source_, head);
        // A mark of ours that is given with the answer names a session by an id that is drawn then.
        is_drawn_ = session_.home.home == no_server_id && !client_ &&
                    (found_.key.empty() || found_.key == chain->key_of(found_.session));
        tell_session(*chain);
        choose(head);
    }

    void tell_session(const affinity::chain& chain) {
        if (session_.home.home == no_server_id) {
            told_.add("session",
                      fmt::format("a new one would begin: {}", affinity::name_of(found_.why)));
            return;
        }
        const auto& pool = *setup_->servers;
        const auto* home = pool.find(session_.home.home);
        const bool is_here = node_.sessions().find(pool.id(), found_.key, now_.steady).has_value();
        told_.session = chain.key_of(session_.home.session).hash[0] ^ setup_->session_salt;
        told_.add("session",
                  fmt::format("{:016x}, {}, at home on {}", told_.session,
                              is_here ? "known here" : "known by what the client carries",
                              home != nullptr ? home->name() : "a server that is gone"));
    }

    [[nodiscard]] proxy::session_case the_case() const {
        return {.servers = *setup_->servers,
                .found = found_,
                .session = session_,
                .now = now_.steady,
                .is_kept = setup_->make_affinity != nullptr,
                .tried = tried_,
                .client = client_ ? &*client_ : nullptr,
                .wants_websocket = wants_websocket_,
                .is_repeatable = is_repeatable_,
                .is_shared = node_.sessions().is_shared(),
                .is_supposed = true};
    }

    /// As `exchange::find_server` does it, by the same rules.
    void choose(const http::request_head& head) {
        wants_websocket_ = head.wants_websocket && way_->allows_websocket &&
                           setup_->protocol == proxy::server_protocol::http1;
        is_repeatable_ = proxy::is_repeatable(head);
        auto why = cause::none;
        if (setup_->make_affinity) {
            const auto at = proxy::ask_home(the_case());
            if (at.home != nullptr && at.why == cause::none) return be_at_home(head, at);
            why = at.why;
            // Whoever has served it meanwhile knows more of it.
            if (why == cause::stale && session_.away) tried_.push_back(at.home);
        }
        const auto one = the_case();
        explanation::choice made{.cause = word_of(why)};
        if (one.has_home()) told_.add("home", fmt::format("does not serve it: {}", made.cause));
        const auto rule = proxy::rule_without_home(one, why);
        made.verdict = affinity::name_of(one.is_kept ? proxy::verdict_of(rule) : verdict::none);
        if (why == cause::home_down && one.is_settled()) tell_wait(proxy::when_home_is_down(one));
        if (rule == without_home::is_refused || rule == without_home::waits)
            stay(rule, made);
        else
            leave(head, made);
        if (made.candidates.empty()) made.candidates = candidates({});
        told_.choices.push_back(std::move(made));
    }

    void be_at_home(const http::request_head& head, const proxy::at_home& at) {
        explanation::choice made{.candidates = candidates({}), .server = at.home->name()};
        std::vector<upstream::server*> scratch;
        if (at.is_stale) {
            told_.add("home", at.home->name() + " serves it, and has forgotten it");
            made.verdict = affinity::name_of(verdict::fresh);
            made.cause = affinity::name_of(cause::stale);
        } else if (const auto takers = proxy::takers_from(the_case(), *at.home, scratch);
                   !takers.empty()) {
            told_.add("home", at.home->name() + " has too many sessions, and may give it away");
            made.verdict = affinity::name_of(verdict::moved);
            made.cause = affinity::name_of(cause::rebalanced);
            made.server = balance(head, takers);
        } else {
            told_.add("home",
                      at.home->name() + (at.needs_trial ? " serves it, on trial" : " serves it"));
            made.verdict = affinity::name_of(session_.away ? verdict::returned : verdict::hit);
            if (found_.is_doubted()) made.cause = affinity::name_of(cause::other_client);
        }
        told_.choices.push_back(std::move(made));
    }

    void tell_wait(const upstream::home_down_rule& rule) {
        if (rule.wait.count() == 0) return;
        told_.add("policy",
                  fmt::format("it waits for its home, {} ms at the most", rule.wait.count()));
    }

    /// No other server will do.
    void stay(without_home rule, explanation::choice& made) {
        if (rule == without_home::is_refused) {
            told_.add("policy", "it is refused while its home is down");
            (void)refuse(503, "home-down");
        } else if (setup_->servers->settings().queue.length == 0) {
            told_.add("policy", "it would wait for a place at its home, but nobody may wait");
            (void)refuse(503, "home-full");
        } else {
            told_.add("policy", "it waits for a place at its home");
            made.server = setup_->servers->find(session_.home.home)->name();
            made.verdict = affinity::name_of(verdict::hit);
            made.cause = {};
        }
    }

    /// To whom another choice leads, or back home where nobody else can have it.
    void leave(const http::request_head& head, explanation::choice& made) {
        const auto one = the_case();
        if (const auto* const named = proxy::named_successors(one).next()) {
            told_.add("placement", named->name() + " is named to stand in");
            made.server = named->name();
            return;
        }
        std::vector<upstream::server*> scratch;
        const auto open = proxy::openings_for(one, scratch);
        if (!open.usable.empty()) return pick(head, open, made);
        made.candidates = candidates(open.of);
        const auto* const home = made.cause == affinity::name_of(cause::drained)
                                     ? proxy::last_resort_at_home(one)
                                     : nullptr;
        if (home != nullptr) {
            told_.add("home", home->name() + " serves it all the same, as nobody else can");
            made = {.candidates = std::move(made.candidates),
                    .server = home->name(),
                    .verdict = affinity::name_of(verdict::hit)};
            return;
        }
        told_.add("balance", "nobody is left");
        const bool is_full = setup_->servers->is_only_full(tried_, open.of);
        (void)refuse(503, is_full ? "full" : "no-server");
    }

    void pick(const http::request_head& head, const proxy::openings& open,
              explanation::choice& made) {
        const auto one = the_case();
        const bool is_of_any_release = open.of == nullptr || is_only_release(open.of);
        made.candidates = candidates(is_drawn_ && !is_of_any_release ? nullptr : open.of);
        if (const auto* const advised = proxy::advised_choice(one, open.usable)) {
            told_.add("placement", "others of its crowd live on " + advised->name());
            made.server = advised->name();
            return;
        }
        if (is_drawn_ && !is_of_any_release) {
            told_.add("placement", "its release, by an id that is drawn when it begins");
            return;
        }
        if (open.of != nullptr) told_.add("placement", "a server of release " + open.of->name);
        const auto* const settled = proxy::settled_choice(one, open.usable);
        if (settled != nullptr && is_drawn_) {
            told_.add("placement", "by an id that is drawn when it begins");
            if (open.usable.size() == 1) made.server = open.usable.front()->name();
            return;
        }
        if (settled != nullptr) {
            told_.add("placement", "its key gives it to " + settled->name());
            made.server = settled->name();
        } else {
            made.server = balance(head, open.usable);
        }
        if (client_) told_.add("placement", "or where others of its client have just gone");
    }

    /// Whoever begins can begin with no other.
    [[nodiscard]] bool is_only_release(const upstream::release* one) const {
        return std::ranges::all_of(setup_->servers->settings().releases, [&](const auto& each) {
            return &each == one || each.weight == 0 || !setup_->servers->is_alive(each, {});
        });
    }

    /// A choice by hash is told; any other one depends on what comes meanwhile.
    std::string balance(const http::request_head& head, balance::candidates usable) {
        const auto balancer = setup_->make_balancer({});
        const auto* wanted = balancer->wants().hash;
        const bool is_by_session =
            wanted != nullptr && wanted->of == balance::key_source::part::session;
        const std::string kind(node_.settings().at(told_.pool).balance.name());
        if (wanted == nullptr || (is_by_session && is_drawn_)) {
            told_.add("balance", fmt::format("{} ranks {} of {} servers", kind, usable.size(),
                                             setup_->servers->servers().size()));
            return usable.size() == 1 ? usable.front()->name() : std::string();
        }
        auto hash = wanted->hash_of(head, source_, setup_->session_salt);
        if (is_by_session && !found_.key.empty()) hash = found_.key.hash[0];
        std::vector<upstream::server*> all;
        for (const auto& each : setup_->servers->servers()) all.push_back(each.get());
        balancer->meet(all);
        auto name = balancer->pick({.hash = hash, .now = now_.steady}, usable).name();
        told_.add("balance", fmt::format("{} gives it to {}", kind, name));
        return name;
    }

    [[nodiscard]] std::vector<explanation::candidate> candidates(
        const upstream::release* of) const {
        return proxy::candidates_of(*setup_->servers, tried_, session_.home.home, of);
    }

    node& node_;
    const explain_wanted& asked_;
    explanation& told_;
    instant now_;
    io::ip_address source_;
    bool secured_ = false;
    std::shared_ptr<const proxy::pool_setup> setup_;
    const proxy::route* way_ = nullptr;
    affinity::finding found_;
    registry::seen session_;
    std::optional<upstream::first_claims::key> client_;  ///< whose first requests end on one server
    std::vector<const upstream::server*> tried_;
    bool is_drawn_ = false;  ///< what the session is known by does not exist yet
    bool wants_websocket_ = false;
    bool is_repeatable_ = false;
};

}  // namespace

result<proxy::explanation> explain(node& served, const explain_wanted& asked) {
    proxy::explanation told{.when = read_clocks().wall};
    if (auto went = hypothesis(served, asked, told).go(); !went)
        return std::unexpected(std::move(went.error()));
    return told;
}

}  // namespace hawser::app
