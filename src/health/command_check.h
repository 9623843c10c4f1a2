// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/settings.h"
#include "health/check.h"

namespace hawser::health {

/// Fit is whoever a program of yours finds fit: by exit status 0.
///
/// It is told by its environment which server is meant, and killed, with all that it has started,
/// at the timeout.
class command_check final : public check {
  public:
    static constexpr std::string_view name = "command";
    static constexpr std::string_view summary = "A program says so, by exit status 0.";
    struct settings {
        std::string program;
        std::vector<std::string> arguments;

        static void describe(config::fields<settings>& field);
        bool operator==(const settings&) const = default;
    };

    explicit command_check(settings given) : settings_(std::move(given)) {}

    [[nodiscard]] task<outcome> run(visit at) const override;

  private:
    settings settings_;
};

}  // namespace hawser::health
