// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/configuration.h"
#include "config/diagnostics.h"
#include "config/node.h"
#include "config/variables.h"

namespace hawser::app {

/// What reading a configuration gave: settings only when nothing is wrong; warnings either way.
struct loaded {
    std::optional<configuration> settings = {};
    config::diagnostics problems = {};
    /// What was read, for messages about what shows only later (a name that does not resolve):
    /// `written.place({"pools", pool, "servers", server})`.
    config::node written = {};
    /// The path that was read, absolute; empty: options of the command line.
    std::string origin = {};
};

/// Where `hawser run` looks without `-f`.
inline constexpr std::string_view default_configuration = "/etc/hawser";

/// Reads and checks a file, or a directory as config/document.h says.
[[nodiscard]] loaded load(const std::string& path,
                          const config::variables& known = config::from_environment);

/// The same for a text; messages call it `file`.
[[nodiscard]] loaded load_text(std::string_view text, const std::string& file,
                               const config::variables& known = config::from_environment);

/// `hawser run --listen :8080 --server a=127.0.0.1:9001 ...`: a configuration without a file.
struct quick_options {
    std::vector<std::string> listen = {};
    std::vector<std::string> servers = {};  ///< `NAME=ADDRESS`, or an address, named by its place
};

/// One listener, one pool and one route, checked as a file is; messages name the option.
[[nodiscard]] loaded load_options(const quick_options& given,
                                  const config::variables& known = config::from_environment);

/// Every effective value, as YAML that `load_text` takes again; secrets are hidden.
[[nodiscard]] std::string dump(const configuration& given);

/// JSON Schema of the file, for editors.
[[nodiscard]] std::string schema();

/// docs/reference.md: every key with its type, default and meaning.
[[nodiscard]] std::string reference();

}  // namespace hawser::app
