// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace hawser::app {

/// What is wrong with `POOL/SERVER` as typed; empty: nothing.
[[nodiscard]] std::string wrong_server(const std::string& text);

/// The server's place in the admin API, and what is `below`; of a text that is not wrong.
[[nodiscard]] std::string path_of(std::string_view server, std::string_view below = {});

}  // namespace hawser::app
