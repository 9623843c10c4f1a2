// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstring>
#include <string>
#include <string_view>
#include <utility>

namespace hawser::crypto {

/// Text with key material in it, such as a key file: wiped when it is no longer needed.
class secret_text {
  public:
    secret_text() = default;
    explicit secret_text(std::string text) : text_(std::move(text)) {}
    secret_text(secret_text&&) = default;
    secret_text& operator=(secret_text&&) = delete;
    ~secret_text() { ::explicit_bzero(text_.data(), text_.size()); }

    [[nodiscard]] std::string_view view() const { return text_; }

    /// Appends, and leaves no copy behind where the text has to move.
    void append(std::string_view more) {
        if (text_.capacity() - text_.size() < more.size()) {
            std::string larger;
            larger.reserve(2 * (text_.size() + more.size()));
            larger.append(text_);
            ::explicit_bzero(text_.data(), text_.size());
            text_ = std::move(larger);
        }
        text_.append(more);
    }

  private:
    std::string text_;
};

}  // namespace hawser::crypto
