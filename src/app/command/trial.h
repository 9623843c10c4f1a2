// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace CLI {
class App;  // NOLINT(readability-identifier-naming): CLI11 calls it so
}

/// Changes that may be tried first.
namespace hawser::app {

/// `--dry-run` and `--force`.
void add_trial_options(CLI::App& command, bool& is_trial, bool& is_forced);

/// What they add to a change's path.
[[nodiscard]] std::string options_of(bool is_trial, bool is_forced);

/// Tells what a change would lead to, as the node answered; the exit status.
int tell_trial(std::string_view command, const std::string& answer);

}  // namespace hawser::app
