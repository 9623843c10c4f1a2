// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "tls/handles.h"

namespace hawser::tls {

/// The sessions that one server has offered to resume, the newest last; at most
/// `limits::tls_sessions_kept_max`. Of one worker, one server and one set of terms.
class session_shelf {
  public:
    void keep(resumable_handle one);
    /// One that has not been used yet (RFC 8446 C.4: each only once); null: none.
    [[nodiscard]] resumable_handle take() noexcept;

  private:
    std::vector<resumable_handle> kept_;
};

}  // namespace hawser::tls
