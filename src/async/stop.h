// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/ensure.h"

namespace hawser {

class stop_source;

/// Something that ends early when the work around it is stopped: usually one wait of a coroutine.
///
/// Listens from `listen_to` until `ignore_stop` or the stop itself, whichever comes first.
class stop_listener {
  public:
    stop_listener() = default;
    stop_listener(const stop_listener&) = delete;
    stop_listener& operator=(const stop_listener&) = delete;

  protected:
    ~stop_listener() { ignore_stop(); }

    void listen_to(stop_source* source) noexcept;
    void ignore_stop() noexcept;

  private:
    friend class stop_source;
    virtual void stopped() noexcept = 0;

    stop_listener* previous_ = nullptr;
    stop_listener* next_ = nullptr;
    stop_source* source_ = nullptr;
};

/// Stops everything that was begun under it; once, and for good. Used on one thread.
class stop_source {
  public:
    stop_source() = default;
    stop_source(const stop_source&) = delete;
    stop_source& operator=(const stop_source&) = delete;
    ~stop_source() {
        ensure(first_ == nullptr, "whoever listens to a stop ends before its source");
    }

    [[nodiscard]] bool is_stopped() const noexcept { return stopped_; }

    /// Tells every listener; those that come later find `is_stopped`.
    void stop() noexcept {
        stopped_ = true;
        while (first_ != nullptr) {
            stop_listener& told = *first_;
            told.ignore_stop();
            told.stopped();
        }
    }

  private:
    friend class stop_listener;

    stop_listener* first_ = nullptr;
    bool stopped_ = false;
};

inline void stop_listener::listen_to(stop_source* source) noexcept {
    source_ = source;
    if (source == nullptr) return;
    next_ = source->first_;
    if (next_ != nullptr) next_->previous_ = this;
    source->first_ = this;
}

inline void stop_listener::ignore_stop() noexcept {
    if (source_ == nullptr) return;
    (previous_ != nullptr ? previous_->next_ : source_->first_) = next_;
    if (next_ != nullptr) next_->previous_ = previous_;
    previous_ = next_ = nullptr;
    source_ = nullptr;
}

/// A source that stops by itself or with the one around it.
class linked_stop_source final : public stop_source, stop_listener {
  public:
    explicit linked_stop_source(stop_source& around) noexcept {
        if (around.is_stopped())
            stop();
        else
            listen_to(&around);
    }

  private:
    void stopped() noexcept override { stop(); }
};

}  // namespace hawser
