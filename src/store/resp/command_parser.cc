// SPDX-License-Identifier: Apache-2.0
#include "store/resp/command_parser.h"

#include <algorithm>
#include <charconv>
#include <optional>

namespace hawser::store::resp {

namespace {

constexpr std::size_t number_line_max = 16;  // of a length: a mark and at most 14 digits

bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\v' || c == '\f' || c == '\r' || c == '\0';
}

std::optional<char> hex_digit(char c) {
    if (c >= '0' && c <= '9') return char(c - '0');
    if (c >= 'a' && c <= 'f') return char(c - 'a' + 10);
    if (c >= 'A' && c <= 'F') return char(c - 'A' + 10);
    return std::nullopt;
}

/// What stands behind a backslash within double quotes.
char unescaped(char c) {
    switch (c) {
        case 'n': return '\n';
        case 'r': return '\r';
        case 't': return '\t';
        case 'b': return '\b';
        case 'a': return '\a';
        default: return c;
    }
}

}  // namespace

command_parser::outcome command_parser::parse(std::string_view bytes) {
    used_ = awaited_ = 0;
    arguments_.clear();
    if (bytes.empty()) return outcome::incomplete;
    return in_array_ || bytes.front() == '*' ? parse_array(bytes) : parse_line(bytes);
}

command_parser::outcome command_parser::parse_array(std::string_view bytes) {
    if (!in_array_) {
        if (const auto done = read_header(bytes); !in_array_) return done;
    }
    while (expected_ > 0) {
        if (length_ < 0) {
            if (position_ == bytes.size()) return outcome::incomplete;
            if (bytes[position_] != '$') return break_off("expected '$'");
            const auto most = std::int64_t(argument_max());
            const auto done = read_number(bytes, '$', most, "invalid bulk length", length_);
            if (done != outcome::command) return done;
            if (length_ < 0) return break_off("invalid bulk length");
            if (position_ + std::size_t(length_) > most_.command)
                return break_off("the command is too large");
        }
        const std::size_t size = std::size_t(length_);
        if (bytes.size() - position_ < size + 2) {
            awaited_ = size + 2 - (bytes.size() - position_);
            return outcome::incomplete;
        }
        if (bytes.substr(position_ + size, 2) != "\r\n") return break_off("invalid bulk length");
        found_.emplace_back(position_, size);
        position_ += size + 2;
        length_ = -1;
        --expected_;
    }
    for (const auto& [at, size] : found_) arguments_.push_back(bytes.substr(at, size));
    return finish(outcome::command, position_);
}

command_parser::outcome command_parser::read_header(std::string_view bytes) {
    std::int64_t count = 0;
    const auto most = std::int64_t(arguments_max());
    const auto done = read_number(bytes, '*', most, "invalid multibulk length", count);
    if (done != outcome::command) return done;
    if (count <= 0) return finish(outcome::nothing, position_);
    in_array_ = true;
    expected_ = std::size_t(count);
    return outcome::command;
}

command_parser::outcome command_parser::read_number(std::string_view bytes, char mark,
                                                    std::int64_t most, std::string_view complaint,
                                                    std::int64_t& into) {
    const auto line = bytes.substr(position_, number_line_max);
    const std::size_t end = line.find('\r');
    if (end == std::string_view::npos)
        return line.size() == number_line_max ? break_off(complaint) : outcome::incomplete;
    if (end + 1 == line.size() && line.size() < number_line_max) return outcome::incomplete;
    if (end + 1 == line.size() || line[end + 1] != '\n') return break_off(complaint);
    const auto digits = line.substr(1, end - 1);
    std::int64_t value = 0;
    const auto [stop, failed] =
        std::from_chars(digits.data(), digits.data() + digits.size(), value);
    // `*-1` is nothing; no other negative number means anything, and `+5`, `05` are no numbers.
    const bool is_odd = digits.size() > 1 && (digits[0] == '0' || digits == "-0");
    if (line[0] != mark || failed != std::errc() || stop != digits.data() + digits.size() ||
        is_odd || value < -1 || value > most)
        return break_off(complaint);
    position_ += end + 2;
    into = value;
    return outcome::command;
}

command_parser::outcome command_parser::parse_line(std::string_view bytes) {
    const std::size_t most = std::min(most_.inline_line, argument_max());
    const std::size_t end = bytes.substr(0, most + 1).find('\n');
    if (end == std::string_view::npos)
        return bytes.size() > most ? break_off("too big inline request") : outcome::incomplete;
    if (!split(bytes.substr(0, end))) return break_off("unbalanced quotes in request");
    if (words_.size() > arguments_max()) return break_off("too many arguments");
    for (const auto& word : words_) arguments_.emplace_back(word);
    return finish(words_.empty() ? outcome::nothing : outcome::command, end + 1);
}

/// Splits a line at blanks; quotes hold blanks together. False: a quote is not closed, or goes on
/// into the next word.
bool command_parser::split(std::string_view line) {
    words_.clear();
    for (std::size_t at = 0;;) {
        while (at < line.size() && is_blank(line[at])) ++at;
        if (at == line.size()) return true;
        std::string word;
        while (at < line.size() && !is_blank(line[at])) {
            if (line[at] != '"' && line[at] != '\'') {
                word += line[at++];
                continue;
            }
            if (!split_quoted(line, at, word)) return false;
            if (at < line.size() && !is_blank(line[at])) return false;
        }
        words_.push_back(std::move(word));
    }
}

bool command_parser::split_quoted(std::string_view line, std::size_t& at, std::string& word) const {
    const char quote = line[at++];
    for (; at < line.size(); ++at) {
        const char here = line[at];
        if (here == quote) {
            ++at;
            return true;
        }
        if (here != '\\' || at + 1 == line.size()) {
            word += here;
            continue;
        }
        const char next = line[at + 1];
        if (quote == '\'') {
            if (next == '\'') ++at;
            word += line[at];
            continue;
        }
        const auto high = at + 3 < line.size() ? hex_digit(line[at + 2]) : std::nullopt;
        const auto low = at + 3 < line.size() ? hex_digit(line[at + 3]) : std::nullopt;
        if (next == 'x' && high && low) {
            word += char(*high * 16 + *low);
            at += 3;
            continue;
        }
        word += unescaped(next);
        ++at;
    }
    return false;
}

command_parser::outcome command_parser::break_off(std::string_view why) {
    complaint_ = why;
    return outcome::broken;
}

command_parser::outcome command_parser::finish(outcome what, std::size_t used) {
    used_ = used;
    in_array_ = false;
    position_ = 0;
    expected_ = 0;
    length_ = -1;
    found_.clear();
    return what;
}

}  // namespace hawser::store::resp
