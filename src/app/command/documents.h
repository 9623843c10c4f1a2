// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace CLI {
class App;
}

namespace hawser::app {

/// hawser(1) in roff: what is said here of the program, and what it says itself of its commands.
[[nodiscard]] std::string manual_of(const CLI::App& program);

/// A script by which bash completes commands and options.
[[nodiscard]] std::string completion_of(const CLI::App& program);

}  // namespace hawser::app
