// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "app/node.h"
#include "base/result.h"
#include "observe/former_totals.h"
#include "state/channel.h"

namespace hawser::app {

/// How far the upgrade of the binary is, as operators see it.
enum class upgrade_phase : std::uint8_t {
    none,      ///< nobody asked for one, or the former process has ended
    starts,    ///< the new process reads its configuration and takes over what is known
    finishes,  ///< in the old process: the new one serves, this one ends what it has
    follows,   ///< in the new process: the old one has connections left
    failed,    ///< this process goes on as if nothing had been
};

[[nodiscard]] std::string_view name_of(upgrade_phase phase) noexcept;

struct upgrade_status {
    upgrade_phase phase = upgrade_phase::none;
    pid_t other = 0;       ///< the process at the other end
    std::string why = {};  ///< it failed
};

/// The old process of an upgrade: starts the new one, tells it all it must know, and lets go of the
/// sockets once the new one accepts on each of them.
///
/// Until the new one has said so this process serves as ever, and does so again if that never
/// comes. One thread tells, another one hears; what touches the node is run on the control thread.
class succession {
  public:
    /// What the control thread is asked to do, and is waited for.
    struct hooks {
        std::function<void(std::function<void()>)> post;         ///< runs it there, later
        std::function<std::vector<std::vector<int>>()> sockets;  ///< all that listen, by place
        std::function<void()> leave_operator;                    ///< the admin address is nobody's
        std::function<std::vector<observe::total>()> totals;     ///< what was counted so far
        std::function<void()> return_to_operator;                ///< it is ours again
        std::function<void(pid_t)> retire;                       ///< the new process serves
        std::function<void()> heed_overrides;                    ///< people set something there
        std::function<void()> heed_reload;                       ///< it serves by another file
        std::function<void()> lose_successor;                    ///< it has ended before this one
    };

    succession(node& served, hooks asked) : node_(served), hooks_(std::move(asked)) {}
    ~succession();
    succession(const succession&) = delete;
    succession& operator=(const succession&) = delete;

    /// Starts `binary`, or that of this process, with the arguments and the environment that this
    /// process has. `invalid` if it may not be run, `unavailable` while an upgrade is under way.
    [[nodiscard]] result<pid_t> begin(std::string binary);

    /// The node stops: an upgrade that is not decided yet fails.
    void abandon();
    /// What was counted here since, once the new process serves: its counters go on from there.
    void tell(std::vector<observe::total> counted);
    /// Whether this process or another one will serve.
    [[nodiscard]] bool is_undecided() const { return status().phase == upgrade_phase::starts; }
    /// Nothing is under way here any more: tells the new process the rest and lets it go.
    void end();

    [[nodiscard]] upgrade_status status() const;

  private:
    /// Of the new process, once nobody answers the operator.
    enum class stage : std::uint8_t { starts, accepts, serves, late };

    void run(const std::stop_token& stop);
    [[nodiscard]] result<> hand_over();
    [[nodiscard]] result<> send_sockets(steady_time end);
    [[nodiscard]] result<> send_sessions(steady_time end);
    [[nodiscard]] result<> send_totals(std::span<const observe::total> all, steady_time end);
    [[nodiscard]] result<> send_news_of_totals();
    [[nodiscard]] result<> let_go(const std::stop_token& stop);
    [[nodiscard]] result<> tell_more(steady_time start_end);
    [[nodiscard]] bool is_late(steady_time start_end);
    [[nodiscard]] result<> say_retired(steady_time end);
    [[nodiscard]] error listen();
    [[nodiscard]] result<> take(const state::message& told);
    void go_on_as_before(const error& why);
    void retire();
    void on_control(const std::function<void()>& what);
    void show(upgrade_phase phase);

    node& node_;
    hooks hooks_;
    std::optional<state::channel> channel_;
    pid_t child_ = 0;
    mutable std::mutex mutex_;
    upgrade_status status_;
    std::vector<observe::total> counted_;  ///< to be told
    std::atomic<stage> stage_ = stage::starts;
    bool has_said_retired_ = false;
    std::optional<state::channel> records_;  ///< to be told with it
    std::jthread thread_;
};

}  // namespace hawser::app
