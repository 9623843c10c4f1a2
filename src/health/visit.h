// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "async/task.h"
#include "base/result.h"
#include "health/way.h"
#include "io/engine.h"
#include "tls/stream.h"
#include "tls/work_room.h"

namespace hawser::health {

/// A check on its way to a server: opens connections that carry nothing but this one check.
///
/// A connection begins where the pool's `source` says, or, where that is each client's address, at
/// our own; and with a PROXY header, where the server wants one, that names nobody but us.
class visit {
  public:
    /// All of them outlive it.
    visit(const way& to, io::engine& with, tls::work_room& room)
        : to_(&to), with_(&with), room_(&room) {}

    [[nodiscard]] const way& to() const noexcept { return *to_; }
    [[nodiscard]] io::engine& with() const noexcept { return *with_; }

    /// In clear. A failure is `safe_to_retry`: nobody took the connection.
    [[nodiscard]] task<result<std::unique_ptr<io::stream>>> connect() const;
    /// The same, and TLS where the pool has it: `untrusted` says what was wrong.
    [[nodiscard]] task<result<std::unique_ptr<io::stream>>> open() const;
    /// TLS over what `connect` gave; only where the way is secured.
    [[nodiscard]] task<result<std::unique_ptr<tls::stream>>> shake_hands(
        std::unique_ptr<io::stream> below) const;

  private:
    const way* to_;
    io::engine* with_;
    tls::work_room* room_;
};

}  // namespace hawser::health
