// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "base/clock.h"
#include "base/result.h"
#include "io/descriptor_watch.h"
#include "io/endpoint.h"
#include "io/hot_buffer.h"
#include "io/listener.h"
#include "io/listening_socket.h"
#include "io/source.h"
#include "io/stream.h"

namespace hawser::io {

/// The one seam between what waits and who knows when it may go on: epoll, or a simulated world.
///
/// Belongs to one worker's thread; only `wake` may be called from others. A completion engine fits
/// behind it: a read lends bytes that are valid until the next wait, a write owns its remainder.
class engine {
  public:
    virtual ~engine() = default;

    /// Begins a connection; await `connected()` on it. `exhausted` without a descriptor left.
    /// From where, `from` says.
    [[nodiscard]] virtual result<std::unique_ptr<stream>> connect(const endpoint& to,
                                                                  const source& from) = 0;
    [[nodiscard]] result<std::unique_ptr<stream>> connect(const endpoint& to) {
        return connect(to, source());
    }
    /// Begins to accept on `socket`.
    [[nodiscard]] virtual result<std::unique_ptr<listener>> listen(listening_socket socket) = 0;

    /// Tells `told` whenever `descriptor`, which it owns, is as `wanted`, for as long as the watch
    /// lives; both must outlive it.
    [[nodiscard]] virtual result<std::unique_ptr<descriptor_watch>> watch(
        int descriptor, readiness wanted, descriptor_user& told) = 0;

    /// Tells streams and listeners what has become possible; waits for that until `end`.
    virtual void wait(steady_time end) = 0;
    /// Ends a `wait`, this one or the next; from any thread.
    virtual void wake() noexcept = 0;
    [[nodiscard]] virtual instant clock() const = 0;
};

}  // namespace hawser::io
