// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "app/command/remote.h"
#include "app/configuration/load.h"

namespace hawser::app {

/// Tells what a running node would change if it read this valid configuration, and how many
/// sessions would move. Returns the exit status.
int compare_with_running(const loaded& read, const node_address& node);

/// Every effective value of a running node; what was set at run time is marked.
int dump_running(const node_address& node);

}  // namespace hawser::app
