// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "async/task.h"
#include "base/ids.h"
#include "base/result.h"
#include "health/agent_report.h"
#include "health/visit.h"

namespace hawser::health {

/// What one check has found.
struct outcome {
    enum class verdict : std::uint8_t {
        passed,
        failed,
        unknown,  ///< it could not be made, which says nothing about the server
    };

    verdict what = verdict::unknown;
    std::string_view kind = {};  ///< for metrics; static text: `passed`, `connect`, `status`, ...
    std::string text = {};       ///< for people: `L7 503`, `connect refused`
    bool is_gone = false;        ///< failed, as nobody took the connection
    /// The instance mark that the answer announced; nothing: it announced none.
    std::optional<generation> mark = {};
    /// What the server said of itself.
    std::optional<agent_report> report = {};

    [[nodiscard]] static outcome passed(std::string text);
    [[nodiscard]] static outcome failed(std::string_view kind, std::string text);
    /// Of what went wrong on the way; `safe_to_retry` says that nobody took the connection.
    [[nodiscard]] static outcome of(const error& why);
};

/// One way to ask a server whether it is fit. Made once for all servers of a pool.
///
/// The deadline is its caller's: what does not end by then has failed.
class check {
  public:
    virtual ~check() = default;

    [[nodiscard]] virtual task<outcome> run(visit at) const = 0;
};

}  // namespace hawser::health
