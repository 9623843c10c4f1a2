// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "config/diagnostics.h"
#include "config/node.h"
#include "config/variables.h"

namespace hawser::config {

/// The tree that YAML `text` says, each node with its place in `file`. What is wrong goes to
/// `out`: syntax, a key named twice, variables that are not set, more nodes than the limit (aliases
/// count as what they stand for). Null when the text is no YAML, or too large.
[[nodiscard]] node parse_yaml(std::string_view text, std::string file, const variables& known,
                              diagnostics& out);

/// The text of the file at `path`, at most `configuration_file_max` bytes. What is wrong is told
/// of `asked`, where somebody named the file.
[[nodiscard]] std::optional<std::string> read_file(const std::string& path, const position& asked,
                                                   diagnostics& out);

/// The tree of everything that the configuration at `path` consists of:
///   a file                 it, and what its `include` names (files, or directories of *.yaml)
///   a file `hawser.yaml`   the same, and `conf.d/*.yaml` beside it
///   a directory            its `hawser.yaml` as above if there is one, else all its *.yaml
/// Files of a directory are read in the order of their names. Maps are merged key by key, lists
/// of the top level (`routes`) one after the other; any other key set twice is an error. Null when
/// a file could not be read, is no YAML or too large.
[[nodiscard]] node load_yaml(const std::string& path, const variables& known, diagnostics& out);

}  // namespace hawser::config
