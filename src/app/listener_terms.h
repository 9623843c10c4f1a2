// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "app/configuration.h"
#include "proxy/snapshot.h"

namespace hawser::app {

/// How a listener treats its clients, as each of so many workers does; without what it shares with
/// others: its certificates, rate limits, and `certificate_fields`.
[[nodiscard]] proxy::listener_settings listener_terms(const std::string& name,
                                                      const listener& given, std::size_t workers);

/// The fields in which listeners tell servers of clients' certificates.
[[nodiscard]] std::vector<std::string> certificate_fields(const configuration& given);

}  // namespace hawser::app
