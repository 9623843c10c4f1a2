// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/codec.h"
#include "upstream/drain_policy.h"

namespace hawser::config {

/// How people write a rule: `finish`, `move`, `cut`, `5m`.
template <>
struct codec<upstream::leave_rule> {
    static bool read(const node& given, upstream::leave_rule& into, diagnostics& out);
    static node show(const upstream::leave_rule& value);
    static shape type();
};

}  // namespace hawser::config
