// SPDX-License-Identifier: Apache-2.0
#include "app/more_log.h"

#include <fmt/format.h>

#include <string>
#include <utility>

#include "app/session_steering.h"
#include "base/limits.h"
#include "crypto/key_text.h"
#include "observe/log.h"

namespace hawser::app {

namespace {

using observe::level;

}  // namespace

result<> more_log::set(const hawser::admin::log_wanted& wanted, const hawser::admin::order& by) {
    if (wanted.is_watch() == wanted.level.has_value())
        return fail(errc::invalid,
                    "name either a `level`, or what is to be watched: `session`, `pool`, `client`");
    return wanted.is_watch() ? add_watch(wanted, by) : set_level(wanted, by);
}

result<> more_log::set_level(const hawser::admin::log_wanted& wanted,
                             const hawser::admin::order& by) {
    const auto least = observe::level_named(*wanted.level);
    if (!least)
        return fail(errc::invalid, "a `level` is `error`, `warn`, `notice`, `info` or `debug`");
    if (by.is_trial) return {};
    observe::override_log_level(least);
    level_until_ = read_clocks().wall + wanted.lasts;
    observe::log_always(level::notice,
                        fmt::format("the log's level is {} until {}, by {} from {}", *wanted.level,
                                    crypto::text_of(*level_until_), by.who, by.from));
    return {};
}

result<> more_log::add_watch(const hawser::admin::log_wanted& wanted,
                             const hawser::admin::order& by) {
    proxy::watch made{.until = read_clocks().wall + wanted.lasts};
    if (wanted.session) {
        const auto hash = parse_session_hash(*wanted.session);
        if (!hash) return fail(errc::invalid, "a `session` is named by its hash in the access log");
        made.session = *hash;
    }
    if (wanted.pool) {
        if (node_.servers().current()->find(*wanted.pool) == nullptr)
            return fail(errc::not_found, "no pool is named " + *wanted.pool);
        made.pool = *wanted.pool;
    }
    if (wanted.client) {
        made.client = clients::network::parse(*wanted.client);
        if (!made.client)
            return fail(errc::invalid, "a `client` is an address or a network, as 10.0.0.0/8");
    }
    if (watches_.size() == limits::log_watches_max)
        return fail(errc::exhausted, "as much as can be is watched already");
    if (by.is_trial) return {};
    watches_.push_back(std::move(made));
    node_.watch(watches_);
    observe::log_always(level::notice,
                        fmt::format("requests are watched until {}, by {} from {}",
                                    crypto::text_of(watches_.back().until), by.who, by.from));
    return {};
}

void more_log::lift() {
    level_until_.reset();
    observe::override_log_level(std::nullopt);
    if (watches_.empty()) return;
    watches_.clear();
    node_.watch({});
}

void more_log::look(wall_time now) {
    if (level_until_ && now >= *level_until_) {
        level_until_.reset();
        observe::override_log_level(std::nullopt);
    }
    if (std::erase_if(watches_, [&](const auto& each) { return now >= each.until; }) != 0)
        node_.watch(watches_);
}

hawser::admin::log_status more_log::status() const {
    const auto levels = observe::present_log_levels();
    hawser::admin::log_status shown{.level = observe::name_of(levels.present),
                                    .level_of_file = observe::name_of(levels.of_settings)};
    if (level_until_) shown.until = crypto::text_of(*level_until_);
    for (const auto& each : watches_)
        shown.watches.push_back(
            {.session = each.session != 0 ? fmt::format("{:016x}", each.session) : std::string(),
             .pool = each.pool,
             .client = each.client ? each.client->text() : std::string(),
             .until = crypto::text_of(each.until)});
    return shown;
}

}  // namespace hawser::app
