// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <utility>

#include "io/stream.h"

namespace hawser::io {

/// A stream that stands on another one of the same worker, and changes the bytes on their way.
///
/// It owns the one below, through which it tries to receive and send without waiting; whatever the
/// engine notices of that one comes to `stirred_below` first. Nobody else may use it meanwhile.
class layer : public stream {
  public:
    ~layer() override {
        if (below_ != nullptr) below_->above_ = nullptr;
    }

    [[nodiscard]] endpoint peer() const override { return below_->peer(); }
    [[nodiscard]] endpoint local() const override { return below_->local(); }
    [[nodiscard]] std::optional<path_state> path() const override { return below_->path(); }

  protected:
    explicit layer(std::unique_ptr<stream> below)
        : stream(buffer_of(*below)), below_(std::move(below)) {
        below_->above_ = this;
        notice({.peer_ended = below_->peer_ended_, .reset = below_->was_reset_});
    }

    /// The engine has noticed something below; `notice` tells whoever waits above.
    virtual void stirred_below(readiness now) noexcept = 0;

    [[nodiscard]] stream& below() noexcept { return *below_; }
    /// What the engine had told of the one below before the layer came: it won't again.
    [[nodiscard]] readiness told_below() const noexcept {
        return {.readable = below_->has_stirred_,
                .peer_ended = below_->peer_ended_,
                .reset = below_->was_reset_};
    }
    [[nodiscard]] ssize_t receive_below(std::span<char> into) noexcept {
        return below_->receive(into);
    }
    [[nodiscard]] ssize_t send_below(const pieces& what) noexcept { return below_->send(what); }
    /// Gives up the one below: after that the layer may only be destroyed.
    [[nodiscard]] std::unique_ptr<stream> release_below() noexcept {
        below_->above_ = nullptr;
        return std::move(below_);
    }
    [[nodiscard]] int connect_outcome_below() noexcept { return below_->connect_outcome(); }

  private:
    friend class stream;

    std::unique_ptr<stream> below_;
};

}  // namespace hawser::io
