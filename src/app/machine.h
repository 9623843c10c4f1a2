// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

namespace hawser::app {

/// The processors that this process may use: by its affinity and its cgroup's quota, at least 1.
[[nodiscard]] std::size_t usable_processors();

/// Raises the limit of open descriptors as far as allowed, and returns it.
std::size_t raise_descriptor_limit();

/// How many descriptors may be open now.
[[nodiscard]] std::size_t descriptor_limit();

}  // namespace hawser::app
