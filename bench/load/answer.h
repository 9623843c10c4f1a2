// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <string>
#include <string_view>

namespace hawser::bench {

/// An answer as it arrives, whatever proxy it comes through: status, length, the first byte of
/// the body (which server), and the cookies that the proxy set.
class answer {
  public:
    void begin() { *this = answer(); }

    /// Takes bytes of this answer. False: they are no answer of ours (no length, too long).
    bool take(std::string_view bytes) {
        if (!has_head_) {
            if (!head_.empty()) bytes = head_.append(bytes);
            const std::size_t end = bytes.find("\r\n\r\n");
            if (end == bytes.npos) {
                if (head_.empty()) head_ = bytes;
                return head_.size() < head_max;
            }
            if (!read_head(bytes.substr(0, end + 2))) return false;
            bytes.remove_prefix(end + 4);
        }
        if (server_ == 0 && !bytes.empty()) server_ = bytes.front();
        received_ += bytes.size();
        return received_ <= length_;
    }

    bool is_complete() const { return has_head_ && received_ == length_; }
    bool has_begun() const { return has_head_ || !head_.empty(); }
    unsigned status() const { return status_; }
    std::size_t length() const { return length_; }
    char server() const { return server_; }
    const std::string& cookies() const { return cookies_; }  ///< "a=1; b=2"

  private:
    static constexpr std::size_t head_max = 64 << 10;

    bool read_head(std::string_view head) {
        has_head_ = true;
        if (head.size() < 12 || !head.starts_with("HTTP/1.")) return false;
        std::from_chars(head.data() + 9, head.data() + 12, status_);

        bool has_length = false;
        for (std::size_t at = head.find('\n') + 1; at < head.size();) {
            const std::size_t end = head.find('\r', at);
            const std::string_view line = head.substr(at, end - at);
            at = end + 2;
            if (const auto size = value_of(line, "content-length:"); !size.empty()) {
                std::from_chars(size.data(), size.data() + size.size(), length_);
                has_length = true;
            } else if (const auto cookie = value_of(line, "set-cookie:"); !cookie.empty()) {
                if (!cookies_.empty()) cookies_ += "; ";
                cookies_ += cookie.substr(0, cookie.find(';'));
            }
        }
        return has_length;
    }

    /// The value of the line if it is this field's (given in lower case, with its colon).
    static std::string_view value_of(std::string_view line, std::string_view name) {
        if (line.size() <= name.size()) return {};
        const auto is_same = [](char theirs, char ours) { return (theirs | 0x20) == ours; };
        if (!std::ranges::equal(line.substr(0, name.size()), name, is_same)) return {};
        line.remove_prefix(name.size());
        line.remove_prefix(std::min(line.size(), line.find_first_not_of(' ')));
        return line;
    }

    bool has_head_ = false;
    char server_ = 0;
    unsigned status_ = 0;
    std::size_t length_ = 0;
    std::size_t received_ = 0;
    std::string head_;
    std::string cookies_;
};

}  // namespace hawser::bench
