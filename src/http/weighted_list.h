// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>

namespace hawser::http {

/// How much a weighted list such as Accept-Encoding wants `member`, in thousandths of 1 (RFC 9110
/// 12.4.2): `gzip;q=0.5` is 500, without q it is 1000, 0 is "not acceptable". Nothing: the list
/// does not name it. Letter case does not count. A member whose weight is malformed counts as not
/// named.
[[nodiscard]] std::optional<unsigned> weight_in(std::string_view list,
                                                std::string_view member) noexcept;

}  // namespace hawser::http
