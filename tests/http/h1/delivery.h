// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "http/h1/parser.h"

namespace hawser::http::h1 {

/// A verdict without its views, for comparing.
struct verdict {
    parse_state state = parse_state::incomplete;
    std::size_t consumed = 0;
    unsigned status = 0;
    std::string cause = {};

    friend bool operator==(const verdict&, const verdict&) = default;
};

inline std::ostream& operator<<(std::ostream& out, const verdict& v) {
    switch (v.state) {
        case parse_state::complete: return out << "complete, " << v.consumed << " bytes";
        case parse_state::incomplete: return out << "incomplete";
        case parse_state::refused: return out << v.status << ' ' << v.cause;
    }
    return out;
}

inline verdict verdict_of(const parse_result& result) {
    return {result.state, result.consumed,
            result.state == parse_state::refused ? result.why.status : 0,
            std::string(result.why.cause)};
}

/// Parses a request delivered at once, then byte by byte, and insists on one verdict (E2): no
/// prefix may say anything but `incomplete` or what the whole says.
class delivered_request {
  public:
    explicit delivered_request(std::string_view bytes, const request_limits& limits = {})
        : bytes_(std::make_unique<char[]>(bytes.size())), size_(bytes.size()) {
        // In a block of exactly its size, so that a sanitizer sees a read beyond.
        bytes.copy(bytes_.get(), size_);
        said = verdict_of(parse_request_head({bytes_.get(), size_}, head, limits));
        check_prefixes(limits);
    }

    verdict said;
    request_head head;

    [[nodiscard]] unsigned status() const { return said.status; }
    [[nodiscard]] bool is_complete() const { return said.state == parse_state::complete; }

  private:
    void check_prefixes(const request_limits& limits) const {
        auto partial = std::make_unique<request_head>();
        for (std::size_t cut = 0; cut < size_; ++cut) {
            const auto copy = std::make_unique<char[]>(cut);
            std::copy_n(bytes_.get(), cut, copy.get());
            const auto early = verdict_of(parse_request_head({copy.get(), cut}, *partial, limits));
            if (early.state == parse_state::incomplete) continue;
            EXPECT_EQ(early, said) << "after " << cut << " bytes of "
                                   << std::string_view(bytes_.get(), size_).substr(0, 300);
            return;
        }
    }

    std::unique_ptr<char[]> bytes_;
    std::size_t size_;
};

/// The same for an answer. Each prefix is parsed in its own copy; besides, one copy grows byte by
/// byte and is parsed again and again, as a connection's buffer is.
class delivered_response {
  public:
    explicit delivered_response(std::string_view bytes, const response_expectation& expected = {},
                                const response_limits& limits = {})
        : bytes_(bytes.begin(), bytes.end()) {
        bytes_.shrink_to_fit();
        said = verdict_of(parse_response_head(bytes_, expected, head, limits));
        check_prefixes(bytes, expected, limits);
    }

    verdict said;
    response_head head;

    [[nodiscard]] unsigned status() const { return said.status; }
    [[nodiscard]] bool is_complete() const { return said.state == parse_state::complete; }

  private:
    void check_prefixes(std::string_view bytes, const response_expectation& expected,
                        const response_limits& limits) const {
        auto partial = std::make_unique<response_head>();
        std::vector<char> growing;
        growing.reserve(bytes.size());
        for (const char byte : bytes) {
            growing.push_back(byte);
            const auto early = verdict_of(parse_response_head(growing, expected, *partial, limits));
            if (early.state == parse_state::incomplete) continue;
            EXPECT_EQ(early, said)
                << "after " << growing.size() << " bytes of " << bytes.substr(0, 300);
            return;
        }
        EXPECT_EQ(said.state, parse_state::incomplete);
    }

    std::vector<char> bytes_;
};

/// A GET with Host and these field lines.
inline std::string get_with(std::string_view field_lines) {
    return "GET / HTTP/1.1\r\nHost: a\r\n" + std::string(field_lines) + "\r\n";
}

/// A POST with Host and these field lines.
inline std::string post_with(std::string_view field_lines) {
    return "POST / HTTP/1.1\r\nHost: a\r\n" + std::string(field_lines) + "\r\n";
}

/// A string literal with NULs in it.
template <std::size_t N>
std::string bytes_of(const char (&literal)[N]) {
    return std::string(literal, N - 1);
}

}  // namespace hawser::http::h1
