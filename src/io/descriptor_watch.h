// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace hawser::io {

/// What may be done with a descriptor without a wait, or what somebody waits for.
struct readiness {
    bool readable = false;
    bool writable = false;
};

/// Reads and writes a descriptor of its own that is no stream: a library's socket, inotify.
class descriptor_user {
  public:
    /// Told in each turn in which it is so. Only notes it: what follows from it is done from the
    /// ready queue, and there a watch may end.
    virtual void became_ready(int descriptor, readiness what) noexcept = 0;

  protected:
    ~descriptor_user() = default;
};

/// As long as it lives, a descriptor's user is told of it. Ends before the descriptor is closed.
class descriptor_watch {
  public:
    virtual ~descriptor_watch() = default;
};

}  // namespace hawser::io
