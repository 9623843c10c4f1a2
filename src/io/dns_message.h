// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "io/ip_address.h"

namespace hawser::io {

/// What name servers are asked for (RFC 1035, 3596, 2782).
enum class dns_type : std::uint8_t { a, aaaa, srv };

/// One SRV record: who serves, and whom to ask first.
struct dns_service {
    std::string host;  ///< without a dot at its end
    std::uint16_t port = 0;
    std::uint16_t priority = 0;  ///< the lower, the sooner it is asked
    std::uint16_t weight = 0;    ///< its share among those of its priority; 0: next to nothing

    friend auto operator<=>(const dns_service&, const dns_service&) = default;
};

/// What a name server said of one name. Without records the name, or such records of it, are known
/// not to exist; that nobody could say is an error.
struct dns_answer {
    std::vector<ip_address> addresses = {};  ///< of A and AAAA, in no order that means anything
    std::vector<dns_service> services = {};  ///< of SRV, likewise
    /// How long that holds (RFC 2308, 5 for what does not exist); nothing: it does not say.
    std::optional<std::chrono::seconds> ttl = {};

    [[nodiscard]] bool is_empty() const noexcept { return addresses.empty() && services.empty(); }
};

/// Reads the answer to a question for `what`, whole as it came. At most `dns_records_max` records
/// are taken, the others are passed over. `malformed` for what is no answer.
[[nodiscard]] result<dns_answer> read_dns_answer(std::span<const unsigned char> message,
                                                 dns_type what);

/// An answer that says of the name, or of such records of it, that they do not exist.
[[nodiscard]] dns_answer read_dns_denial(std::span<const unsigned char> message);

}  // namespace hawser::io
