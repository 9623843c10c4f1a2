// SPDX-License-Identifier: Apache-2.0
#include "app/admin_door.h"

#include <chrono>
#include <utility>

#include "async/sleep.h"
#include "async/with.h"

namespace hawser::app {

namespace {

constexpr unsigned socket_mode = 0660;
constexpr auto farewell_time = std::chrono::seconds(1);

}  // namespace

result<admin_door::opened> admin_door::prepare(const admin& wanted, const config::node& written,
                                               passed_sockets& passed, std::string_view at) {
    auto audit = audit_log::open(wanted.audit);
    if (!audit) return std::unexpected(std::move(audit.error()));
    opened made{.audit = std::move(*audit), .hosts = wanted.allowed_hosts};
    if (!wanted.bind) return made;
    auto terms = load_admin_terms(wanted, written);
    if (!terms) return std::unexpected(std::move(terms.error()));
    made.terms = std::move(*terms);
    made.place = wanted.bind->text;
    // Who knows the address that it listens at has not been led there by a name.
    if (const auto ip = wanted.bind->where.ip(); !ip.is_none() && ip.text() != "0.0.0.0")
        made.hosts.push_back(ip.is_v4() ? ip.text() : '[' + ip.text() + ']');
    if (made.place == at) return made;
    if (auto taken = passed.take(wanted.bind->where); !taken.empty()) {
        made.socket = std::move(taken.front());
        return made;
    }
    // Not shared: of two nodes on one address each would get half of what operators ask.
    auto socket = io::open_listening(wanted.bind->where, io::sharing::exclusive, socket_mode);
    if (!socket) {
        socket.error().context = written.place({"admin", "bind"}).text() +
                                 ": the admin endpoint: " + socket.error().context +
                                 " (`admin.bind`, or --admin, chooses another address)";
        return std::unexpected(std::move(socket.error()));
    }
    made.socket = std::move(*socket);
    return made;
}

void admin_door::change_to(opened next) {
    terms_ = std::move(next.terms);
    audit_ = std::move(next.audit);
    hosts_ = std::move(next.hosts);
    if (next.place == place_) return;
    if (closing_) around_.spawn(close(std::exchange(closing_, nullptr)));
    place_ = std::move(next.place);
    address_.clear();
    held_ = io::listening_socket();
    if (!next.socket) return;
    if (const auto where = next.socket->local()) address_ = where->text();
    if (auto another = next.socket->duplicate()) held_ = std::move(*another);
    listen(std::move(*next.socket));
}

void admin_door::listen(io::listening_socket on) {
    auto listens = worker_.io().listen(std::move(on));
    ensure(listens.has_value(), "a socket that listens can be watched");
    closing_ = std::make_shared<linked_stop_source>(over_);
    around_.spawn(serve(std::move(*listens), closing_));
}

void admin_door::leave() {
    if (closing_) std::exchange(closing_, nullptr)->stop();
}

void admin_door::resume() {
    if (closing_ || held_.descriptor() < 0) return;
    if (auto another = held_.duplicate()) listen(std::move(*another));
}

std::vector<int> admin_door::sockets() const {
    if (held_.descriptor() < 0) return {};
    return {held_.descriptor()};
}

task<> admin_door::serve(std::unique_ptr<io::listener> from, std::shared_ptr<stop_source> closing) {
    const io::endpoint where = from->local();
    co_await with_stop(*closing, endpoint_.serve(std::move(from)));
    io::remove_left_over(where);
}

task<> admin_door::close(std::shared_ptr<stop_source> closing) {
    (void)co_await sleep_for(farewell_time);
    closing->stop();
}

}  // namespace hawser::app
