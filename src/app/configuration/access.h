// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "clients/network.h"
#include "config/codec.h"

namespace hawser::app {

/// The networks that a file lists, one a line; blank lines and what follows a `#` do not count. Its
/// path counts from the configuration's own folder. Read with the configuration, so that a reload
/// reads it anew.
struct network_file {
    std::string path;
    std::vector<clients::network> networks;

    friend bool operator==(const network_file&, const network_file&) = default;
};

/// A file that allows nobody would allow everybody.
[[nodiscard]] std::string list_something(const std::vector<network_file>& files);

/// Everything that a list and the files beside it name.
[[nodiscard]] std::vector<clients::network> all_networks(const std::vector<clients::network>& list,
                                                         const std::vector<network_file>& files);

}  // namespace hawser::app

namespace hawser::config {

template <>
struct codec<app::network_file> {
    static bool read(const node& given, app::network_file& into, diagnostics& out);
    static node show(const app::network_file& value);
    static shape type();
};

}  // namespace hawser::config
