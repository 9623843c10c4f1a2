// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "app/discoveries.h"
#include "app/overrides.h"

namespace hawser::app {

/// Where the servers of a pool come from, beside the file.
struct server_sources {
    const discoveries& finders;
    const overrides& set;
    const present_servers& present;
};

/// A pool with the servers that were found and with what people have set; null: it is as the file
/// says.
[[nodiscard]] std::shared_ptr<const pool> laid_over(const std::string& name, const pool& of_file,
                                                    const server_sources& by);

}  // namespace hawser::app
