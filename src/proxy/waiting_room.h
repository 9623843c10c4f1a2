// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "async/event.h"
#include "async/stop.h"
#include "io/stream.h"
#include "io/worker.h"
#include "upstream/queue.h"

namespace hawser::proxy {

class seat;

/// One worker's requests that wait for a place at a server, and where it hears that one of them has
/// it.
class waiting_room final : public upstream::bell {
  public:
    explicit waiting_room(io::worker& on) : worker_(on) {}

    void ring() noexcept override;
    /// What is served by has changed: all look again where they may go.
    void have_all_look_again();

  private:
    friend class seat;

    io::worker& worker_;
    seat* first_ = nullptr;  ///< in the order in which they came
    seat* last_ = nullptr;
};

/// One request that waits; used on its worker's thread, and left (`queue::leave`) before it dies.
class seat final : public upstream::waiter {
  public:
    explicit seat(waiting_room& in);
    ~seat();
    seat(const seat&) = delete;
    seat& operator=(const seat&) = delete;

    void called() override { called_.set(); }
    /// Until it is called; `timed_out` or `cancelled` by the context.
    [[nodiscard]] auto wait() noexcept { return called_.wait(); }

    bool has_waited = false;

  private:
    friend class waiting_room;

    waiting_room& in_;
    event called_;
    seat* previous_ = nullptr;
    seat* next_ = nullptr;
};

/// Stops `left` when the client of a connection ends its side: nobody waits for a place there any
/// more. What else comes from it stays where it is.
class leave_watch final : io::watcher {
  public:
    /// `of` may be null: then nobody is watched.
    leave_watch(io::stream* of, stop_source& left);
    ~leave_watch();
    leave_watch(const leave_watch&) = delete;
    leave_watch& operator=(const leave_watch&) = delete;

  private:
    void stirred(io::stream& watched) override;

    io::stream* const watched_;
    stop_source& left_;
};

}  // namespace hawser::proxy
