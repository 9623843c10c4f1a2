// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <stop_token>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "registry/registry.h"
#include "state/bytes.h"
#include "state/channel.h"

namespace hawser::app {

/// What one process of an upgrade tells the other of its sessions, while both have clients.
///
/// Used by a thread that serves nobody; the registry notes what changes, and looks for it in
/// slices.
class session_news {
  public:
    session_news(registry::registry& sessions, state::channel& with)
        : sessions_(sessions), with_(with) {}

    /// Every session that there is, and what changes meanwhile, but for a few; from now on changes
    /// are noted.
    [[nodiscard]] result<> tell_all(steady_time end);

    /// Everything that has been noted; returns how many sessions that were. The other process is
    /// asked to say when it knows them, where an answer waits for that, and told how far this one
    /// knows its own.
    [[nodiscard]] result<std::size_t> tell(steady_time end);

    /// The same again and again, every millisecond, and `more` after it. Until `stop`, or until the
    /// other process is gone or `more` fails: then false.
    bool tell_until(const std::stop_token& stop, const std::function<result<>()>& more);

  private:
    [[nodiscard]] result<> send(std::span<const registry::record> some, steady_time end);
    [[nodiscard]] result<> send(const std::vector<registry::ending>& all, steady_time end);
    [[nodiscard]] result<> send(state::word what, std::uint64_t round, steady_time end);

    registry::registry& sessions_;
    state::channel& with_;
    state::bytes text_;
};

/// Takes what the other one tells. Sessions beyond the capacity of this process are not known
/// here, as after a restart.
[[nodiscard]] result<> take_sessions(const state::message& told, registry::registry& into);

/// The same, and how far the other one knows what was told here: whatever `session_news::tell` may
/// send. Nothing: it is another word.
[[nodiscard]] std::optional<result<>> take_session_news(const state::message& told,
                                                        registry::registry& into);

/// The other process says what it must not.
[[nodiscard]] result<> senseless();

}  // namespace hawser::app
