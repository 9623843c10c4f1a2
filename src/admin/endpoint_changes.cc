// SPDX-License-Identifier: Apache-2.0
// What changes the node: bodies are read, and handed to whoever does it.
#include <optional>
#include <utility>

#include "admin/asked.h"
#include "admin/endpoint.h"
#include "admin/wanted.h"
#include "config/json_reader.h"

namespace hawser::admin {

result<outcome> endpoint::begin_upgrade(const call& asked, const order& by) {
    auto wanted = read_body<upgrade_wanted>(asked.asked);
    if (!wanted) return std::unexpected(std::move(wanted.error()));
    return node_.begin_upgrade(wanted->binary, by);
}

result<outcome> endpoint::reload(const call& asked, const order& by) {
    if (auto wanted = read_body<nothing_wanted>(asked.asked); !wanted)
        return std::unexpected(std::move(wanted.error()));
    return node_.reload(by);
}

result<outcome> endpoint::set_state(const call& asked, const order& by) {
    auto wanted = read_body<state_wanted>(asked.asked);
    if (!wanted) return std::unexpected(std::move(wanted.error()));
    return node_.set_state(asked.names.server(), *wanted, by);
}

result<outcome> endpoint::drain(const call& asked, const order& by) {
    auto wanted = read_body<drain_wanted>(asked.asked);
    if (!wanted) return std::unexpected(std::move(wanted.error()));
    return node_.drain(asked.names.server(), *wanted, by);
}

result<outcome> endpoint::set_weight(const call& asked, const order& by) {
    auto wanted = read_body<weight_wanted>(asked.asked);
    if (!wanted) return std::unexpected(std::move(wanted.error()));
    return node_.set_weight(asked.names.server(), wanted->weight, by);
}

result<outcome> endpoint::add_server(const call& asked, const order& by) {
    config::diagnostics problems;
    const auto written = config::parse_json(asked.asked.body, "body", problems);
    if (problems.has_errors()) return fail(errc::invalid, problems.text());
    return node_.add_server(asked.names.server(), written, by);
}

result<outcome> endpoint::remove_server(const call& asked, const order& by) {
    return node_.remove_server(asked.names.server(), by);
}

result<outcome> endpoint::lift(const call& asked, const order& by) {
    const auto field = asked.names.all[2];
    return node_.lift(asked.names.server(), field.empty() ? std::nullopt : std::optional(field),
                      by);
}

result<outcome> endpoint::set_log(const call& asked, const order& by) {
    auto wanted = read_body<log_wanted>(asked.asked);
    if (!wanted) return std::unexpected(std::move(wanted.error()));
    return node_.set_log(*wanted, by);
}

result<outcome> endpoint::lift_log(const call&, const order& by) { return node_.lift_log(by); }

}  // namespace hawser::admin
