// SPDX-License-Identifier: Apache-2.0
// The keys of a request's session: which of them names it, and what the answer says of them.

#include <chrono>

#include "async/sleep.h"
#include "clients/network.h"
#include "http/uri.h"
#include "proxy/exchange.h"
#include "proxy/sessions_of.h"

namespace hawser::proxy {

void exchange::find_keys(const http::request_head& head) {
    client_connection& from = client_.connection();
    io::ip_address reached;
    if (affinity_->wants_destination()) reached = from.destination().ip;
    const instant now = station_.now();
    affinity_->find({.head = head,
                     .client = asks_.address,
                     .server = reached,
                     .secured = from.secured(),
                     .now = now.wall,
                     .memo = from.memo,
                     .listener = from.settings().name},
                    sessions_of(station_.sessions, pool_->setup->servers->id(), now.steady),
                    found_);
}

/// Session ids in a target or a Referer are no business of the log's.
void exchange::mask_keys(const http::request_head& head) {
    const auto& names = affinity_->secret_parameters();
    if (names.empty()) return;
    std::string target(head.target);
    const http::field* const from = head.fields.find(http::field_id::referer);
    std::string referer(from != nullptr ? from->value : std::string_view());
    for (const std::string& name : names) {
        target = http::mask_parameter(target, name);
        referer = http::mask_parameter(referer, name);
    }
    record_.put(observe::text::target, target);
    record_.put(observe::text::referer, referer);
}

/// A key of a client's own choosing takes a place in the registry, so each source has its share of
/// them. Whoever has had it is served, but nobody remembers where.
bool exchange::may_take_place() {
    if (found_.why != affinity::cause::unknown_key || asks_.address.is_none()) return true;
    const auto source = clients::counted_as(asks_.address);
    const auto wait = station_.new_keys.take(source.bytes(), station_.now().steady);
    if (wait.count() == 0) return true;
    station_.counters.limits_reached.add("session-keys-of-source");
    return false;
}

/// The registry knows of the request from now on, if there is anything to know it by.
void exchange::enter_session() {
    if (affinity_ == nullptr) return;
    const instant now = station_.now();
    const pool_id pool = pool_->setup->servers->id();
    if (!found_.key.empty() && !may_take_place()) {
        found_.key = {};
        record_.session = 0;
    }
    if (found_.key.empty()) {
        session_.home = found_.begin(now.wall);
        if (station_.watched() != nullptr) begin_explaining();
        return;
    }
    session_ = station_.sessions.enter(pool, found_, now,
                                       {.kind = affinity_->kind_of(found_), .user = found_.user});
    for (const auto& each : found_.others.all())
        station_.sessions.add_key(pool, found_.key, each, now.steady);
    const bool is_user_led = found_.user == found_.key.hash[0];
    if (found_.user != 0 && session_.known && !is_user_led)
        station_.sessions.set_user(session_.handle, found_.user);
    // A session has one name in the log, whichever of its keys has found it.
    const bool is_by_mark = found_.led_by == nullptr || found_.led_by->is().issues;
    if (!is_by_mark)
        record_.session =
            affinity_->key_of(session_.home.session).hash[0] ^ pool_->setup->session_salt;
    if (station_.watched() != nullptr) begin_explaining();
}

/// Of a request that somebody watches it is told why it is answered by whom it is.
void exchange::begin_explaining() {
    const wall_time now = station_.now().wall;
    if (!is_watched(*station_.watched(), record_, now)) return;
    told_ = std::make_unique<explanation>();
    told_->add("route", "routes[" + std::to_string(way_->number) + "]");
    const std::string_view kind = found_.led_by != nullptr ? found_.led_by->is().kind : "no key";
    told_->add("key", std::string(kind) + ": " +
                          (found_.why == affinity::cause::none
                               ? std::string("found")
                               : std::string(affinity::name_of(found_.why))));
    if (found_.invalid != affinity::cause::none)
        told_->add("key", std::string(found_.invalid_for) + ": " +
                              std::string(affinity::name_of(found_.invalid)));
    const auto* home = pool_->setup->servers->find(session_.home.home);
    told_->add("session", std::string(session_.known ? "known here" : "new here") +
                              (home != nullptr ? ", at home on " + home->name() : ""));
}

/// What the answer says of the session, and what the client is told of it.
affinity::reply exchange::mark_answer(const session_word& said) {
    affinity::reply told{.lines = station_.lines, .ends = said.ends};
    if (affinity_ == nullptr) return told;
    const instant now = station_.now();
    const pool_id pool = pool_->setup->servers->id();
    // An answer that comes after that of the logout gives the session back to nobody.
    const bool was_over =
        may_be_carried() &&
        station_.sessions.why_over(pool, session_.home.session) != affinity::cause::none;
    affinity_->answer({.head = station_.response,
                       .found = found_,
                       .home = session_.home,
                       .now = now.wall,
                       .is_over = said.ends || was_over,
                       .is_accepted = said.accepts},
                      told);
    if (told.ends) station_.sessions.end(pool, found_.key, now.steady);
    if (said.ends) revoke_session();
    for (const affinity::lesson& each : told.learned) learn(each);
    // Where another key has found the session, it is known by its mark too from now on.
    if (told.names_session) {
        const auto marked = affinity_->key_of(session_.home.session);
        if (marked != found_.key) station_.sessions.add_key(pool, found_.key, marked, now.steady);
    }
    return told;
}

/// Whoever shows the mark of it from now on was told to forget it. What the server names in the
/// same answer is another session.
void exchange::revoke_session() {
    const pool_id pool = pool_->setup->servers->id();
    if (may_be_carried() && !station_.sessions.revoke(pool, session_.home.session, station_.now()))
        station_.counters.limits_reached.add("revoked-sessions");
    found_.key = {};
    session_.home.session = affinity_->fresh_session();
}

/// The server has said something of the session, in words of ours.
void exchange::heed(const session_word& said) {
    if (affinity_ == nullptr) return;
    const steady_time now = station_.now().steady;
    if (said.may_move) station_.sessions.set_movable(session_.handle, *said.may_move);
    worth_said_ = said.is_valuable;
    if (said.is_valuable) station_.sessions.set_valuable(session_.handle, *said.is_valuable);
    if (said.extends.count() != 0) station_.sessions.extend(session_.handle, said.extends, now);
    if (said.moves && !said.ends) leave_home(said.successor);
}

/// The server has named the session.
void exchange::learn(const affinity::lesson& said) {
    const pool_id pool = pool_->setup->servers->id();
    const instant now = station_.now();
    if (said.key == found_.key) return;
    has_bound_ = true;
    if (said.renames || found_.key.empty()) {
        station_.sessions.rename(pool, found_.key, said.key, session_.home, now);
        found_.key = said.key;
    } else {
        station_.sessions.add_key(pool, found_.key, said.key, now.steady);
    }
}

/// With its next request the client may come to another process. What it carries says where its
/// session is at home, if it carries anything, but never that it is over.
bool exchange::must_be_known_elsewhere(const affinity::reply& told) const noexcept {
    if (!station_.sessions.is_shared()) return false;
    const bool is_told = told.carries_mark || found_.carried || found_.key.empty();
    return told.ends || (has_bound_ && !is_told);
}

task<> exchange::wait_until_known_elsewhere() {
    auto& rounds = station_.sessions.rounds();
    const std::uint64_t round = rounds.await();
    if (rounds.is_known(round)) co_return;
    client_.hold();
    server_->hold();
    const steady_time end = station_.now().steady + limits::upgrade_answer_wait;
    while (!rounds.is_known(round)) {
        if (station_.now().steady >= end) co_return rounds.give_up(round);
        if (const auto slept = co_await sleep_for(std::chrono::milliseconds(1)); !slept) co_return;
    }
}

}  // namespace hawser::proxy
