// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "http/message.h"

namespace hawser::http::compression {

/// What may be compressed.
struct policy {
    /// Media types: `text/html`, or all below one: `text/*`.
    std::vector<std::string> types;
    std::size_t size_min = 0;  ///< smaller bodies gain nothing
    /// Also what may hold secrets: a client that can put its own text beside one, and see the
    /// size, could learn it (BREACH, CVE-2013-3587).
    bool with_secrets = false;
};

/// What a request lets its answer be. Kept when its head is gone.
struct wish {
    std::optional<std::size_t> coding;  ///< the place of the one it wants most, if any
    bool may_have_secrets = false;      ///< it was authorized
    bool is_excluded = false;           ///< it asked for a range, or in HTTP/1.0
};

/// Of several codings that are wanted alike, the first is chosen. A request that rather has none,
/// or that says nothing of codings, wants none (RFC 9110 12.5.3).
[[nodiscard]] wish wish_of(const request_head& head, std::span<const std::string_view> offered);

enum class verdict : std::uint8_t {
    never,    ///< whoever asks
    varies,   ///< not for this request, but for others: caches must know (Vary)
    applies,  ///< with the coding that was wished for
};

/// `carries_mark`: an affinity cookie of ours goes with the answer.
[[nodiscard]] verdict judge(const response_head& head, const policy& by, const wish& asked,
                            bool carries_mark);

/// Whether a list of field values, such as Cache-Control, has this directive.
[[nodiscard]] bool has_directive(std::string_view list, std::string_view name) noexcept;

}  // namespace hawser::http::compression
