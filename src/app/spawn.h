// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <string>

#include "base/result.h"
#include "io/epoll/descriptor.h"

namespace hawser::app {

/// Remembers which file this process runs, as a new binary will stand in its place. Early in main.
void remember_binary();

/// Starts `binary` with the arguments and the environment of this process and `channel` as the way
/// to take over from it; empty: the file from which this process was started, as it is now.
///
/// `invalid` unless it is an absolute path to a file that nobody but root and the owner of this
/// process can write: whoever may ask for an upgrade must not run what others have put there.
[[nodiscard]] result<pid_t> spawn_successor(std::string binary, int channel);

/// In a process that was started so: the channel, which is no longer in the environment. Before
/// other threads run.
[[nodiscard]] io::descriptor take_channel();

}  // namespace hawser::app
