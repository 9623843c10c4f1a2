// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace CLI {
class App;  // NOLINT(readability-identifier-naming): CLI11 calls it so
}

namespace hawser::app {

/// Which node a command talks to.
struct node_address {
    std::string admin = {};  ///< as typed; empty: by the file, else the default
    std::string file = {};
    std::string token_file = {};  ///< empty: the token of $HAWSER_ADMIN_TOKEN, if any
    std::string ca = {};          ///< of a node that is asked by https; empty: the system's
};

/// `--admin` and `-f` for a command that talks to a running node.
void add_node_options(CLI::App& command, node_address& into);

/// The same without `-f`.
void add_admin_options(CLI::App& command, node_address& into);

/// Asks a node's admin endpoint, with `body` where the method has one, and returns the answer's
/// body. The error is a sentence for people:
/// that the node cannot be reached, or what it says is wrong.
[[nodiscard]] result<std::string> ask_node(const node_address& node, std::string_view method,
                                           std::string_view target, std::string_view body = "{}");

/// Tells that whoever answered is no node.
int complain_of_stranger(std::string_view command);

/// Tells on stderr what the node warns of in its answer to a change that it has made.
void tell_warning(std::string_view command, const std::string& answer);

/// Tells on stderr what is wrong, under the command's name, and returns the exit status.
int complain(std::string_view command, std::string_view why);

}  // namespace hawser::app
