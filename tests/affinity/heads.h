// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <initializer_list>
#include <string>
#include <string_view>

#include "http/field.h"
#include "http/message.h"

namespace hawser::affinity {

/// A request's head with these Cookie fields, as a parser would leave it.
class head_with {
  public:
    head_with() = default;
    explicit head_with(std::initializer_list<std::string_view> cookies) {
        for (const auto value : cookies) cookie(value);
    }

    void cookie(std::string_view value) {
        const auto& line = lines_.emplace_back("Cookie: " + std::string(value) + "\r\n");
        const std::string_view whole(line);
        head_.fields.add({.name = whole.substr(0, 6),
                          .value = whole.substr(8, value.size()),
                          .line = whole,
                          .id = http::field_id::cookie,
                          .plain = true});
    }

    operator const http::request_head&() const { return head_; }

  private:
    std::deque<std::string> lines_;  ///< so that the views stay
    http::request_head head_;
};

/// An answer's head with these Set-Cookie fields.
class answer_with {
  public:
    explicit answer_with(std::initializer_list<std::string_view> cookies) {
        for (const auto value : cookies) {
            head_.fields.add({.name = "Set-Cookie",
                              .value = value,
                              .line = {},
                              .id = http::field_id::set_cookie,
                              .plain = true});
        }
    }

    operator const http::response_head&() const { return head_; }

  private:
    http::response_head head_;
};

}  // namespace hawser::affinity
