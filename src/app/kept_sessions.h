// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "admin/session_status.h"
#include "app/crew.h"
#include "async/task.h"
#include "base/clock.h"
#include "sessions/record_link.h"

/// What applications keep in sessions, as operators see it beside bindings, and end it with them.
namespace hawser::app {

/// To the records of a namespace.
using kept_link = std::shared_ptr<const hawser::sessions::record_link>;
using record_hash = std::array<std::uint64_t, 2>;

/// Of the record of that hash; nothing: there is none.
[[nodiscard]] std::optional<hawser::admin::kept_status> kept_status_of(
    const hawser::sessions::record_link& by, const record_hash& which, steady_time now);

/// The records of a user, as the application names him.
[[nodiscard]] std::vector<record_hash> records_of(const hawser::sessions::record_link& by,
                                                  std::string_view user_key);

struct records_end {
    std::uint64_t ended = 0;
    std::uint64_t failed = 0;  ///< the store could not keep it
};

/// Ends them, on a worker; called on another thread, which goes on with others meanwhile.
[[nodiscard]] task<records_end> end_records(crew& workers, kept_link by,
                                            std::vector<record_hash> which);

}  // namespace hawser::app
