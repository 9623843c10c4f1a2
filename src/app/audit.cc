// SPDX-License-Identifier: Apache-2.0
#include "app/audit.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <utility>

#include "base/limits.h"
#include "crypto/key_text.h"
#include "observe/log.h"

namespace hawser::app {

namespace {

std::string text_of(const nlohmann::ordered_json& record) {
    return record.dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
}

}  // namespace

result<audit_log> audit_log::open(const std::string& place) {
    if (place == "log") return audit_log(std::nullopt);
    auto file = observe::output::open(place);
    if (!file) {
        file.error().context.insert(0, "audit log: ");
        return std::unexpected(std::move(file.error()));
    }
    return audit_log(std::move(*file));
}

void audit_log::write(const hawser::admin::audit_record& change, wall_time now) const {
    const nlohmann::ordered_json record = {
        {"time", crypto::text_of(now)},
        {"who", change.by.who},
        {"level", hawser::admin::name_of(change.may)},
        {"from", change.by.from},
        {"method", change.method},
        {"path", change.target},
        {"body", change.body.substr(0, limits::audited_body_max)},
        {"status", change.status}};
    put(text_of(record));
}

void audit_log::write(const hawser::sessions::audited& done) const {
    nlohmann::ordered_json record = {{"time", crypto::text_of(done.when)},
                                     {"who", done.who},
                                     {"from", done.from},
                                     {"sessions", done.what},
                                     {"namespace", done.name_space},
                                     {"status", done.status}};
    if (!done.session.empty()) record["session"] = done.session;
    if (done.user != 0) record["user"] = fmt::format("{:016x}", done.user);
    if (done.ended) record["ended"] = *done.ended;
    put(text_of(record));
}

void audit_log::put(const std::string& line) const {
    if (file_ && file_->write(line + '\n').bytes == line.size() + 1) return;
    observe::log(observe::level::notice, "audit: " + line);
}

void audit_log::reopen() {
    if (!file_) return;
    if (const auto reopened = file_->reopen(); !reopened)
        observe::log(observe::level::error,
                     "audit log is not reopened: " + reopened.error().context);
}

}  // namespace hawser::app
