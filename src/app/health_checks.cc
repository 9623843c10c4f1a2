// SPDX-License-Identifier: Apache-2.0
#include "app/health_checks.h"

#include <array>
#include <cstring>
#include <utility>

#include "async/with.h"
#include "base/limits.h"
#include "health/agent_check.h"
#include "observe/log.h"

namespace hawser::app {

namespace {

using change = health::standing::change;
using verdict = health::outcome::verdict;

/// A server that comes out of maintenance is checked within this.
constexpr auto maintenance_look = std::chrono::seconds(1);

std::string name_of(const checked_server& one) {
    return "server " + one.plan.way.pool + "/" + one.plan.way.server;
}

void tell(const checked_server& one, change what, const std::string& why) {
    if (what == change::none) return;
    const bool is_down = what == change::went_down;
    observe::log(is_down ? observe::level::warn : observe::level::notice,
                 name_of(one) + (is_down ? " down: " : " up: ") + why);
}

void show(observe::exposition& into, const checked_server& one, std::string_view name,
          std::string_view help) {
    const auto& way = one.plan.way;
    for (const auto& [result, count] : one.record.by_result)
        into.counter(name, help, {{"pool", way.pool}, {"server", way.server}, {"result", result}},
                     double(count));
    const std::string_view by = one.plan.kind ? "checks" : "agent";
    for (const auto& [to, count] :
         {std::pair("down", one.record.downs), std::pair("up", one.record.ups)})
        into.counter("health_changes_total", "How often a server went down or came up.",
                     {{"pool", way.pool}, {"server", way.server}, {"to", to}, {"by", by}},
                     double(count));
}

std::string decided_by(const checked_server& one, const health::outcome& found) {
    return std::to_string(one.standing->decided_by()) +
           (found.what == verdict::passed ? " checks passed in a row: "
                                          : " checks failed in a row: ") +
           found.text;
}

void tell_not_made(const checked_server& one, const std::string& why) {
    observe::log_sparsely(observe::level::error, "check " + name_of(one),
                          name_of(one) + " could not be checked: " + why);
}

void tell_of_agent(const checked_server& one, const std::string& why) {
    observe::log_sparsely(observe::level::warn, "agent " + name_of(one),
                          name_of(one) + ": no report of its agent: " + why);
}

}  // namespace

health_checks::health_checks(io::worker& on, scope& around, stop_source& over)
    : on_(on), around_(around), over_(over) {
    around_.spawn(run());
}

// ---- which servers --------------------------------------------------------------------------

void health_checks::follow(const proxy::pool_setup& served, const pool_health& health) {
    if (is_resting_) return;
    const std::string& name = served.servers->name();
    if (!health.check && !health.agent) return forget(name);
    auto& pool = pools_[name];
    if (!pool.by.are_of(served, health)) change_pool(pool, terms::of(served, health));
}

void health_checks::forget(std::string_view pool) {
    const auto known = pools_.find(pool);
    if (known == pools_.end()) return;
    end_all(known->second.checks);
    end_all(known->second.agents);
    pools_.erase(known);
}

void health_checks::rest() {
    is_resting_ = true;
    for (const auto& [name, pool] : pools_)
        for (const auto* all : {&pool.checks, &pool.agents})
            for (const auto& each : *all) each->ended.stop();
    pools_.clear();
}

health_checks::terms health_checks::terms::of(const proxy::pool_setup& setup,
                                              const pool_health& health) {
    return {.servers = setup.servers,
            .health = health,
            .protocol = setup.protocol,
            .tls = setup.tls,
            .tls_names = setup.tls_names,
            .host = setup.host,
            .host_text = setup.host_text};
}

bool health_checks::terms::are_of(const proxy::pool_setup& setup, const pool_health& given) const {
    return servers == setup.servers && health == given && protocol == setup.protocol &&
           tls == setup.tls && tls_names == setup.tls_names && host == setup.host &&
           host_text == setup.host_text;
}

void health_checks::change_pool(checked_pool& pool, terms by) {
    pool.by = std::move(by);
    const auto& health = pool.by.health;
    standing_table standings;
    for (const auto* all : {&pool.checks, &pool.agents})
        for (const auto& each : *all) standings.emplace(each->server->serial(), each->standing);
    std::shared_ptr<const health::check> asked;
    if (health.check) asked = health.check->make();
    follow(pool.checks, pool.by, &terms::check_of, asked, standings);
    asked.reset();
    if (health.agent) {
        const auto& says = health.agent->send;
        asked = std::make_shared<const health::agent_check>(says.empty() ? says : says + "\n");
    }
    follow(pool.agents, pool.by, &terms::agent_of, asked, standings);
}

/// Goes on with what stays as it is, begins what is new, and ends the rest. Null: nobody is asked.
void health_checks::follow(server_list& all, const terms& by,
                           check_plan (terms::*plan_of)(std::size_t) const,
                           const std::shared_ptr<const health::check>& asked,
                           standing_table& standings) {
    std::map<std::uint32_t, std::shared_ptr<checked_server>> before;
    for (auto& each : all) before.emplace(each->server->serial(), std::move(each));
    all.clear();
    for (std::size_t place = 0; asked && place < by.servers->servers().size(); ++place) {
        const auto& server = by.servers->servers()[place];
        const auto known = std::exchange(before[server->serial()], nullptr);
        auto plan = (by.*plan_of)(place);
        if (known && known->plan == plan) {
            all.push_back(known);
            continue;
        }
        auto& standing = standings[server->serial()];
        if (!standing) standing = std::make_shared<health::standing>();
        auto made =
            std::make_shared<checked_server>(server, std::move(plan), asked, standing, over_);
        if (known) {
            made->record = known->record;
            known->ended.stop();
        }
        all.push_back(made);
        wait_for(made, made->plan.pace.first(on_.turns().now().steady, draw()));
    }
    for (const auto& [serial, left] : before)
        if (left) end(*left);
}

void health_checks::end_all(server_list& all) {
    for (const auto& each : all) end(*each);
    all.clear();
}

/// What it has found is believed no longer.
void health_checks::end(checked_server& one) {
    one.ended.stop();
    if (one.plan.kind) return one.standing->forget_checks(*one.server);
    one.standing->forget_agent(*one.server);
    wish(one, upstream::admin_state::ready);
    one.server->weights.report(100);
}

void health_checks::wish(checked_server& one, upstream::admin_state wanted) {
    one.server->ask_for(wanted);
    wished_(one.plan.way.pool);
}

health::way health_checks::terms::way_to(std::size_t place) const {
    const upstream::server& to = *servers->servers()[place];
    health::way made{.pool = servers->name(),
                     .server = to.name(),
                     .address = to.address(),
                     .approach = to.approach(),
                     .secured = tls,
                     .tls_name = tls ? tls_names[place] : std::string(),
                     .speaks_h2 = protocol != proxy::server_protocol::http1,
                     .host = host_text,
                     .weight_field = health.weight_header.value_or(std::string())};
    if (health.port) made.address = io::endpoint(to.address().ip(), *health.port);
    const bool is_socket = to.address().family() == io::endpoint::kind::unix_path;
    if (host != proxy::host_policy::text) made.host = is_socket ? "localhost" : made.address.text();
    return made;
}

check_plan health_checks::terms::check_of(std::size_t place) const {
    return {.kind = health.check,
            .pace = health.pace(),
            .timeout = health.timeout,
            .rules = health.standing(),
            .way = way_to(place)};
}

/// Nobody but the agent listens there: in clear, and without a header.
check_plan health_checks::terms::agent_of(std::size_t place) const {
    const app::agent& by = *health.agent;
    check_plan made{.kind = std::nullopt,
                    .says = by.send,
                    .pace = {.interval = by.interval, .fast = by.interval},
                    .timeout = by.timeout,
                    .rules = {},
                    .way = way_to(place)};
    made.way.address = io::endpoint(servers->servers()[place]->address().ip(), by.port);
    made.way.approach.announces.reset();
    made.way.secured.reset();
    return made;
}

// ---- when -----------------------------------------------------------------------------------

task<> health_checks::run() {
    while (!over_.is_stopped()) {
        begin_due();
        const bool has_place = running_ < limits::checks_at_once_max;
        const steady_time due = has_place && !queue_.empty() ? queue_.begin()->first : no_deadline;
        (void)co_await with_deadline_at(due, stirred_.wait());
    }
}

void health_checks::begin_due() {
    const steady_time now = on_.turns().now().steady;
    while (!queue_.empty() && queue_.begin()->first <= now) {
        if (running_ == limits::checks_at_once_max) {
            is_short_ = true;
            return;
        }
        auto one = std::move(queue_.extract(queue_.begin()).mapped());
        if (one->ended.is_stopped()) continue;
        // An agent may be what asked for it, and alone can take it back.
        if (one->plan.kind && one->server->state() == upstream::admin_state::maintenance) {
            wait_for(std::move(one), now + maintenance_look);
            continue;
        }
        if (is_short_) ++delayed_;
        ++running_;
        around_.spawn(check(std::move(one)));
    }
    is_short_ = false;
}

void health_checks::wait_for(std::shared_ptr<checked_server> one, steady_time due) {
    queue_.emplace(due, std::move(one));
    stirred_.set();
}

/// From 0 to below 1.
double health_checks::draw() {
    std::array<std::uint8_t, 4> bytes;
    random_.take(bytes);
    std::uint32_t number = 0;
    std::memcpy(&number, bytes.data(), sizeof number);
    return number / 4294967296.0;
}

// ---- one check ------------------------------------------------------------------------------

task<> health_checks::check(std::shared_ptr<checked_server> one) {
    const steady_time began = on_.turns().now().steady;
    const health::visit visit(one->plan.way, on_.io(), room_);
    const auto found =
        co_await with_stop(one->ended, with_deadline(one->plan.timeout, one->asked->run(visit)));
    --running_;
    stirred_.set();
    if (one->ended.is_stopped()) co_return;
    take(*one, found, began);
    const bool is_in_doubt = one->standing->is_in_doubt();
    const steady_time now = on_.turns().now().steady;
    const steady_time due = one->plan.pace.next(began, now, is_in_doubt, draw());
    wait_for(std::move(one), due);
}

void health_checks::take(checked_server& one, const health::outcome& found, steady_time began) {
    check_record& record = one.record;
    ++record.by_result[found.kind];
    if (found.what == verdict::unknown) return tell_not_made(one, found.text);

    const instant now = on_.turns().now();
    const auto took = now.steady - began;
    record.last = check_record::last_check{
        .passed = found.what == verdict::passed,
        .text = found.text,
        .took = std::chrono::duration_cast<std::chrono::milliseconds>(took),
        .ended = now.steady};
    if (found.report) believe(one, *found.report);
    if (!one.plan.kind) {
        if (!record.last->passed) tell_of_agent(one, found.text);
        return;
    }
    pools_.find(one.plan.way.pool)
        ->second.durations.add(std::chrono::duration_cast<std::chrono::microseconds>(took));
    if (found.mark) one.server->announce(*found.mark, began);
    judge(one, found);
}

void health_checks::judge(checked_server& one, const health::outcome& found) {
    const wall_time now = on_.turns().now().wall;
    const auto changed = found.what == verdict::passed
                             ? one.standing->passed(*one.server, one.plan.rules, now)
                             : one.standing->failed(*one.server, one.plan.rules, found.is_gone);
    one.record.ups += changed == change::came_up;
    one.record.downs += changed == change::went_down;
    tell(one, changed, decided_by(one, found));
}

/// What a server says of itself.
void health_checks::believe(checked_server& one, const health::agent_report& said) {
    if (said.percent && *said.percent != one.server->weights.reported()) {
        one.server->weights.report(*said.percent);
        observe::log(observe::level::info, name_of(one) + " asks for " +
                                               std::to_string(*said.percent) + "% of its weight");
    }
    if (said.wish && *said.wish != one.server->asked_for()) {
        wish(one, *said.wish);
        observe::log(observe::level::notice,
                     name_of(one) + " asks for " + std::string(upstream::name_of(*said.wish)));
    }
    if (!said.is_fit) return;
    const auto changed = one.standing->told(*one.server, *said.is_fit, on_.turns().now().wall);
    one.record.ups += changed == change::came_up;
    one.record.downs += changed == change::went_down;
    tell(one, changed, "its agent says so");
}

// ---- what is shown --------------------------------------------------------------------------

const checked_server* health_checks::at(const server_list& all, std::size_t place) {
    return place < all.size() ? all[place].get() : nullptr;
}

const checked_server* health_checks::find(const upstream::pool& pool, std::size_t place) const {
    const auto known = pools_.find(pool.name());
    return known != pools_.end() ? at(known->second.checks, place) : nullptr;
}

const checked_server* health_checks::find_agent(const upstream::pool& pool,
                                                std::size_t place) const {
    const auto known = pools_.find(pool.name());
    return known != pools_.end() ? at(known->second.agents, place) : nullptr;
}

void health_checks::collect(observe::exposition& into) const {
    for (const auto& [name, pool] : pools_) {
        std::array<std::uint64_t, observe::request_histogram::buckets> counts;
        for (std::size_t i = 0; i < counts.size(); ++i) counts[i] = pool.durations.count(i);
        into.histogram("health_check_duration_seconds", "How long checks took.", {{"pool", name}},
                       observe::request_bounds, counts, pool.durations.sum());
        for (const auto& each : pool.checks)
            show(into, *each, "health_checks_total", "Checks made, by result.");
        for (const auto& each : pool.agents)
            show(into, *each, "agent_reports_total", "Agents asked, by what came of it.");
    }
    into.counter("health_checks_delayed_total", "Checks that had to wait for a place.", {},
                 double(delayed_));
}

}  // namespace hawser::app
