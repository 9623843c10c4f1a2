// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "io/ip_address.h"

namespace hawser::io {

/// Where a connection that we open begins: an address of ours, a range of its ports, or somebody
/// else's address.
struct source {
    ip_address address = {};       ///< none: whichever the kernel takes
    std::uint16_t first_port = 0;  ///< of a range; 0: any port
    std::uint16_t last_port = 0;
    bool is_foreign = false;  ///< `address` is not ours: replies are led to us by routing rules

    [[nodiscard]] bool is_any() const noexcept { return address.is_none() && !is_foreign; }
    [[nodiscard]] unsigned ports() const noexcept {
        return first_port == 0 ? 0 : unsigned(last_port - first_port) + 1;
    }
    /// `10.0.0.5`, `10.0.0.5:20000-20999`.
    [[nodiscard]] std::string text() const;

    friend bool operator==(const source&, const source&) = default;
};

/// Whether a connection may begin there, tried once; else why not, for people: the address is not
/// ours, or the right to use another one's is missing.
[[nodiscard]] result<> check_source(const source& from);

/// Lets `socket` begin at `from`, which is not any, with `port`; 0: one that the kernel takes when
/// the socket connects. 0, or an errno.
[[nodiscard]] int bind_to_source(int socket, const source& from, std::uint16_t port) noexcept;

/// The ports of a range take turns, over all workers: the next one of `from`, 0 if it has none.
[[nodiscard]] std::uint16_t next_port(const source& from) noexcept;

}  // namespace hawser::io
