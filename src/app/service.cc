// SPDX-License-Identifier: Apache-2.0
#include "app/service.h"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "app/difference.h"
#include "app/laid_over.h"
#include "app/notify.h"
#include "async/sleep.h"
#include "crypto/key_text.h"
#include "observe/log.h"

namespace hawser::app {

namespace {

using observe::level;

constexpr auto chore_interval = std::chrono::milliseconds(100);
constexpr auto sweep_interval = std::chrono::seconds(1);
/// Servers that are found shortly after each other are served by together.
constexpr auto find_interval = std::chrono::milliseconds(100);

}  // namespace

service::service(node& served, signals& told, io::worker& control, discoveries& finders,
                 reader read_again, beginnings from)
    : node_(served),
      control_(control),
      finders_(finders),
      read_again_(std::move(read_again)),
      written_(std::move(from.written)),
      overrides_(std::move(from.set)),
      override_file_(served.settings().file().state, from.origin),
      chores_(conditions_),
      checks_(control, chores_, over_),
      more_log_(served),
      operations_(served, *this),
      endpoint_(operations_, [this] { return admin_.terms().tls; }),
      admin_(endpoint_, control, chores_, over_),
      upgrade_(served, hooks()),
      started_(control.turns().now().steady) {
    node_.metrics().add([this](observe::exposition& into) { collect(into); });
    checks_.on_wish([this](const std::string& pool) { node_.look_at_wish(pool); });
    node_.shared_servers().post_by(
        [this](std::function<void()> what) { control_.post(std::move(what)); });
    node_.shared_servers().on_wish([this](const std::shared_ptr<upstream::server>& which,
                                          const std::string& pool, upstream::admin_state wanted) {
        control_.post([=, this] { ask_for(which, pool, wanted); });
    });
    node_.on_change([this](std::span<const std::string> pools) { check(pools); });
    check_all();
    // Who comes first is served by them already.
    node_.drains().remember_by([this](const upstream::pool& pool, const upstream::server& server) {
        return earlier_drain_of(pool.name(), server.name());
    });
    node_.look_at_drains();
    admin_.change_to(std::move(from.admin));
    told.listen([this](int number) { control_.post([this, number] { signalled(number); }); });
    chores_.spawn(keep_house());
    chores_.spawn(follow_finders());
}

service::~service() = default;

void service::check(std::span<const std::string> pools) {
    for (const auto& name : pools) {
        if (const auto setup = node_.find_setup(name))
            checks_.follow(*setup, node_.settings().at(name).health);
        else
            checks_.forget(name);
    }
}

void service::check_all() { check(parts_changed(configuration(), node_.settings()).pools); }

/// In the other process of an upgrade, a server has asked for that.
void service::ask_for(const std::shared_ptr<upstream::server>& which, const std::string& pool,
                      upstream::admin_state wanted) {
    which->ask_for(wanted);
    node_.look_at_wish(pool);
}

succession::hooks service::hooks() {
    return {.post = [this](std::function<void()> what) { control_.post(std::move(what)); },
            .sockets =
                [this] {
                    auto all = node_.sockets();
                    all.push_back(admin_.sockets());
                    return all;
                },
            .leave_operator = [this] { admin_.leave(); },
            .totals = [this] { return node_.metrics().totals(); },
            .return_to_operator = [this] { admin_.resume(); },
            .retire = [this](pid_t successor) { retire(successor); },
            .heed_overrides = [this] { heed_overrides(); },
            .heed_reload = [this] { heed_reload(); },
            .lose_successor = [this] { lose_successor(); }};
}

result<pid_t> service::begin_upgrade(std::string binary) {
    if (phase_ != phase::serves) return fail(errc::unavailable, "the node is stopping");
    if (former_ != 0)
        return fail(errc::unavailable, "process " + std::to_string(former_) +
                                           ", from the last upgrade, has connections left");
    return upgrade_.begin(std::move(binary));
}

upgrade_status service::upgrade_state() const {
    if (former_ != 0) return {.phase = upgrade_phase::follows, .other = former_};
    return upgrade_.status();
}

void service::take_over(takeover& from) {
    former_ = ::getppid();
    taken_from_ = &from;
    node_.drains().share_with_former(true);
    from.follow({.retired =
                     [this](std::optional<state::channel> records) {
                         // Before, the service manager would not have listened to this process.
                         control_.post([this, records = std::move(records)]() mutable {
                             node_.take_over_data(std::move(records));
                             node_.keep_sockets();
                             node_.hold_state();
                             notify_service_manager("READY=1");
                         });
                     },
                 .ended = [this] { control_.post([this] { lose_former(); }); }});
}

void service::lose_former() {
    former_ = 0;
    taken_from_ = nullptr;
    node_.take_over_data(std::nullopt);
    node_.hold_state();
    node_.drains().share_with_former(false);
    node_.shared_servers().end();
}

/// Whoever is served here has only this process left, which judges for itself again.
void service::lose_successor() {
    if (phase_ == phase::over) return;
    node_.shared_servers().end();
    checks_.resume();
    check_all();
}

/// The new process serves; this one has until `upgrade-timeout` to end what it has.
void service::retire(pid_t successor) {
    phase_ = phase::retires;
    successor_ = successor;
    stop_end_ = control_.turns().now().steady + node_.settings().file().upgrade_timeout;
    notify_service_manager("MAINPID=" + std::to_string(successor));
    observe::log(level::notice, "upgrade: process " + std::to_string(successor) +
                                    " serves; this one ends what it has");
    checks_.rest();
    node_.shared_servers().decide(false);
    node_.retire(std::min(limits::farewell_time, node_.settings().file().upgrade_timeout / 3));
}

int service::run() {
    notify_service_manager("READY=1");
    control_.run_until([this] { return phase_ == phase::over && chores_.running() == 0; });
    return 0;
}

/// TERM and INT end gracefully within a limit, a second one at once; QUIT without limit; HUP and
/// USR2 reload; USR1 opens logs anew.
void service::signalled(int number) {
    switch (number) {
        case SIGHUP:
        case SIGUSR2: (void)reload(); return;
        case SIGUSR1:
            node_.reopen_logs();
            admin_.audit().reopen();
            return;
        default: break;
    }
    if (phase_ == phase::over) return;
    if (phase_ == phase::drains) {
        stop_end_ = control_.turns().now().steady;
        return;
    }
    begin_stop(number == SIGQUIT ? std::nullopt
                                 : std::optional(node_.settings().file().stop_timeout));
}

void service::begin_stop(std::optional<std::chrono::milliseconds> limit) {
    phase_ = phase::drains;
    upgrade_.abandon();
    observe::log(level::notice, "stopping: what is under way may end");
    notify_service_manager("STOPPING=1");
    stop_end_ = limit ? control_.turns().now().steady + *limit : no_deadline;
    // Whoever is told last has most of the time left to go.
    node_.drain(limit ? std::min(limits::farewell_time, *limit / 3) : limits::farewell_time);
}

result<> service::reload() {
    if (upgrade_.is_undecided()) {
        reload_is_due_ = true;
        return fail(errc::unavailable, "an upgrade is under way: the reload comes after it");
    }
    if (phase_ != phase::serves) return fail(errc::unavailable, "the node is stopping");
    const auto now = std::chrono::duration_cast<std::chrono::microseconds>(
        std::chrono::steady_clock::now().time_since_epoch());
    notify_service_manager("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(now.count()));
    const steady_time began = read_clocks().steady;
    auto read = read_again_();
    const steady_time has_read = read_clocks().steady;
    // What there was is let go of when all is served anew: freeing goes with the size of the file.
    const effective former = node_.settings();
    steady_time compared = has_read;
    const auto changed = change_to(read, compared);
    const auto took = [](steady_time::duration time) {
        return std::chrono::duration<double, std::milli>(time).count();
    };
    ++reloads_;
    last_reload_succeeded_ = changed.has_value();
    if (changed)
        observe::log(level::notice,
                     fmt::format("reloaded: {:.1f} ms to read and check, {:.1f} to compare, {:.1f} "
                                 "to serve by it",
                                 took(has_read - began), took(compared - has_read),
                                 took(read_clocks().steady - compared)));
    else
        observe::log(level::error,
                     "reload failed, nothing has changed: " + changed.error().context);
    notify_service_manager("READY=1");
    return changed;
}

/// All of it, or nothing (E172). What was read before is in `read` afterwards; `compared` is when
/// it was known what differs.
result<> service::change_to(loaded& read, steady_time& compared) {
    if (!read.settings) return fail(errc::invalid, read.problems.text());
    passed_sockets none;
    auto admin = admin_door::prepare(read.settings->admin, read.written, none, admin_.place());
    if (!admin) return std::unexpected(std::move(admin.error()));
    overrides next = overrides_;
    const auto overtaken = next.yield_to(*read.settings);
    const effective before = node_.settings();
    const auto fleet = node_.servers().current();
    const auto wanted = over(std::move(*read.settings), next);
    auto changed = parts_changed(before, wanted);
    compared = read_clocks().steady;
    if (auto done = node_.change_to(wanted, std::move(changed), read.written); !done) return done;
    admin_.change_to(std::move(*admin));
    std::swap(written_, read.written);
    finders_.change_to(written(), {.settings = before, .fleet = *fleet});
    if (taken_from_ != nullptr) taken_from_->tell_of_reload();
    if (overtaken.empty()) return {};
    overrides_ = std::move(next);
    tell_of_overtaken(overtaken);
    if (const auto warning = keep_overrides(); !warning.empty()) observe::log(level::warn, warning);
    return {};
}

result<hawser::admin::outcome> service::try_reload() {
    if (phase_ != phase::serves) return fail(errc::unavailable, "the node is stopping");
    loaded read = read_again_();
    if (!read.settings) return fail(errc::invalid, read.problems.text());
    auto set = overrides_;
    (void)set.yield_to(*read.settings);
    const auto wanted = over(std::move(*read.settings), set);
    const auto changed = parts_changed(node_.settings(), wanted).pools;
    if (auto fine = node_.check_servers(wanted, changed, read.written); !fine)
        return std::unexpected(std::move(fine.error()));
    const auto tree_of = config::codec<configuration>::show;
    return hawser::admin::outcome{
        .generation = node_.servers().current()->number,
        .homes = abandoned_by(node_.settings(), wanted, changed),
        .differences = differences(tree_of(node_.settings().whole()), tree_of(wanted.whole()))};
}

result<std::string> service::override_with(overrides next) {
    if (upgrade_.is_undecided())
        return fail(errc::unavailable, "an upgrade is under way: try again when it is decided");
    if (phase_ != phase::serves) return fail(errc::unavailable, "the node is stopping");
    if (auto changed = change_servers(next, overrides_.pools_unlike(next)); !changed)
        return std::unexpected(std::move(changed.error()));
    overrides_ = std::move(next);
    auto warning = keep_overrides();
    if (!warning.empty()) observe::log(level::warn, warning);
    return warning;
}

/// A disk that is full must not keep an operator from draining a server.
std::string service::keep_overrides() const {
    const auto saved = override_file_.save(overrides_);
    if (taken_from_ != nullptr) taken_from_->tell_of_overrides();
    if (saved) return {};
    return "what is set at run time will not outlive this process: " + saved.error().context;
}

/// The process that serves now has been told something else by people: it holds for whom this one
/// still has, too.
void service::heed_overrides() {
    if (phase_ == phase::over) return;
    auto next = override_file_.load();
    if (const auto changed = change_servers(next, overrides_.pools_unlike(next)); !changed)
        return observe::log(level::warn, "what people have set cannot be served by here: " +
                                             changed.error().context);
    overrides_ = std::move(next);
    observe::log(level::notice, "upgrade: what people set there holds here, too");
}

/// The process that serves now has read another file: the servers of the pools that both have are
/// those of that file. What else it changes is for requests that are accepted there.
void service::heed_reload() {
    if (phase_ == phase::over) return;
    auto read = read_again_();
    if (!read.settings)
        return observe::log(level::warn, "what the new process has read cannot be read here: " +
                                             read.problems.text());
    auto before = std::exchange(heeded_, {});
    std::vector<std::string> changed;
    for (const auto& [name, was] : written().pools) {
        const auto is = read.settings->pools.find(name);
        const auto heeded = before.find(name);
        const auto& servers = heeded != before.end() ? heeded->second.servers : was.servers;
        const auto& next = is != read.settings->pools.end() ? is->second.servers : servers;
        if (next != servers) changed.push_back(name);
        if (next != was.servers) heeded_.emplace(name, was).first->second.servers = next;
    }
    if (changed.empty()) return;
    if (const auto done = change_servers(overrides_, changed); !done) {
        heeded_ = std::move(before);
        return observe::log(level::warn,
                            "servers that the new process has read of cannot be "
                            "served by here: " +
                                done.error().context);
    }
    observe::log(level::notice,
                 "upgrade: the servers that the new process has read of are those "
                 "here, too");
}

/// The file with the servers that were found and with what people have set. A pool for which none
/// of that is another stays the object that it was.
effective service::over(configuration file, const overrides& set) const {
    const present_servers present{.settings = node_.settings(),
                                  .fleet = *node_.servers().current()};
    const auto unlike = overrides_.pools_unlike(set);
    effective made(std::move(file));
    for (const auto& [name, of_file] : made.file().pools) {
        auto before = node_.settings().laid_over(name);
        const auto was = written().pools.find(name);
        const bool stays = before != nullptr && was != written().pools.end() &&
                           was->second == of_file && !finders_.has_changed(name) &&
                           !std::ranges::binary_search(unlike, name);
        made.lay_over(
            name, stays ? std::move(before) : laid_over(name, of_file, {finders_, set, present}));
    }
    return made;
}

effective service::with_servers(const overrides& set, std::span<const std::string> pools) const {
    const present_servers present{.settings = node_.settings(),
                                  .fleet = *node_.servers().current()};
    auto made = node_.settings().without_others();
    for (const auto& name : pools) {
        const auto found = written().pools.find(name);
        if (found == written().pools.end()) continue;
        const auto heeded = heeded_.find(name);
        const pool& base = heeded != heeded_.end() ? heeded->second : found->second;
        auto over = laid_over(name, base, {finders_, set, present});
        if (!over && heeded != heeded_.end()) over = std::make_shared<const pool>(base);
        made.lay_over(name, std::move(over));
    }
    return made;
}

/// The servers are those of the file, those that were found, and what `set` says of both.
result<> service::change_servers(const overrides& set, std::span<const std::string> pools) {
    return node_.change_servers(with_servers(set, pools), pools, written_);
}

task<> service::follow_finders() {
    while (co_await finders_.changed().wait()) {
        auto found = finders_.take_changed();
        const std::vector<std::string> pools(found.begin(), found.end());
        if (const auto changed = change_servers(overrides_, pools); !changed) {
            finders_.put_back(std::move(found));
            observe::log(level::error,
                         "what was found cannot be served by: " + changed.error().context);
        }
        (void)co_await sleep_for(find_interval);
    }
}

/// Who is found no more is drained, and then gone.
void service::let_leavers_go() {
    finders_.let_go([this](std::string_view pool, std::string_view name) {
        const auto* servers = node_.servers().current()->find(pool);
        const auto* one = servers != nullptr ? servers->find(name) : nullptr;
        return one == nullptr || node_.drains().is_drained(*one);
    });
}

/// As whoever set its state said.
std::optional<earlier_drain> service::earlier_drain_of(const std::string& pool,
                                                       const std::string& server) const {
    const auto* set = overrides_.find(pool, server, override_field::state);
    if (set == nullptr || set->state != upstream::admin_state::drain) return std::nullopt;
    earlier_drain known;
    if (set->drain) known.number = set->drain->number;
    if (set->drain) known.policy = set->drain->terms.policy();
    known.is_over = set->drain && !set->drain->outcome.empty();
    known.was_in_time = set->drain && set->drain->outcome == drain::ended_empty;
    if (const auto when = crypto::parse_time(set->when))
        known.age = std::max(read_clocks().wall - *when, std::chrono::milliseconds(0));
    return known;
}

/// What has ended does not begin anew in the next process.
void service::remember_ended_drains() {
    const auto ended = node_.drains().counts().ended();
    if (std::exchange(drains_ended_, ended) == ended) return;
    const auto before = overrides_;
    for (const auto& [id, one] : node_.drains().all())
        if (one.phase == drain_phase::drained)
            overrides_.remember(one.pool, one.server->name(),
                                {.number = one.number,
                                 .terms = drain_settings::of(one.policy),
                                 .outcome = std::string(one.outcome())});
    if (overrides_ == before) return;
    if (const auto warning = keep_overrides(); !warning.empty()) observe::log(level::warn, warning);
}

void service::collect(observe::exposition& into) const {
    finders_.collect(into);
    into.counter("config_reloads_total", "Reloads tried.", {}, double(reloads_));
    into.gauge("config_last_reload_success", "1: the last reload, or the start, succeeded.", {},
               last_reload_succeeded_ ? 1 : 0);
    into.gauge("config_generation", "Grows by one with each configuration that is served by.", {},
               double(node_.servers().current()->number));
    checks_.collect(into);
    windows_.collect(into);
    circuits_.collect(*node_.servers().current(), into);
}

/// Expires sessions, feeds the watchdog, and sees when a stop is over.
task<> service::keep_house() {
    steady_time swept = control_.turns().now().steady;
    bool is_more_due = false;
    while (phase_ != phase::over) {
        (void)co_await sleep_for(chore_interval);
        node_.look_at_limits();
        node_.look_at_drains();
        remember_ended_drains();
        node_.look_at_idle_times(control_.turns().now().steady);
        node_.warm_up();
        more_log_.look(control_.turns().now().wall);
        write_audited();
        const steady_time now = control_.turns().now().steady;
        const bool is_time = now - swept >= sweep_interval;
        if (is_time || is_more_due)
            is_more_due = node_.sessions().sweep(now, 16 * node_.sessions().shards());
        if (is_time) {
            swept = now;
            node_.count_sessions();
            if (successor_ != 0) upgrade_.tell(node_.metrics().totals());
            if (!checks_.is_resting())
                windows_.look(*node_.servers().current(), control_.turns().now());
            circuits_.look(*node_.servers().current(), control_.turns().now());
            let_leavers_go();
            node_.rebalance();
            node_.keep();
            if (node_.workers().have_all_turned()) notify_service_manager("WATCHDOG=1");
        }
        look_at_upgrade();
        look_at_end(now);
    }
    write_audited();
    if (successor_ != 0) upgrade_.tell(node_.metrics().totals());
    upgrade_.end();
    admin_.release();
    over_.stop();
}

/// By the thread that writes all of it: workers wait for no file.
void service::write_audited() {
    for (const auto& each : node_.take_audited()) admin_.audit().write(each);
}

void service::look_at_upgrade() {
    if (!reload_is_due_ || upgrade_.is_undecided()) return;
    reload_is_due_ = false;
    if (successor_ != 0)
        ::kill(successor_, SIGHUP);
    else
        (void)reload();
}

void service::look_at_end(steady_time now) {
    if (phase_ == phase::serves || upgrade_.is_undecided()) return;
    const bool is_late = now >= stop_end_;
    if (phase_ == phase::retires && is_late)
        return begin_stop(node_.settings().file().stop_timeout);
    if (is_late || node_.is_quiet()) phase_ = phase::over;
}

}  // namespace hawser::app
