// SPDX-License-Identifier: Apache-2.0
#include "app/doors.h"

#include <algorithm>
#include <set>
#include <span>

#include "app/notify.h"
#include "io/passing.h"

namespace hawser::app {

namespace {

/// The addresses of the session service's doors, by the places that they have.
std::vector<doors::place> session_places(const configuration& given,
                                         std::vector<const listen_address*>* binds = nullptr) {
    std::vector<doors::place> all;
    const auto add = [&](std::string_view place, const std::vector<listen_address>& of) {
        for (const auto& bind : of) {
            all.emplace_back(std::string(place), bind.text);
            if (binds != nullptr) binds->push_back(&bind);
        }
    };
    if (given.sessions.resp) add(session_service::resp_place, given.sessions.resp->bind);
    if (given.sessions.api) add(session_service::api_place, given.sessions.api->bind);
    return all;
}

std::set<doors::place> places_of(const configuration& given) {
    std::set<doors::place> all;
    for (const auto& [name, each] : given.listeners)
        for (const auto& bind : each.bind) all.emplace(name, bind.text);
    for (auto& each : session_places(given)) all.insert(std::move(each));
    return all;
}

/// One socket a worker: the kernel spreads TCP connections over them; a unix socket is shared.
result<std::vector<io::listening_socket>> open_for(io::endpoint at, std::size_t workers) {
    // SO_REUSEPORT hides that a port is taken, so it is tried once without.
    if (auto free = io::check_free(at); !free) return std::unexpected(std::move(free.error()));
    const std::size_t count = at.family() == io::endpoint::kind::unix_path ? 1 : workers;
    std::vector<io::listening_socket> sockets;
    for (std::size_t i = 0; i < count; ++i) {
        auto socket = io::open_listening(at, io::sharing::shared);
        if (!socket) return std::unexpected(std::move(socket.error()));
        if (auto chosen = socket->local(); i == 0 && chosen) at = *chosen;
        sockets.push_back(std::move(*socket));
    }
    return sockets;
}

result<doors::socket_set> sockets_for(const io::endpoint& at, std::size_t workers,
                                      passed_sockets& passed) {
    doors::socket_set made{.held = passed.take(at)};
    if (made.held.empty()) {
        auto opened = open_for(at, workers);
        if (!opened) return std::unexpected(std::move(opened.error()));
        made.held = std::move(*opened);
    }
    for (std::size_t i = 0; i < std::max(made.held.size(), workers); ++i) {
        auto another = made.held[i % made.held.size()].duplicate();
        if (!another) return std::unexpected(std::move(another.error()));
        made.shared_out.push_back(std::move(*another));
    }
    return made;
}

/// The service manager's store keeps them over a restart; what it has already it knows.
void store(const std::string& name, std::span<const int> sockets) {
    while (!sockets.empty()) {
        const auto some = sockets.first(std::min(sockets.size(), io::passed_at_once_max));
        notify_service_manager("FDSTORE=1\nFDNAME=" + name, some);
        sockets = sockets.subspan(some.size());
    }
}

std::vector<int> descriptors_of(const std::vector<io::listening_socket>& sockets) {
    std::vector<int> all;
    for (const auto& each : sockets) all.push_back(each.descriptor());
    return all;
}

}  // namespace

result<doors::opened> doors::prepare(const configuration& wanted, const config::node& written,
                                     std::size_t workers, passed_sockets& passed) const {
    opened prepared;
    const auto prepare_one = [&](const std::string& name, const listen_address& bind) -> result<> {
        if (open_.contains({name, bind.text})) return {};
        auto sockets = sockets_for(bind.where, workers, passed);
        if (!sockets) return std::unexpected(std::move(sockets.error()));
        prepared.sockets.emplace(place(name, bind.text), std::move(*sockets));
        return {};
    };
    for (const auto& [name, each] : wanted.listeners) {
        for (const auto& bind : each.bind) {
            if (auto done = prepare_one(name, bind); !done)
                return fail(done.error().code,
                            written.place({"listeners", name, "bind"}).text() + ": listener " +
                                name + ": " + done.error().context +
                                " (its `bind`, or --listen, chooses another address)");
        }
    }
    std::vector<const listen_address*> binds;
    const auto places = session_places(wanted, &binds);
    for (std::size_t i = 0; i < places.size(); ++i) {
        const bool is_resp = places[i].first == session_service::resp_place;
        if (auto done = prepare_one(places[i].first, *binds[i]); !done)
            return fail(done.error().code,
                        written.place({"sessions", is_resp ? "resp" : "api", "bind"}).text() +
                            (is_resp ? ": the RESP door: " : ": the sessions' JSON door: ") +
                            done.error().context + " (its `bind` chooses another address)");
    }
    return prepared;
}

void doors::change_to(const configuration& wanted, opened sockets, crew& workers) {
    const auto places = places_of(wanted);
    std::vector<place> gone;
    for (const auto& [where, at] : open_)
        if (!places.contains(where)) gone.push_back(where);
    for (const auto& each : gone) close(each, workers);
    for (auto& [where, all] : sockets.sockets) begin(where, std::move(all), workers);
}

std::vector<std::vector<int>> doors::sockets() const {
    std::vector<std::vector<int>> all;
    for (const auto& [where, held] : held_) all.push_back(descriptors_of(held));
    return all;
}

void doors::keep_in_store() const {
    for (const auto& [where, held] : held_)
        store(stored_name(open_.at(where)), descriptors_of(held));
}

void doors::close(const place& where, crew& workers) {
    // Before the workers empty its queue: whoever came later would be reset.
    held_.erase(where);
    notify_service_manager("FDSTOREREMOVE=1\nFDNAME=" + stored_name(open_.at(where)));
    if (session_service::is_ours(where.first))
        sessions_.close(where.first, where.second, workers);
    else
        workers.tell_all([&](proxy::station& at) { at.close(where.first, where.second); });
    open_.erase(where);
}

void doors::begin(const place& where, socket_set sockets, crew& workers) {
    const auto at = sockets.held.front().local().value_or(io::endpoint());
    open_.emplace(where, at);
    store(stored_name(at), descriptors_of(sockets.held));
    for (std::size_t i = 0; i < sockets.shared_out.size(); ++i) {
        const unsigned worker = unsigned(i % workers.size());
        workers.tell(worker, [&](proxy::station& on) {
            if (session_service::is_ours(where.first))
                return sessions_.open(worker, where.first, where.second,
                                      std::move(sockets.shared_out[i]));
            const auto begun = on.open(where.first, where.second, std::move(sockets.shared_out[i]));
            ensure(begun.has_value(), "a socket that listens can be watched");
        });
    }
    held_.emplace(where, std::move(sockets.held));
}

}  // namespace hawser::app
