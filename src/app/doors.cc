// SPDX-License-Identifier: Apache-2.0
#include "app/doors.h"

#include <set>

namespace hawser::app {

namespace {

std::set<doors::place> places_of(const configuration& given) {
    std::set<doors::place> all;
    for (const auto& [name, each] : given.listeners)
        for (const auto& bind : each.bind) all.emplace(name, bind.text);
    return all;
}

/// One socket a worker: the kernel spreads TCP connections over them; a unix socket is shared.
result<std::vector<io::listening_socket>> open_for(io::endpoint at, std::size_t workers) {
    // SO_REUSEPORT hides that a port is taken, so it is tried once without.
    if (auto free = io::check_free(at); !free) return std::unexpected(std::move(free.error()));
    std::vector<io::listening_socket> sockets;
    for (std::size_t i = 0; i < workers; ++i) {
        auto socket = i > 0 && at.family() == io::endpoint::kind::unix_path
                          ? sockets.front().duplicate()
                          : io::open_listening(at, io::sharing::shared);
        if (!socket) return std::unexpected(std::move(socket.error()));
        if (auto chosen = socket->local(); i == 0 && chosen) at = *chosen;
        sockets.push_back(std::move(*socket));
    }
    return sockets;
}

}  // namespace

result<doors::opened> doors::prepare(const configuration& wanted, const config::node& written,
                                     std::size_t workers) const {
    opened prepared;
    for (const auto& [name, each] : wanted.listeners) {
        for (const auto& bind : each.bind) {
            if (open_.contains({name, bind.text})) continue;
            auto sockets = open_for(bind.where, workers);
            if (!sockets) {
                sockets.error().context = written.place({"listeners", name, "bind"}).text() +
                                          ": listener " + name + ": " + sockets.error().context +
                                          " (its `bind`, or --listen, chooses another address)";
                return std::unexpected(std::move(sockets.error()));
            }
            prepared.sockets.emplace(place(name, bind.text), std::move(*sockets));
        }
    }
    return prepared;
}

void doors::change_to(const configuration& wanted, opened sockets, crew& workers) {
    const auto places = places_of(wanted);
    for (auto each = open_.begin(); each != open_.end();) {
        if (places.contains(each->first)) {
            ++each;
            continue;
        }
        workers.tell_all(
            [&](proxy::station& at) { at.close(each->first.first, each->first.second); });
        each = open_.erase(each);
    }
    for (auto& [where, all] : sockets.sockets) {
        if (auto chosen = all.front().local()) open_.emplace(where, *chosen);
        for (unsigned worker = 0; worker < all.size(); ++worker) {
            workers.tell(worker, [&](proxy::station& at) {
                const auto begun = at.open(where.first, where.second, std::move(all[worker]));
                ensure(begun.has_value(), "a socket that listens can be watched");
            });
        }
    }
}

}  // namespace hawser::app
