// SPDX-License-Identifier: Apache-2.0
#include "app/command/server_path.h"

#include <fmt/format.h>

#include "config/codec.h"

namespace hawser::app {

/// Names have letters, digits, `-`, `_` and `.`; one slash parts them.
std::string wrong_server(const std::string& text) {
    const auto slash = text.find('/');
    const bool is_pair = slash != text.npos && config::is_name(text.substr(0, slash)) &&
                         config::is_name(text.substr(slash + 1));
    return is_pair ? std::string() : "`" + text + "` is no POOL/SERVER";
}

std::string path_of(std::string_view server, std::string_view below) {
    const auto slash = server.find('/');
    return fmt::format("/v1/pools/{}/servers/{}{}", server.substr(0, slash),
                       server.substr(slash + 1), below);
}

}  // namespace hawser::app
