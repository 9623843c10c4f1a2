// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "config/codec.h"

namespace hawser::config {

/// NAME: VALUE pairs of header fields or query parameters, in the order of the file. Values of
/// fields that carry secrets are not shown.
struct text_pairs {
    std::vector<std::pair<std::string, std::string>> all = {};
    friend bool operator==(const text_pairs&, const text_pairs&) = default;
};

template <>
struct codec<text_pairs> {
    static bool read(const node& given, text_pairs& into, diagnostics& out);
    static node show(const text_pairs& value);
    static shape type();
};

}  // namespace hawser::config
