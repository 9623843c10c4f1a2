// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hawser::http::h2 {

/// A head of ours, written as HTTP/1.1, as the fields that say the same in HTTP/2.
///
/// Names become lower case; what belongs to a connection of HTTP/1.1 is left out: Connection,
/// Keep-Alive, Transfer-Encoding, Upgrade and the like (E104). The text was written by us, so
/// nothing is judged here.
class field_lines {
  public:
    using field = std::pair<std::string_view, std::string_view>;

    /// Of a request: method, path and Host become pseudo-fields. An upgrade to WebSocket becomes
    /// an extended CONNECT (RFC 8441).
    [[nodiscard]] static field_lines of_request(std::string_view head, std::string_view scheme);
    /// Of an answer: 101 becomes 200, which is what accepts an extended CONNECT.
    [[nodiscard]] static field_lines of_response(std::string_view head);
    /// Of trailers: lines without a first line.
    [[nodiscard]] static field_lines of_trailers(std::string_view lines);

    field_lines(field_lines&&) = default;

    [[nodiscard]] const std::vector<field>& fields() const noexcept { return fields_; }

  private:
    explicit field_lines(std::string_view text) { names_.reserve(text.size() + heap_min); }

    void take_lines(std::string_view lines);
    std::string_view lower(std::string_view name);

    /// More than a string keeps within itself: the views stay valid when it is moved.
    static constexpr std::size_t heap_min = 32;

    std::string names_;  // never grows beyond what was reserved
    std::vector<field> fields_;
};

}  // namespace hawser::http::h2
