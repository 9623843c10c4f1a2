// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "config/codec.h"
#include "http/message.h"
#include "io/ip_address.h"

namespace hawser::balance {

/// What of a request decides its server, where servers are chosen by hash.
///
/// A request without it (no such field or cookie, none of the parameters) goes by its client's
/// address: else all of them would be one key, with one server.
struct key_source {
    enum class part : std::uint8_t {
        source_ip,
        uri,      ///< path and query
        path,     ///< in its normal form, as routes match on it
        query,    ///< the values of chosen parameters
        header,   ///< the values of a field, in order
        cookie,   ///< the value of the first that has the name
        session,  ///< its key, which whoever asks knows, and sets in the place of the hash
    };

    part of = part::source_ip;
    std::vector<std::string> names = {};  ///< of the parameters; or one, of the field or cookie

    /// A hash keyed by `salt`: the same on every node that has the same keys.
    [[nodiscard]] std::uint64_t hash_of(const http::request_head& head,
                                        const io::ip_address& client,
                                        std::uint64_t salt) const noexcept;

    friend bool operator==(const key_source&, const key_source&) = default;
};

}  // namespace hawser::balance

namespace hawser::config {

/// `source-ip`, `uri`, `path`, `session`, `{query: [NAME, ...]}`, `{header: NAME}` or `{cookie:
/// NAME}`.
template <>
struct codec<balance::key_source> {
    static bool read(const node& given, balance::key_source& into, diagnostics& out);
    static node show(const balance::key_source& value);
    static shape type();
};

}  // namespace hawser::config
