// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <utility>

namespace hawser {

/// What went wrong, as far as a caller may want to decide on it.
enum class errc : std::uint8_t {
    end_of_stream,   ///< the peer ended its side in order
    untrusted,       ///< the peer could not prove who it is, or speaks no TLS as we want it
    truncated,       ///< the connection ended before its protocol had said so
    reset,           ///< the connection broke
    refused,         ///< nobody listens there
    unreachable,     ///< no way to the address
    timed_out,       ///< a deadline passed
    cancelled,       ///< the surrounding scope was stopped
    address_in_use,  ///< the port is taken
    exhausted,       ///< descriptors, memory or a limit of ours
    malformed,       ///< the peer sent what its protocol forbids
    invalid,         ///< an argument or a file that a person wrote is wrong
    not_found,
    unavailable,  ///< the thing asked for exists but cannot be had now
    no_server,    ///< no usable server is left to try
    system,       ///< any other answer of the operating system
};

/// The name of `code` as logs and metrics show it, e.g. `timed-out`.
[[nodiscard]] std::string_view name_of(errc code) noexcept;

/// An expected failure. `context` is for people; `safe_to_retry` says that nothing can have had an
/// effect yet, so the same work may be tried elsewhere.
struct error {
    errc code = errc::system;
    std::string context = {};
    bool safe_to_retry = false;
};

template <typename T = void>
using result = std::expected<T, error>;

/// `return fail(errc::invalid, "...")` from any function that returns a result.
[[nodiscard]] inline std::unexpected<error> fail(errc code, std::string context = {},
                                                 bool safe_to_retry = false) {
    return std::unexpected<error>(error{code, std::move(context), safe_to_retry});
}

/// The error of the operating system's `number` (errno), with what was being done.
[[nodiscard]] error system_error(int number, std::string_view doing);

}  // namespace hawser
