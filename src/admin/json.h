// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "admin/status.h"

/// What the endpoint says, as JSON documents.
namespace hawser::admin {

[[nodiscard]] std::string json_of(const node_status& shown);
/// `{"error": ...}`; bytes that are no UTF-8 are replaced.
[[nodiscard]] std::string json_of_error(std::string_view what);
/// `{"pool": ..., "server": ..., "state": ...}`
[[nodiscard]] std::string json_of_state(std::string_view pool, std::string_view server,
                                        std::string_view state);
/// `{"generation": ...}`
[[nodiscard]] std::string json_of_generation(std::uint64_t generation);

}  // namespace hawser::admin
