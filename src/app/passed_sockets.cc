// SPDX-License-Identifier: Apache-2.0
#include "app/passed_sockets.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <string_view>
#include <utility>

#include "app/notify.h"
#include "base/hash.h"
#include "base/limits.h"
#include "observe/log.h"

namespace hawser::app {

namespace {

constexpr int first_passed = 3;  // SD_LISTEN_FDS_START
constexpr std::string_view stored_prefix = "hawser-";

/// A number in the environment; 0 if there is none.
int number_in(const char* name) {
    const char* const text = std::getenv(name);
    int number = 0;
    if (text != nullptr) std::from_chars(text, text + std::string_view(text).size(), number);
    return number;
}

std::string next_name(std::string_view& names) {
    const auto end = names.find(':');
    const std::string name(names.substr(0, end));
    names = end == names.npos ? std::string_view() : names.substr(end + 1);
    return name;
}

}  // namespace

std::string stored_name(const io::endpoint& where) {
    return fmt::format("{}{:016x}", stored_prefix, stable_hash(where.text()));
}

passed_sockets passed_sockets::from_service_manager() {
    passed_sockets made;
    const int count = number_in("LISTEN_PID") == ::getpid() ? number_in("LISTEN_FDS") : 0;
    const char* const named = std::getenv("LISTEN_FDNAMES");
    std::string_view names = named != nullptr ? named : "";
    for (int i = 0; i < std::min(count, limits::passed_sockets_max); ++i) {
        const std::string name = next_name(names);
        if (auto adopted = io::adopt_listening(first_passed + i))
            made.add(std::move(*adopted), name);
        else
            observe::log(observe::level::warn,
                         fmt::format("descriptor {} ({}) was passed and is not used: {}",
                                     first_passed + i, name, adopted.error().context));
    }
    for (const char* name : {"LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"}) ::unsetenv(name);
    return made;
}

void passed_sockets::add(io::listening_socket socket, std::string name) {
    if (const auto where = socket.local())
        all_.push_back({std::move(socket), *where, std::move(name)});
}

std::vector<io::listening_socket> passed_sockets::take(const io::endpoint& at) {
    std::vector<io::listening_socket> taken;
    for (auto& each : all_) {
        if (each.where != at) continue;
        auto another = each.socket.duplicate();
        if (!another) continue;
        taken.push_back(std::move(*another));
        each.is_taken = true;
    }
    return taken;
}

void passed_sockets::drop_rest() {
    for (const auto& each : std::exchange(all_, {})) {
        if (each.is_taken) continue;
        observe::log(observe::level::warn,
                     "a socket that listens on " + each.where.text() +
                         " was passed, but no listener is bound there: it is closed");
        if (each.name.starts_with(stored_prefix))
            notify_service_manager("FDSTOREREMOVE=1\nFDNAME=" + each.name);
    }
}

}  // namespace hawser::app
