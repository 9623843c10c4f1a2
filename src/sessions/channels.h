// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/limits.h"
#include "io/worker.h"
#include "sessions/events.h"

namespace hawser::sessions {

class audience;

/// What is said at a channel.
struct message {
    std::string channel;
    std::string text;

    [[nodiscard]] std::size_t bytes() const {
        return sizeof(message) + channel.size() + text.size();
    }
};

/// What somebody listens to: one channel, or all whose names are of a form.
enum class listening : std::uint8_t { channel, pattern };

/// Who listens to what in one namespace, on all workers: nobody hears another one.
///
/// Whoever says something only puts it into the queues of those workers that have somebody who may
/// want to hear it; there it is handed out. All hear messages in the same order.
class channels {
  public:
    channels() = default;
    ~channels();
    channels(const channels&) = delete;
    channels& operator=(const channels&) = delete;

    /// Says it to all who listen. From any worker.
    void publish(std::string_view channel, std::string_view text);

    /// Which events are told: what the configuration says, or a client has said since it said that.
    void configure_events(event_kinds said);
    void set_events(event_kinds said);
    [[nodiscard]] event_kinds events() const;
    /// Whether some of them are told at all, to somebody; and such ones.
    [[nodiscard]] bool has_watchers() const noexcept {
        return watched_.load(std::memory_order_relaxed) != event_kinds();
    }
    [[nodiscard]] bool are_watched(event_kind which) const noexcept {
        return watched_.load(std::memory_order_relaxed).has(which);
    }
    /// Tells what has become of a record, if that is told.
    void tell(const record_event& what, std::string_view record);

    /// Those who listen on a worker, by a call from there.
    [[nodiscard]] audience& on(io::worker& here);

    /// One of `here` listens to it; `is_first`: none did before. And the reverse.
    void join(listening what, std::string_view name, unsigned here, bool is_first);
    void leave(listening what, std::string_view name, unsigned here, bool was_last);

    /// How many listen to that channel or pattern, and to how many different ones somebody does.
    [[nodiscard]] std::size_t count(listening what, std::string_view name) const;
    [[nodiscard]] std::size_t different(listening what) const;
    /// How often somebody listens to something.
    [[nodiscard]] std::size_t subscriptions() const noexcept {
        return subscriptions_.load(std::memory_order_relaxed);
    }

    struct listened {
        std::string name;
        std::size_t count;
    };
    /// The next `most` of what is listened to, by name, behind `last`; null: from the beginning.
    [[nodiscard]] std::vector<listened> next(listening what, const std::string* last,
                                             std::size_t most) const;

    /// Of what waits for subscribers, all of them together, it has become so much more, or less.
    void note_waiting(std::size_t before, std::size_t after) noexcept {
        waiting_.fetch_add(after - before, std::memory_order_relaxed);
    }
    [[nodiscard]] std::size_t waiting() const noexcept {
        return waiting_.load(std::memory_order_relaxed);
    }

    /// Somebody has fallen far behind, or has caught up.
    void note_behind(bool is_behind);
    /// Whoever has much to say does well to wait: somebody has been far behind, but not for long.
    /// Who stays so is not waited for.
    [[nodiscard]] bool asks_for_patience(steady_time now) const noexcept;

    // Since the start.

    std::atomic<std::uint64_t> published{0};  ///< messages that somebody may have heard
    std::atomic<std::uint64_t> cut_off{0};    ///< subscribers that did not take what they were told

  private:
    struct seats {
        std::uint64_t workers = 0;  ///< a bit for each that has somebody
        std::size_t count = 0;
    };
    static_assert(limits::workers_max <= 64);
    using table = std::map<std::string, seats, std::less<>>;

    [[nodiscard]] table& of(listening what) {
        return what == listening::channel ? channels_ : patterns_;
    }
    [[nodiscard]] const table& of(listening what) const {
        return what == listening::channel ? channels_ : patterns_;
    }

    void set_watched();

    mutable std::mutex lock_;
    event_kinds configured_;
    event_kinds events_;
    std::atomic<event_kinds> watched_{};  ///< none where nobody listens to anything
    table channels_;
    table patterns_;
    std::array<std::uint32_t, limits::workers_max> patterns_at_{};  ///< different ones of a worker
    std::uint64_t with_patterns_ = 0;                               ///< a bit for each that has any
    std::atomic<std::size_t> subscriptions_{0};
    std::atomic<std::size_t> waiting_{0};  ///< bytes
    std::atomic<int> behind_{0};
    std::atomic<steady_time::rep> behind_since_{0};
    std::array<std::shared_ptr<audience>, limits::workers_max> audiences_;
};

/// Says to the namespace whether somebody is far behind. Used under one lock, or on one thread.
class backlog {
  public:
    explicit backlog(channels& in) : in_(in) {}
    ~backlog() { set(0); }
    backlog(const backlog&) = delete;
    backlog& operator=(const backlog&) = delete;

    /// So many bytes wait for it now.
    void set(std::size_t bytes);

  private:
    channels& in_;
    bool is_behind_ = false;
};

}  // namespace hawser::sessions
