// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "admin/operations.h"
#include "admin/status.h"

/// What the endpoint says, as JSON documents.
namespace hawser::admin {

[[nodiscard]] std::string json_of(const node_status& shown);
/// `{"pools": [...]}`
[[nodiscard]] std::string json_of(const std::vector<pool_status>& shown);
[[nodiscard]] std::string json_of(const pool_status& shown);
[[nodiscard]] std::string json_of(const server_status& shown);
/// `{"overrides": [...]}`
[[nodiscard]] std::string json_of(const std::vector<override_status>& shown);
[[nodiscard]] std::string json_of(const log_status& shown);
[[nodiscard]] std::string json_of(const movement& shown);
[[nodiscard]] std::string json_of(const proxy::explanation& shown);
/// `{"explanations": [...]}`
[[nodiscard]] std::string json_of(const operations::explanations& shown);
/// `{"sessions": [...], "next": ...}`
[[nodiscard]] std::string json_of(const session_page& shown);
/// What a change would lead to.
[[nodiscard]] std::string json_of_trial(const outcome& tried, const movement& moved);
/// Why it is not made.
[[nodiscard]] std::string json_of_refusal(const outcome& tried, const movement& moved,
                                          std::uint64_t limit);
/// `{"error": ...}`; bytes that are no UTF-8 are replaced.
[[nodiscard]] std::string json_of(const upgrade_status& shown);
[[nodiscard]] std::string json_of_error(std::string_view what);
/// `{"generation": ..., "warning": ..., "server": {...}}`; the server as it is now, unless null.
[[nodiscard]] std::string json_of_change(const outcome& done, const server_status* changed);

}  // namespace hawser::admin
