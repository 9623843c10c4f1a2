// SPDX-License-Identifier: Apache-2.0
#include "state/records.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <limits>
#include <utility>

#include "base/limits.h"

namespace hawser::state {

namespace {

enum flag : std::uint8_t {
    tentative = 1,
    carried = 2,
    pinned = 4,
    away = 8,
    movable = 16,
    valuable = 32,
    extended = 64,
    flags_end = 128,
};
enum finding_flag : std::uint8_t { was_gone = 1, has_passed = 2, finding_flags_end = 4 };

/// Why a session is over, as it is numbered.
constexpr std::array ends = {affinity::cause::none, affinity::cause::ended,
                             affinity::cause::replayed};

template <typename Record, typename Read>
std::optional<std::vector<Record>> read_all(std::span<const std::uint8_t> text, std::size_t size,
                                            Read read_one) {
    if (text.size() % size != 0) return std::nullopt;
    std::vector<Record> all;
    all.reserve(text.size() / size);
    for (; !text.empty(); text = text.subspan(size)) {
        reader from(text.first(size));
        auto one = read_one(from);
        if (!one) return std::nullopt;
        all.push_back(std::move(*one));
    }
    return all;
}

std::optional<registry::record> read_session(reader& from) {
    registry::record made;
    made.pool = pool_id{from.number<std::uint64_t>()};
    made.name_low = from.number<std::uint64_t>();
    made.name_high = from.number<std::uint64_t>();
    std::ranges::copy(from.raw(made.home.session.bytes.size()), made.home.session.bytes.begin());
    made.home.home = server_id{from.number<std::uint64_t>()};
    made.home.instance = from.number<std::uint32_t>();
    made.home.born = from.number<std::uint32_t>();
    made.home.issued = from.number<std::uint32_t>();
    made.home.moves = from.number<std::uint16_t>();
    made.last_seen = from.number<std::uint32_t>();
    made.what.kind = from.number<std::uint8_t>();
    made.what.session_class = from.number<std::uint8_t>();
    made.what.user = from.number<std::uint64_t>();
    const auto flags = from.number<std::uint8_t>();
    if (flags >= flags_end || made.pool == pool_id{}) return std::nullopt;
    made.tentative = (flags & tentative) != 0;
    made.carried = (flags & carried) != 0;
    made.pinned = (flags & pinned) != 0;
    made.away = (flags & away) != 0;
    made.movable = (flags & movable) != 0;
    made.valuable = (flags & valuable) != 0;
    made.extended = (flags & extended) != 0;
    return made;
}

std::optional<registry::ending> read_ending(reader& from) {
    registry::ending made;
    made.pool = pool_id{from.number<std::uint64_t>()};
    std::ranges::copy(from.raw(made.session.bytes.size()), made.session.bytes.begin());
    made.name_low = from.number<std::uint64_t>();
    made.name_high = from.number<std::uint64_t>();
    const auto why = from.number<std::uint8_t>();
    made.until = from.number<std::uint32_t>();
    if (why >= ends.size() || made.pool == pool_id{}) return std::nullopt;
    made.why = ends[why];
    return made;
}

std::optional<server_record> read_server(reader& from) {
    server_record made;
    made.id = server_id{from.number<std::uint64_t>()};
    made.instance = from.number<std::uint32_t>();
    made.outages = from.number<std::uint32_t>();
    made.out_until = from.number<std::uint64_t>();
    made.came_back = from.number<std::uint64_t>();
    if (made.id == no_server_id) return std::nullopt;
    return made;
}

std::optional<finding> read_finding(reader& from) {
    finding made;
    made.id = server_id{from.number<std::uint64_t>()};
    made.is = finding::fitness{from.number<std::uint8_t>()};
    made.out_until = from.number<std::uint64_t>();
    made.came_back = from.number<std::uint64_t>();
    made.outages = from.number<std::uint32_t>();
    const auto flags = from.number<std::uint8_t>();
    made.instance = from.number<std::uint32_t>();
    made.weight = from.number<std::uint32_t>();
    made.asked = upstream::admin_state{from.number<std::uint8_t>()};
    made.turn = from.number<std::uint32_t>();
    made.places = from.number<std::uint32_t>();
    made.changes = from.number<std::uint32_t>();
    made.was_gone = (flags & was_gone) != 0;
    made.has_passed = (flags & has_passed) != 0;
    constexpr auto end_of_time = std::uint64_t(std::numeric_limits<std::int64_t>::max());
    const bool is_out = made.is == finding::fitness::out;
    if (made.id == no_server_id || made.is > finding::fitness::down || flags >= finding_flags_end ||
        made.asked > upstream::admin_state::maintenance || made.weight > 100 ||
        made.out_until >= end_of_time || is_out != (made.out_until != 0))
        return std::nullopt;
    return made;
}

std::uint64_t milliseconds_of(wall_time when) {
    return static_cast<std::uint64_t>(std::max<std::int64_t>(when.time_since_epoch().count(), 0));
}

}  // namespace

void append(const registry::record& one, bytes& out) {
    writer to(out);
    to.number(std::to_underlying(one.pool));
    to.number(one.name_low);
    to.number(one.name_high);
    to.raw(one.home.session.bytes);
    to.number(std::to_underlying(one.home.home));
    to.number(one.home.instance);
    to.number(one.home.born);
    to.number(one.home.issued);
    to.number(one.home.moves);
    to.number(one.last_seen);
    to.number(one.what.kind);
    to.number(one.what.session_class);
    to.number(one.what.user);
    to.number(static_cast<std::uint8_t>(
        (one.tentative ? tentative : 0) | (one.carried ? carried : 0) | (one.pinned ? pinned : 0) |
        (one.away ? away : 0) | (one.movable ? movable : 0) | (one.valuable ? valuable : 0) |
        (one.extended ? extended : 0)));
}

void append(const registry::ending& one, bytes& out) {
    writer to(out);
    to.number(std::to_underlying(one.pool));
    to.raw(one.session.bytes);
    to.number(one.name_low);
    to.number(one.name_high);
    to.number(static_cast<std::uint8_t>(std::ranges::find(ends, one.why) - ends.begin()));
    to.number(one.until);
}

void append(const server_record& one, bytes& out) {
    writer to(out);
    to.number(std::to_underlying(one.id));
    to.number(one.instance);
    to.number(one.outages);
    to.number(one.out_until);
    to.number(one.came_back);
}

void append(const finding& one, bytes& out) {
    writer to(out);
    to.number(std::to_underlying(one.id));
    to.number(std::to_underlying(one.is));
    to.number(one.out_until);
    to.number(one.came_back);
    to.number(one.outages);
    to.number(static_cast<std::uint8_t>((one.was_gone ? was_gone : 0) |
                                        (one.has_passed ? has_passed : 0)));
    to.number(one.instance);
    to.number(one.weight);
    to.number(std::to_underlying(one.asked));
    to.number(one.turn);
    to.number(one.places);
    to.number(one.changes);
}

std::optional<std::vector<registry::record>> read_sessions(std::span<const std::uint8_t> text) {
    return read_all<registry::record>(text, session_size, read_session);
}

std::optional<std::vector<registry::ending>> read_endings(std::span<const std::uint8_t> text) {
    return read_all<registry::ending>(text, ending_size, read_ending);
}

std::optional<std::vector<server_record>> read_servers(std::span<const std::uint8_t> text) {
    return read_all<server_record>(text, server_size, read_server);
}

std::optional<std::vector<finding>> read_findings(std::span<const std::uint8_t> text) {
    return read_all<finding>(text, finding_size, read_finding);
}

server_record record_of(const upstream::server& one, const instant& now) {
    server_record made{.id = one.id(),
                       .instance = one.instance(),
                       .outages = one.outliers.outages.load(std::memory_order_relaxed)};
    if (!one.health.is_up()) {
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
            one.health.out_until() - now.steady);
        made.out_until = std::max<std::uint64_t>(milliseconds_of(now.wall + left), 1);
    }
    made.came_back = milliseconds_of(one.health.came_back());
    return made;
}

void restore(upstream::server& one, const server_record& told, const instant& now) {
    if (told.instance != 0) one.announce(told.instance, now.steady);
    const auto at = [](std::uint64_t when) {
        return wall_time(std::chrono::milliseconds(static_cast<std::int64_t>(when)));
    };
    if (told.came_back != 0) one.health.remember_return(at(told.came_back));
    if (told.out_until == 0) return;
    one.outliers.outages.store(told.outages, std::memory_order_relaxed);
    // A clock that was set back must not keep a server out for longer than any rule does.
    const auto left = std::clamp(at(told.out_until) - now.wall, std::chrono::milliseconds(0),
                                 limits::outage_restored_max);
    one.health.take_out(now.steady + left);
}

finding finding_of(const upstream::server& one) {
    constexpr auto relaxed = std::memory_order_relaxed;
    finding made{.id = one.id(),
                 .came_back = milliseconds_of(one.health.came_back()),
                 .outages = one.outliers.outages.load(relaxed),
                 .was_gone = one.outliers.was_gone.load(relaxed),
                 .has_passed = one.has_passed_checks.load(relaxed),
                 .instance = one.instance(),
                 .weight = one.weights.reported()};
    // Looked at once, as it may change meanwhile: up and down have moments of their own.
    const auto until = one.health.out_until();
    if (until == steady_time::max()) {
        made.is = finding::fitness::down;
    } else if (until != steady_time()) {
        made.is = finding::fitness::out;
        made.out_until = std::uint64_t(until.time_since_epoch().count());
    }
    return made;
}

}  // namespace hawser::state
