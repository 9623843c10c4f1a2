// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "admin/operations.h"
#include "base/clock.h"
#include "base/result.h"
#include "observe/output.h"
#include "sessions/audit_queue.h"

namespace hawser::app {

/// The record of every change that somebody asked for, and of what applications did to their
/// sessions by the JSON door: who, from where, what, and how it ended; a JSON object a line, in a
/// file of its own or, marked `audit:`, in the error log.
class audit_log {
  public:
    /// `log`, or a file's path.
    [[nodiscard]] static result<audit_log> open(const std::string& place);

    /// What a file does not take goes to the error log.
    void write(const hawser::admin::audit_record& change, wall_time now) const;
    /// The same of what an application has done to its sessions.
    void write(const hawser::sessions::audited& done) const;
    /// Opens the same file again, after it was renamed (USR1).
    void reopen();

  private:
    explicit audit_log(std::optional<observe::output> file) : file_(std::move(file)) {}

    void put(const std::string& line) const;

    std::optional<observe::output> file_;  ///< none: the error log
};

}  // namespace hawser::app
