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
#include "proxy/sessions_of.h"
#include "tls/facts.h"

namespace hawser::app {

namespace {

using affinity::cause;
using affinity::verdict;
using hawser::admin::explain_wanted;
using proxy::explanation;

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
                                      .memo = memo};
        chain->look(asking, [&](std::string_view kind, const affinity::sighting& seen) {
            told_.add("key",
                      seen.key.empty()
                          ? fmt::format("{}: none, {}", kind, affinity::name_of(seen.why))
                          : fmt::format("{}: found{}", kind,
                                        seen.carried ? ", with what the client carries" : ""));
        });
        chain->find(asking, proxy::sessions_of(node_.sessions(), pool.id(), now_.steady), found_);
        if (found_.is_refused) {
            told_.add("session", "no key, and one is required");
            (void)refuse(400, "no-session-key");
            return;
        }
        see_binding(*chain);
        choose(head);
    }

    /// Where carried and registered binding differ, more moves wins, then the later issue.
    void see_binding(const affinity::chain& chain) {
        const auto& pool = *setup_->servers;
        const auto known = found_.key.empty()
                               ? std::nullopt
                               : node_.sessions().find(pool.id(), found_.key, now_.steady);
        if (known) {
            home_ = known->home;
            stands_ = known->stands();
        }
        if (const auto* carried = found_.brought()) {
            const bool is_newer = !known || home_.home == no_server_id ||
                                  (carried->moves != home_.moves ? carried->moves > home_.moves
                                                                 : carried->issued > home_.issued);
            if (is_newer) home_ = *carried;
        }
        if (home_.home == no_server_id) {
            told_.add("session",
                      fmt::format("a new one would begin: {}", affinity::name_of(found_.why)));
            return;
        }
        told_.session = chain.key_of(home_.session).hash[0] ^ setup_->session_salt;
        const auto* home = pool.find(home_.home);
        told_.add("session", fmt::format("{:016x}, {}, at home on {}", told_.session,
                                         known ? "known here" : "known by what the client carries",
                                         home != nullptr ? home->name() : "a server that is gone"));
    }

    /// Why the session's home would not serve it; none: it would.
    [[nodiscard]] cause why_not_home(const upstream::server* home) const {
        const auto& pool = *setup_->servers;
        if (home == nullptr) return cause::unknown_server;
        if (home->state() == upstream::admin_state::maintenance) return cause::maintenance;
        if (home->lets_go(stands_)) return cause::drained;
        if (home->places.is_full() && (home->health.is_up() || pool.is_in_panic()))
            return cause::home_full;
        if (!home->health.is_up() && !pool.is_in_panic()) return cause::home_down;
        const wall_time given{std::chrono::seconds(home_.issued)};
        if (!pool.settings().shares_data && !home->is_still(home_.instance, given))
            return cause::stale;
        return cause::none;
    }

    void choose(const http::request_head& head) {
        const auto& pool = *setup_->servers;
        explanation::choice made{.candidates = proxy::candidates_of(pool, {}, home_.home)};
        const bool has_home = home_.home != no_server_id;
        const auto* home = has_home ? pool.find(home_.home) : nullptr;
        const auto why = has_home ? why_not_home(home) : found_.why;
        if (has_home && why == cause::none) {
            told_.add("home", home->name() + " serves it");
            made.server = home->name();
            made.verdict = affinity::name_of(verdict::hit);
            return told_.choices.push_back(std::move(made));
        }
        made.cause = affinity::name_of(why);
        if (has_home) told_.add("home", fmt::format("does not serve it: {}", made.cause));
        if (has_home && why == cause::stale && home->takes_new()) {
            made.server = home->name();
            made.verdict = affinity::name_of(verdict::fresh);
            return told_.choices.push_back(std::move(made));
        }
        made.verdict = affinity::name_of(verdict_without_home(has_home, why));
        if (has_home && stays_with_home(why))
            made.verdict = affinity::name_of(verdict::refused);
        else
            pick(head, made);
        told_.choices.push_back(std::move(made));
    }

    [[nodiscard]] verdict verdict_without_home(bool has_home, cause why) const {
        if (!setup_->make_affinity) return verdict::none;
        if (!has_home || why == cause::stale) return verdict::fresh;
        const auto& settings = setup_->servers->settings();
        const bool stays =
            (why == cause::home_full && settings.when_home_is_full != upstream::home_full::move) ||
            (why == cause::home_down && settings.returns_home);
        return stays ? verdict::spilled : verdict::moved;
    }

    /// By the pool's policies no other server is to serve it, or not yet.
    bool stays_with_home(cause why) {
        const auto& settings = setup_->servers->settings();
        if (why == cause::home_full && settings.when_home_is_full == upstream::home_full::wait) {
            told_.add("policy", "it waits for a place at its home");
            return true;
        }
        if (why != cause::home_down) return false;
        const auto& own = settings.valuable.when_home_is_down;
        const auto& rule = own && stands_.is_valuable ? *own : settings.when_home_is_down;
        if (rule.wait.count() != 0)
            told_.add("policy",
                      fmt::format("it waits for its home, {} ms at the most", rule.wait.count()));
        if (rule.then != upstream::home_down::refuse) return false;
        told_.add("policy", "it is refused while its home is down");
        (void)refuse(503, "home-down");
        return true;
    }

    /// Who chooses by more than this can know: what comes meanwhile, or the pool's placement.
    [[nodiscard]] bool is_predictable() const {
        const auto& settings = setup_->servers->settings();
        return settings.releases.empty() && !settings.agrees && settings.successors.empty() &&
               settings.when_home_is_down.then != upstream::home_down::successor;
    }

    /// A choice by hash is told; any other one depends on what comes meanwhile.
    void pick(const http::request_head& head, explanation::choice& made) {
        std::vector<upstream::server*> usable;
        for (std::size_t i = 0; i < made.candidates.size(); ++i)
            if (made.candidates[i].why_not.empty())
                usable.push_back(setup_->servers->servers()[i].get());
        if (usable.empty()) {
            told_.add("balance", "nobody is left");
            (void)refuse(503, "no-server");
            return;
        }
        const auto* crowd = setup_->servers->find(found_.advised);
        if (home_.home == no_server_id && std::ranges::find(usable, crowd) != usable.end()) {
            made.server = crowd->name();
            told_.add("balance", "others of its crowd live on " + made.server);
            return;
        }
        const auto balancer = setup_->make_balancer({});
        const auto* wanted = balancer->wants().hash;
        const std::string kind(node_.settings().at(told_.pool).balance.name());
        if (wanted == nullptr || !is_predictable()) {
            told_.add("balance", fmt::format("{} ranks {} of {} servers", kind, usable.size(),
                                             made.candidates.size()));
            if (usable.size() == 1) made.server = usable.front()->name();
            return;
        }
        auto hash = wanted->hash_of(head, source_, setup_->session_salt);
        if (wanted->of == balance::key_source::part::session && !found_.key.empty())
            hash = found_.key.hash[0];
        std::vector<upstream::server*> all;
        for (const auto& each : setup_->servers->servers()) all.push_back(each.get());
        balancer->meet(all);
        made.server = balancer->pick({.hash = hash, .now = now_.steady}, usable).name();
        told_.add("balance", fmt::format("{} gives it to {}", kind, made.server));
    }

    node& node_;
    const explain_wanted& asked_;
    explanation& told_;
    instant now_;
    io::ip_address source_;
    bool secured_ = false;
    std::shared_ptr<const proxy::pool_setup> setup_;
    affinity::finding found_;
    affinity::binding home_;
    upstream::standing stands_;
};

}  // namespace

result<proxy::explanation> explain(node& served, const explain_wanted& asked) {
    proxy::explanation told{.when = read_clocks().wall};
    if (auto went = hypothesis(served, asked, told).go(); !went)
        return std::unexpected(std::move(went.error()));
    return told;
}

}  // namespace hawser::app
