// SPDX-License-Identifier: Apache-2.0
#include "app/overload.h"

#include <algorithm>
#include <string>

#include <fmt/format.h>

#include "base/bytes.h"
#include "config/units.h"
#include "observe/log.h"

namespace hawser::app {

namespace {

using proxy::pressure;

void tell(std::string_view what, pressure before, pressure now, const std::string& how) {
    if (before == now) return;
    using observe::level;
    switch (now) {
        case pressure::none:
            observe::log(level::notice, fmt::format("{}: enough again ({})", what, how));
            break;
        case pressure::tight:
            observe::log(level::warn,
                         fmt::format("{}: nearly all in use ({}): newcomers are refused, "
                                     "established sessions go on",
                                     what, how));
            break;
        case pressure::full:
            observe::log(level::error,
                         fmt::format("{}: all in use ({}): no connection is accepted", what, how));
            break;
    }
}

std::string size_text(std::uint64_t bytes) { return fmt::format("{} MiB", bytes >> 20); }

}  // namespace

std::size_t connections_for(std::size_t descriptors) {
    const std::size_t reserved = std::min(limits::descriptors_reserved, descriptors / 2);
    return std::max<std::size_t>((descriptors - reserved) / 2, 1);
}

void overload::change_to(const process_limits& given, std::size_t descriptors) {
    limits_ = given;
    group_ = group_memory();
    told_.limit_connections(given.connections.value_or(connections_for(descriptors)));
    look();
}

bool overload::look() {
    const std::size_t open = told_.connections();
    const std::size_t open_max = told_.connections_max();
    const pressure before = connections_.present();
    tell("connections", before, connections_.look(open, open_max),
         fmt::format("{} of {}", open, open_max));

    seen_ = memory();
    const pressure memory_before = memory_.present();
    tell("memory", memory_before, memory_.look(seen_.used, seen_.most),
         fmt::format("{} of {}", size_text(seen_.used), size_text(seen_.most)));

    told_.feel(std::max(connections_.present(), memory_.present()));
    return memory_.present() != pressure::none;
}

/// A limit of ours counts what is ours; that of a control group counts the group.
memory_use overload::memory() const {
    if (!limits_.memory) return group_.look();
    if (!*limits_.memory) return {};
    return {.used = resident_memory(), .most = (*limits_.memory)->value};
}

void overload::collect(observe::exposition& into) const {
    static constexpr std::string_view name = "overload";
    static constexpr std::string_view help =
        "0: enough; 1: newcomers are refused; 2: nobody is accepted.";
    into.gauge(name, help, {{"of", "connections"}}, double(connections_.present()));
    into.gauge(name, help, {{"of", "memory"}}, double(memory_.present()));
    into.gauge("connections_max", "Connections of clients that the process takes at once.", {},
               double(told_.connections_max()));
    if (seen_.most == 0) return;
    into.gauge("memory_used_bytes", "Memory that counts against its limit.", {},
               double(seen_.used));
    into.gauge("memory_limit_bytes", "Memory that may be used.", {}, double(seen_.most));
}

}  // namespace hawser::app
