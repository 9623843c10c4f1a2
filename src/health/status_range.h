// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/codec.h"

namespace hawser::health {

/// Statuses of answers: `200`, `200-399`.
struct status_range {
    unsigned first = 0;
    unsigned last = 0;

    [[nodiscard]] bool contains(unsigned status) const noexcept {
        return status >= first && status <= last;
    }
    friend bool operator==(const status_range&, const status_range&) = default;
};

}  // namespace hawser::health

namespace hawser::config {

template <>
struct codec<health::status_range> {
    static bool read(const node& given, health::status_range& into, diagnostics& out);
    static node show(const health::status_range& value);
    static shape type();
};

}  // namespace hawser::config
