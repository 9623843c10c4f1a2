// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <deque>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "affinity/chain.h"
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

    /// Any other field.
    head_with& field(std::string_view name, std::string_view value) {
        const std::string_view whole =
            lines_.emplace_back(std::string(name) + ": " + std::string(value) + "\r\n");
        head_.fields.add({.name = whole.substr(0, name.size()),
                          .value = whole.substr(name.size() + 2, value.size()),
                          .line = whole,
                          .id = http::field_id_of(name),
                          .plain = true});
        return *this;
    }

    head_with& target(std::string_view path, std::string_view query = {}) {
        head_.path = lines_.emplace_back(path);
        head_.query = lines_.emplace_back(query);
        return *this;
    }

    operator const http::request_head&() const { return head_; }

  private:
    std::deque<std::string> lines_;  ///< so that the views stay
    http::request_head head_;
};

/// A registry that knows the sessions which a test tells it of.
class told final : public known_sessions {
  public:
    void know(const session_key& key, session what = {}) { all_.emplace_back(key, what); }
    void end(const session_id& session) { ended_.push_back(session); }

    [[nodiscard]] std::optional<session> find(const session_key& key) const override {
        for (const auto& [known, what] : all_)
            if (known == key) return what;
        return std::nullopt;
    }
    [[nodiscard]] cause why_over(const session_id& session) const override {
        return std::ranges::find(ended_, session) != ended_.end() ? cause::ended : cause::none;
    }

  private:
    std::vector<session_id> ended_;
    std::vector<std::pair<session_key, session>> all_;
};

/// An answer's head with these Set-Cookie fields.
class answer_with {
  public:
    answer_with() = default;
    explicit answer_with(std::initializer_list<std::string_view> cookies) {
        for (const auto value : cookies) {
            head_.fields.add({.name = "Set-Cookie",
                              .value = value,
                              .line = {},
                              .id = http::field_id::set_cookie,
                              .plain = true});
        }
    }

    answer_with& field(std::string_view name, std::string_view value) {
        head_.fields.add({.name = name,
                          .value = value,
                          .line = {},
                          .id = http::field_id_of(name),
                          .plain = true});
        return *this;
    }

    operator const http::response_head&() const { return head_; }

  private:
    http::response_head head_;
};

}  // namespace hawser::affinity
