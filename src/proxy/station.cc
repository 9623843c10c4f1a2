// SPDX-License-Identifier: Apache-2.0
#include "proxy/station.h"

#include <algorithm>
#include <unordered_set>
#include <utility>

#include "async/frame_pool.h"
#include "async/sleep.h"
#include "async/with.h"
#include "base/limits.h"
#include "proxy/announcement.h"
#include "proxy/h1_connection.h"
#include "proxy/h2_upstream.h"
#include "proxy/tls_arrival.h"

namespace hawser::proxy {

namespace {

/// Without a descriptor left, accepting pauses instead of spinning (E161).
constexpr auto accept_pause = std::chrono::milliseconds(100);

crypto::siphash_key random_key() {
    crypto::siphash_key made;
    crypto::random_bytes(made.writable());
    return made;
}

}  // namespace

newcomer::newcomer(station& at, listener_post& through) : station_(at), listener_(through) {
    ++station_.connection_count_;
    ++listener_.open;
}

newcomer::~newcomer() {
    --station_.connection_count_;
    --listener_.open;
}

std::shared_ptr<h2_upstream> server_post::find_shared() const {
    for (const auto& each : shared)
        if (each->can_open()) return each;
    return nullptr;
}

void server_post::speak_by(const std::shared_ptr<const tls::client_context>& terms,
                           std::string_view name) {
    const bool is_same =
        secured != nullptr ? secured->by == terms && secured->name == name : terms == nullptr;
    if (is_same) return;
    close_unused();
    secured.reset();
    if (terms != nullptr)
        secured = std::make_shared<const secured_way>(
            secured_way{.by = terms, .name = std::string(name)});
}

void server_post::close_unused() {
    idle.close_all();
    for (const auto& each : shared) each->leave();
}

void server_post::part(const parting& what) {
    if (what.tunnels) tunnels_part.call(what.within);
    if (what.answers) answers_part.call(what.within);
    if (what.unused) close_unused();
}

server_post& pool_post::post_of(const upstream::server& one) const {
    for (const auto& each : servers)
        if (each->server.get() == &one) return *each;
    die("a pool's candidates are servers of the pool");
}

station::station(io::worker& on, shared with)
    : worker(on),
      sessions(with.sessions),
      access(with.access),
      counters(with.counters),
      admission(with.admission),
      waiting(on),
      shaking_hands(random_key()),
      new_keys({.requests = limits::new_keys_of_source,
                .per = std::chrono::seconds(1),
                .burst = limits::new_keys_of_source_burst},
               limits::new_keys_sources, random_key()),
      edition_(std::make_shared<edition>(edition{std::make_shared<const snapshot>(), {}})) {}

station::~station() = default;

// ---- snapshots ------------------------------------------------------------------------------

std::shared_ptr<server_post> pool_post::share(const server_post& one) const {
    for (const auto& each : servers)
        if (each.get() == &one) return each;
    die("a server's post is one of its pool's");
}

void station::publish(std::shared_ptr<const snapshot> next) {
    auto made = std::make_shared<edition>();
    made->what = std::move(next);
    const bool has_retired = publish_pools(*made);
    edition_ = std::move(made);
    const bool are_listeners_other = publish_listeners();
    waiting.have_all_look_again();
    if (!has_retired && !are_listeners_other) return;
    for (client_connection* each = first_connection_; each != nullptr; each = each->next_) {
        each->drop_retired();
        if (!each->may_stay()) each->close_if_idle();
    }
}

/// True where servers have left. What has the setup that it had is served as it was.
bool station::publish_pools(edition& into) {
    const auto& before = edition_->pools;
    const auto& wanted = into.what->pools;
    ensure(wanted.size() >= before.size(), "a pool that has gone leaves its place empty");
    into.pools = before;
    into.pools.resize(wanted.size());
    bool has_retired = false;
    for (std::size_t place = 0; place < wanted.size(); ++place) {
        const pool_post* was = place < before.size() ? before[place].get() : nullptr;
        const pool_setup* served = was != nullptr ? was->setup.get() : nullptr;
        if (served == wanted[place].get()) continue;
        auto post = wanted[place] ? post_for(wanted[place], was) : nullptr;
        if (was != nullptr) has_retired |= retire_servers(*was, post.get());
        into.pools[place] = std::move(post);
    }
    return has_retired;
}

/// Those whom `after` does not name, null: nobody. True where there are any.
bool station::retire_servers(const pool_post& before, const pool_post* after) {
    std::unordered_set<const server_post*> kept;
    if (after != nullptr)
        for (const auto& each : after->servers) kept.insert(each.get());
    bool any = false;
    for (const auto& post : before.servers) {
        if (kept.contains(post.get())) continue;
        post->is_retired = true;
        post->close_unused();
        servers_.erase(post->server->serial());
        any = true;
    }
    return any;
}

/// True where one is gone, or serves otherwise.
bool station::publish_listeners() {
    const auto removed = std::erase_if(listeners_, [&](const auto& each) {
        each.second->is_removed = edition_->what->find_listener(each.first) == nullptr;
        return each.second->is_removed;
    });
    bool is_any_other = removed != 0;
    for (auto& [name, post] : listeners_) {
        const listener_setup& setup = *edition_->what->find_listener(name);
        is_any_other |= post->settings != setup.settings;
        post->serve_by(setup, worker.index());
    }
    return is_any_other;
}

void listener_post::serve_by(const listener_setup& setup, unsigned worker) {
    settings = setup.settings;
    row = setup.counters;
    traffic = setup.traffic;
    counters = &setup.counters->of(worker);
}

std::shared_ptr<pool_post> station::post_for(std::shared_ptr<const pool_setup> setup,
                                             const pool_post* before) {
    auto post = std::make_shared<pool_post>();
    post->tools = tools_for(*setup, before);
    post->counters = &setup->counters->of(worker.index());
    const auto servers = setup->servers->servers();
    for (std::size_t place = 0; place < servers.size(); ++place)
        post->servers.push_back(server_post_for(*setup, place));
    auto& all = post->tools->candidates;
    all.clear();
    for (const auto& each : servers) all.push_back(each.get());
    post->tools->balancer->meet(all);
    post->setup = std::move(setup);
    return post;
}

std::shared_ptr<server_post> station::server_post_for(const pool_setup& setup, std::size_t place) {
    const auto& server = setup.servers->servers()[place];
    auto& post = servers_[server->serial()];
    if (!post) {
        post = std::make_shared<server_post>(
            server, setup.server_counters[place]->of(worker.index()),
            server->load.of_worker(worker.index()), setup.idle_connections_max,
            setup.idle_connection_time, random);
    }
    post->speak_by(setup.tls,
                   setup.tls ? std::string_view(setup.tls_names[place]) : std::string_view());
    return post;
}

/// What was made `before` at the pool's place, where it is the same pool's.
std::shared_ptr<pool_tools> station::tools_for(const pool_setup& setup, const pool_post* before) {
    if (before != nullptr && before->setup->servers->id() == setup.servers->id() &&
        before->tools->kinds == setup.kinds)
        return before->tools;
    auto made = std::make_shared<pool_tools>();
    made->kinds = setup.kinds;
    made->balancer = setup.make_balancer({.value = worker.index()});
    made->needs = made->balancer->wants();
    if (setup.make_affinity) {
        made->affinity = setup.make_affinity(worker.index(), false);
        made->affinity_over_tls = setup.make_affinity(worker.index(), true);
    }
    return made;
}

// ---- listeners ------------------------------------------------------------------------------

std::shared_ptr<listener_post> station::listener_for(const std::string& name) {
    auto& post = listeners_[name];
    if (post) return post;
    const listener_setup* setup = edition_->what->find_listener(name);
    ensure(setup != nullptr, "a listener is opened after the snapshot that names it");
    post = std::make_shared<listener_post>();
    post->name = name;
    post->serve_by(*setup, worker.index());
    return post;
}

result<> station::open(const std::string& listener, const std::string& place,
                       io::listening_socket socket) {
    auto opened = worker.io().listen(std::move(socket));
    if (!opened) return std::unexpected(std::move(opened.error()));
    auto& closing = doors_[{listener, place}];
    if (closing == nullptr) closing = std::make_shared<stop_source>();
    running_.spawn(accept_on(listener_for(listener), closing, std::move(*opened)));
    return {};
}

void station::close(const std::string& listener, const std::string& place) {
    const auto found = doors_.find({listener, place});
    if (found == doors_.end()) return;
    found->second->stop();
    doors_.erase(found);
}

task<> station::accept_on(std::shared_ptr<listener_post> post, std::shared_ptr<stop_source> closing,
                          std::unique_ptr<io::listener> from) {
    for (;;) {
        // Those who connect meanwhile wait in the backlog.
        while (admission.present() == pressure::full &&
               co_await with_stop(*closing, sleep_for(accept_pause))) {
        }
        auto client = co_await with_stop(*closing, from->accept());
        if (client) {
            welcome(post, std::move(*client));
            continue;
        }
        if (client.error().code == errc::cancelled) break;
        post->counters->connections_refused.add("descriptors");
        (void)co_await with_stop(*closing, sleep_for(accept_pause));
    }
    // Whoever the kernel has already connected would be reset with the socket.
    while (auto client = from->try_accept()) welcome(post, std::move(*client));
}

void station::welcome(const std::shared_ptr<listener_post>& post,
                      std::unique_ptr<io::stream> client) {
    post->counters->connections.add();
    proxy::admission::place place;
    if (const auto why = why_refused(*post, place); !why.empty())
        return turn_away(*post, std::move(client), why);
    auto who = arrival::of(std::move(client), now().steady);
    who.place = std::move(place);
    if (post->settings->announcements == announcement_policy::off)
        meet(post, std::move(who));
    else
        running_.spawn(hear(post, std::move(who)));
}

/// Before anything is spent on a client; empty: it may come in.
std::string_view station::why_refused(const listener_post& post, proxy::admission::place& into) {
    if (admission.present() == pressure::full) return "memory";
    const std::size_t most = post.settings->connections_max;
    if (most != 0 && post.open >= most) return "limit";
    return admission.take(into) ? "" : "process-limit";
}

void station::turn_away(listener_post& post, std::unique_ptr<io::stream> client,
                        std::string_view why) {
    post.counters->connections_refused.add(why);
    post.counters->connections_closed.add();
    // Telling costs a connection for a moment, so only so many are told at once; and over TLS a
    // handshake, which nobody gets for it.
    if (turning_away_ < limits::turned_away_max && post.settings->tls == nullptr)
        running_.spawn(tell_no_room(std::move(client)));
    else
        client->reset_on_close();
}

task<> station::tell_no_room(std::unique_ptr<io::stream> client) {
    ++turning_away_;
    co_await h1_connection::turn_away(*this, std::move(client));
    --turning_away_;
}

/// Whoever stands before us says first whose connection this is.
task<> station::hear(std::shared_ptr<listener_post> post, arrival who) {
    announcement heard;
    {
        const newcomer counted(*this, *post);
        const auto settings = post->settings;
        heard = co_await hear_announcement(who, *settings, leaving_);
    }
    switch (heard.ended) {
        case announcement::outcome::known: co_return meet(post, std::move(who));
        case announcement::outcome::refused:
            co_return leave_outside(*post, who, "proxy-header", heard.cause);
        case announcement::outcome::gone: post->counters->connections_closed.add();
    }
}

/// It is known who is there. What is spoken comes next: here begins TLS, where there is any.
void station::meet(const std::shared_ptr<listener_post>& post, arrival who) {
    const listener_settings& by = *post->settings;
    // Whom a trusted proxy brings shows in each request.
    if (by.access && !by.trusts(who.client.ip) && !by.access->admits(who.client.ip))
        return leave_outside(*post, who, "denied", "client-denied");
    if (comes_too_many(by, who)) return turn_away(*post, std::move(who.stream), "source");
    if (by.tls != nullptr)
        running_.spawn(shake_hands(*this, post, std::move(who)));
    else
        running_.spawn(h1_connection::serve(*this, post, std::move(who)));
}

/// What a proxy brings comes from many; a unix socket tells nothing of who is there.
bool station::comes_too_many(const listener_settings& settings, arrival& who) {
    const std::size_t most = settings.connections_of_source_max;
    if (most == 0 || who.client.ip.is_none() || settings.trusts(who.client.ip)) return false;
    return !admission.take_for(who.client.ip, most, who.place);
}

/// Counts and logs a connection that is closed without a word.
void station::leave_outside(listener_post& post, const arrival& who, std::string_view counted,
                            std::string_view cause) {
    post.counters->connections_refused.add(counted);
    post.counters->connections_closed.add();
    if (!access.is_open()) return;
    observe::access_record record;
    record.started = now().wall;
    record.ended = cause;
    record.client_port = who.client.port;
    record.put(observe::text::client, who.client.ip.text());
    record.put(observe::text::listener, post.name);
    access.push(record);
}

void station::relieve() {
    for (client_connection* each = first_connection_; each != nullptr; each = each->next_)
        if (each->is_idle()) each->close_if_idle();
    for (auto& [serial, post] : servers_) post->idle.close_all();
    frame_pool::release_unused();
}

// ---- the end --------------------------------------------------------------------------------

void station::drain(std::chrono::milliseconds farewell) {
    draining_ = true;
    retired_ = false;
    leaving_.stop();
    tunnels_part_.call(farewell, node_stops);
    for (auto& [place, closing] : std::exchange(doors_, {})) closing->stop();
    for (client_connection* each = first_connection_; each != nullptr; each = each->next_)
        each->close_if_idle();
    for (auto& [serial, post] : servers_) post->close_unused();
}

void station::part(const upstream::server& server, const parting& what) {
    for (const auto& [serial, post] : servers_)
        if (post->server->id() == server.id()) post->part(what);
}

void station::retire(std::chrono::milliseconds farewell) {
    draining_ = true;
    retired_ = true;
    tunnels_part_.call(farewell, node_retires);
    for (auto& [place, closing] : std::exchange(doors_, {})) closing->stop();
    for (client_connection* each = first_connection_; each != nullptr; each = each->next_)
        each->retire();
    for (auto& [serial, post] : servers_) post->close_unused();
}

void station::put_away() {
    servers_.clear();
    edition_.reset();
}

void station::stop() {
    drain({});
    for (auto& [serial, post] : servers_)
        for (const auto& each : post->shared) each->cancel();
    for (client_connection* each = first_connection_; each != nullptr; each = each->next_)
        each->cancel();
}

}  // namespace hawser::proxy
