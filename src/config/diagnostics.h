// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "config/node.h"

namespace hawser::config {

enum class severity : std::uint8_t { error, warning };

/// One thing that is wrong, or risky, in what a person wrote.
struct problem {
    severity weight = severity::error;
    std::string id = {};  ///< of a warning, such as `no-routes-for-listener`; errors have none
    position at = {};
    std::string message = {};
};

/// Collects what is wrong, so that all of it is told at once. Bounded: what is beyond the bound is
/// only counted.
class diagnostics {
  public:
    void error(const position& at, std::string message);
    void warning(const position& at, std::string_view id, std::string message);

    /// `check --strict`: what was only risky is now wrong.
    void make_warnings_errors();

    [[nodiscard]] bool has_errors() const { return errors_ > 0; }
    [[nodiscard]] std::size_t error_count() const { return errors_; }
    [[nodiscard]] std::size_t warning_count() const { return warnings_; }

    /// In the order of files and lines.
    [[nodiscard]] std::vector<problem> sorted() const;

    /// `file:line:column: error: message`, one a line.
    [[nodiscard]] std::string text() const;
    /// For machines: `{"valid": ..., "problems": [{"severity", "file", "line", ...}]}`.
    [[nodiscard]] std::string json() const;

  private:
    void keep(problem found);

    std::vector<problem> problems_ = {};
    std::size_t errors_ = 0;
    std::size_t warnings_ = 0;
};

}  // namespace hawser::config
