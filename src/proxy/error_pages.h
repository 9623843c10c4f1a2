// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "http/field.h"

namespace hawser::proxy {

/// The body of an error answer of ours for one status, or a class of them.
struct error_page {
    std::string html;  ///< empty: none
    std::string json;

    friend bool operator==(const error_page&, const error_page&) = default;
};

/// Pages by status: 404; 4 and 5 stand for the rest of their class. They are fixed texts, so that
/// nothing of a request is ever in one (E6).
using error_pages = std::map<unsigned, error_page>;

enum class page_form : std::uint8_t { plain, html, json };

/// What an Accept value rather has: `html` or `json`, whichever has the greater weight; `plain` for
/// a client that names neither.
[[nodiscard]] page_form wanted_form(std::string_view accept) noexcept;

struct page {
    std::string_view content_type;
    std::string_view body;
};

/// The page for a status: that of the first of `from` that has one (null: it has none), else a
/// short one of ours, which is written into `space`.
[[nodiscard]] page page_for(unsigned status, page_form form,
                            const std::array<const error_pages*, 3>& from, std::string& space);

}  // namespace hawser::proxy
