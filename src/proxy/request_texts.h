// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

#include "base/limits.h"
#include "base/result.h"
#include "http/message.h"
#include "http/pattern.h"

namespace hawser::proxy {

/// How a route's own texts look at the path that it matched.
struct path_reading {
    std::size_t depth = 0;                ///< segments of its prefix
    std::optional<http::pattern> groups;  ///< its pattern, where a text names its groups
};

/// What a route's texts may say of a request.
struct request_texts {
    std::string_view scheme;
    std::string_view authority;  ///< with its port
    std::string_view host;       ///< without
    std::string_view path;       ///< as it was sent
    std::string_view rest;       ///< of the path, below the route's prefix, as it was sent
    std::string_view suffix;     ///< of the target, behind the path: `?` and the query; or empty
    /// What the route's pattern found in the path's normal form; the first is all of it.
    std::array<std::string_view, limits::pattern_groups_max + 1> groups;
};

/// The texts of one request, valid as long as its head and this.
class texts_of_request {
  public:
    texts_of_request(const http::request_head& head, std::string_view scheme,
                     const path_reading& how);
    texts_of_request(const texts_of_request&) = delete;
    texts_of_request& operator=(const texts_of_request&) = delete;

    [[nodiscard]] const request_texts& texts() const noexcept { return texts_; }
    /// The groups could not be told apart from another path's: such a request is refused.
    [[nodiscard]] bool is_ambiguous() const noexcept { return is_ambiguous_; }

  private:
    request_texts texts_;
    bool is_ambiguous_ = false;
    std::array<char, limits::request_head_max> space_;  // of the normal form
};

}  // namespace hawser::proxy
