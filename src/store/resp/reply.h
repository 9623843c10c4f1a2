// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace hawser::store::resp {

/// Which of its two forms RESP has on a connection.
enum class protocol : std::uint8_t { resp2 = 2, resp3 = 3 };

/// Answers into bytes, in the form that the client has asked for.
class reply {
  public:
    void set_protocol(protocol form) { form_ = form; }
    [[nodiscard]] protocol form() const { return form_; }

    void status(std::string_view text) { line('+', text); }
    void ok() { status("OK"); }
    /// `text` begins with its code, such as `ERR`. What could break the line is left out.
    void error(std::string_view text) {
        out_ += '-';
        for (const char c : text) out_ += c == '\r' || c == '\n' ? ' ' : c;
        out_ += "\r\n";
    }
    void number(std::int64_t value) { counted(':', value); }
    void bulk(std::string_view bytes) {
        counted('$', std::int64_t(bytes.size()));
        out_ += bytes;
        out_ += "\r\n";
    }
    void null() { out_ += form_ == protocol::resp3 ? "_\r\n" : "$-1\r\n"; }
    /// In the place of an array.
    void no_array() { out_ += form_ == protocol::resp3 ? "_\r\n" : "*-1\r\n"; }
    /// A number that need not be whole.
    void real(std::string_view digits) {
        if (form_ == protocol::resp3)
            line(',', digits);
        else
            bulk(digits);
    }
    void array(std::size_t size) { counted('*', std::int64_t(size)); }
    /// So many follow, in no order.
    void set(std::size_t size) {
        counted(form_ == protocol::resp3 ? '~' : '*', std::int64_t(size));
    }
    /// What nobody has asked for; in the older form it is an array like any other.
    void push(std::size_t size) {
        counted(form_ == protocol::resp3 ? '>' : '*', std::int64_t(size));
    }
    /// `pairs` names and values follow.
    void map(std::size_t pairs) {
        if (form_ == protocol::resp3)
            counted('%', std::int64_t(pairs));
        else
            array(2 * pairs);
    }

    [[nodiscard]] const std::string& bytes() const { return out_; }
    [[nodiscard]] std::string& buffer() { return out_; }

  private:
    void line(char mark, std::string_view text) {
        out_ += mark;
        out_ += text;
        out_ += "\r\n";
    }
    void counted(char mark, std::int64_t value) {
        char digits[24];
        const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
        line(mark, {digits, std::size_t(end - digits)});
    }

    std::string out_;
    protocol form_ = protocol::resp2;
};

}  // namespace hawser::store::resp
