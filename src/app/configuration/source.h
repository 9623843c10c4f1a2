// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

#include "config/settings.h"
#include "io/ip_address.h"
#include "io/source.h"

namespace hawser::app {

/// `20000-29999`: ports that connections begin at; 0: any.
struct port_range {
    std::uint16_t first = 0;
    std::uint16_t last = 0;

    friend bool operator==(const port_range&, const port_range&) = default;
};

/// Where a pool's connections to its servers begin: an address of ours, or `client`.
struct source_address {
    io::ip_address address;
    bool is_client = false;  ///< each at the address of the client that it is for

    friend bool operator==(const source_address&, const source_address&) = default;
};

struct source {
    source_address address;
    port_range ports;

    static void describe(config::fields<source>& field);
    /// As connections are opened by it.
    [[nodiscard]] io::source begin() const noexcept;
    friend bool operator==(const source&, const source&) = default;
};

}  // namespace hawser::app

namespace hawser::config {

template <>
struct codec<app::port_range> {
    static bool read(const node& given, app::port_range& into, diagnostics& out);
    static node show(const app::port_range& value);
    static shape type();
};

template <>
struct codec<app::source_address> {
    static bool read(const node& given, app::source_address& into, diagnostics& out);
    static node show(const app::source_address& value);
    static shape type();
};

}  // namespace hawser::config
