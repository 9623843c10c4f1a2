// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <string_view>
#include <thread>
#include <utility>

#include "app/passed_sockets.h"
#include "app/server_news.h"
#include "base/result.h"
#include "observe/exposition.h"
#include "registry/registry.h"
#include "state/channel.h"
#include "upstream/snapshot.h"

namespace hawser::app {

/// The new process of an upgrade: learns from the old one what it knows, gets its sockets, and goes
/// on listening to what the old one still claims until that has ended.
///
/// Every failure before `accept` ends this process, and the old one goes on.
class takeover {
  public:
    /// In a process that an old one has started; nothing in others. Before other threads run.
    [[nodiscard]] static std::optional<takeover> begin();

    explicit takeover(state::channel with) : channel_(std::move(with)) {}
    takeover(takeover&&) = default;
    takeover& operator=(takeover&&) = delete;
    ~takeover();

    /// Says who is here, and takes the sockets on which the old process goes on accepting.
    [[nodiscard]] result<> take_sockets(passed_sockets& into);
    /// Everything that the old process knows so far.
    [[nodiscard]] result<> learn(registry::registry& sessions, const upstream::snapshot& servers);
    /// Says that nothing can fail any more; returns when nobody answers the operator. From now on
    /// what is bound here is noted, a thread follows what the old one tells, and another one tells
    /// it what it must know, as its clients may be the same people.
    [[nodiscard]] result<> wait_for_go(registry::registry& sessions, observe::metrics& counted,
                                       server_news& servers);
    /// Tells the old process why there will be no new one.
    void fail(std::string_view why);

    /// Called by the thread that follows.
    struct events {
        /// This is the main process, and what applications keep comes by that, if at all.
        std::function<void(std::optional<state::channel> records)> retired = [](auto&&) {};
        std::function<void()> ended = [] {};  ///< the old one is gone
    };

    /// This process accepts on every socket.
    void follow(events told);
    /// What people have set is another: for as long as the old process has connections, it holds
    /// for them, too.
    void tell_of_overrides() noexcept { *has_overrides_ = true; }
    /// The same of the servers that the file names.
    void tell_of_reload() noexcept { *has_reloaded_ = true; }

  private:
    void serve_beside(registry::registry& sessions, observe::metrics& counted,
                      server_news& servers);
    void listen(registry::registry& sessions, observe::metrics& counted, server_news& servers);
    [[nodiscard]] result<> tell_more(server_news& servers);

    state::channel channel_;
    std::promise<events> follower_;
    std::shared_future<events> told_ = follower_.get_future().share();
    std::unique_ptr<std::atomic<bool>> is_accepting_ = std::make_unique<std::atomic<bool>>(false);
    bool has_said_accepting_ = false;
    std::unique_ptr<std::atomic<bool>> has_overrides_ = std::make_unique<std::atomic<bool>>(false);
    std::unique_ptr<std::atomic<bool>> has_reloaded_ = std::make_unique<std::atomic<bool>>(false);
    std::jthread thread_;
};

}  // namespace hawser::app
