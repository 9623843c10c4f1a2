// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "affinity/kinds.h"
#include "config/codec.h"

namespace hawser::affinity {

/// Affinities that a well-known application, or another balancer's term, stands for. Some are told
/// the name of a cookie or field: `{gcp-header: X-Session}`.
struct preset {
    enum class named : std::uint8_t { nothing, may_be, must_be };

    std::string_view name;
    std::string_view summary;
    std::vector<choice> (*affinities)(const std::string& name);
    named takes = named::nothing;
};

[[nodiscard]] std::span<const preset> presets();

/// A pool's setting: its affinities in their order.
struct choices_in_order : std::vector<choice> {
    using std::vector<choice>::vector;
};

}  // namespace hawser::affinity

namespace hawser::config {

/// A list of affinities, one alone, or the name of a preset, with a name of its own where it takes
/// one.
template <>
struct codec<affinity::choices_in_order> {
    static bool read(const node& given, affinity::choices_in_order& into, diagnostics& out);
    static node show(const affinity::choices_in_order& value);
    static shape type();
};

}  // namespace hawser::config
