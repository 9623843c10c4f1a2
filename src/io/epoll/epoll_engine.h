// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "base/result.h"
#include "io/engine.h"

namespace hawser::io {

/// Edge-triggered epoll: each descriptor is registered once and never again.
[[nodiscard]] result<std::unique_ptr<engine>> make_epoll_engine();

}  // namespace hawser::io
