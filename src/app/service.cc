// SPDX-License-Identifier: Apache-2.0
#include "app/service.h"

#include <signal.h>

#include <string>
#include <utility>

#include "app/notify.h"
#include "async/sleep.h"
#include "observe/log.h"

namespace hawser::app {

namespace {

using observe::level;

constexpr auto chore_interval = std::chrono::milliseconds(100);
constexpr auto sweep_interval = std::chrono::seconds(1);

}  // namespace

service::service(node& served, signals& told, io::worker& control, reader read_again)
    : node_(served), control_(control), read_again_(std::move(read_again)), chores_(conditions_) {
    told.listen([this](int number) { control_.post([this, number] { signalled(number); }); });
    chores_.spawn(keep_house());
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
        case SIGUSR1: node_.reopen_logs(); return;
        default: break;
    }
    if (phase_ != phase::serves) {
        stop_end_ = control_.turns().now().steady;
        return;
    }
    begin_stop(number == SIGQUIT ? std::nullopt : std::optional(node_.settings().stop_timeout));
}

void service::begin_stop(std::optional<std::chrono::milliseconds> limit) {
    phase_ = phase::drains;
    observe::log(level::notice, "stopping: what is under way may end");
    notify_service_manager("STOPPING=1");
    if (limit) stop_end_ = control_.turns().now().steady + *limit;
    node_.drain();
}

result<> service::reload() {
    if (phase_ != phase::serves) return fail(errc::unavailable, "the node is stopping");
    const auto now = std::chrono::duration_cast<std::chrono::microseconds>(
        std::chrono::steady_clock::now().time_since_epoch());
    notify_service_manager("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(now.count()));
    auto read = read_again_();
    result<> changed;
    if (!read.settings)
        changed = fail(errc::invalid, read.problems.text());
    else
        changed = node_.change_to(*read.settings);
    ++reloads_;
    last_reload_succeeded_ = changed.has_value();
    if (changed)
        observe::log(level::notice, "reloaded");
    else
        observe::log(level::error,
                     "reload failed, nothing has changed: " + changed.error().context);
    notify_service_manager("READY=1");
    return changed;
}

/// Expires sessions, feeds the watchdog, and sees when a stop is over.
task<> service::keep_house() {
    steady_time swept = control_.turns().now().steady;
    while (phase_ != phase::over) {
        (void)co_await sleep_for(chore_interval);
        const steady_time now = control_.turns().now().steady;
        if (now - swept >= sweep_interval) {
            swept = now;
            node_.sessions().sweep(now, 16 * node_.sessions().shards());
            if (node_.workers().have_all_turned()) notify_service_manager("WATCHDOG=1");
        }
        if (phase_ == phase::drains && (now >= stop_end_ || node_.is_quiet())) phase_ = phase::over;
    }
}

}  // namespace hawser::app
