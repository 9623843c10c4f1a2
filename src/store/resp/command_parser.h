// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hawser::store::resp {

/// What a client may ask for in one command. Beyond a limit the framing counts as broken.
struct command_limits {
    std::size_t arguments = 65'536;          ///< the command's name included
    std::size_t argument = 4 * 1024 * 1024;  ///< bytes of one
    std::size_t command = 16 * 1024 * 1024;  ///< bytes of all
    std::size_t inline_line = 16 * 1024;
    std::size_t arguments_unproven = 16;        ///< of who has not said who it is
    std::size_t argument_unproven = 16 * 1024;  ///< the same

    friend bool operator==(const command_limits&, const command_limits&) = default;
};

/// Commands out of a client's bytes: arrays of bulk strings, or lines (R1.3).
///
/// Sans-I/O, strict and bounded: what is not a command to the letter is broken, and nothing is
/// reserved for what a length only promises. The bytes of a command stay with the caller, who shows
/// all of them again, and more, until it is whole; what was parsed is not parsed again.
class command_parser {
  public:
    explicit command_parser(const command_limits& most) : most_(most) {}

    enum class outcome : std::uint8_t {
        incomplete,  ///< show more
        command,     ///< `arguments()` is one, its first `used()` bytes
        nothing,     ///< `used()` bytes that say nothing: an empty line, `*0`
        broken,      ///< `complaint()`: answer with it, and close
    };

    /// Looks at `bytes`: all that have come since the last command.
    outcome parse(std::string_view bytes);

    /// The command; into the bytes that were shown, or into the parser until its next call.
    [[nodiscard]] std::span<const std::string_view> arguments() const { return arguments_; }
    [[nodiscard]] std::size_t used() const { return used_; }
    [[nodiscard]] std::string_view complaint() const { return complaint_; }

    /// Bytes that are still to come of the argument that is under way; 0: not known.
    [[nodiscard]] std::size_t awaited() const { return awaited_; }

    /// The client has said who it is.
    void prove() { proven_ = true; }
    void unprove() { proven_ = false; }

  private:
    outcome parse_array(std::string_view bytes);
    outcome parse_line(std::string_view bytes);
    outcome read_header(std::string_view bytes);
    outcome break_off(std::string_view why);
    outcome finish(outcome what, std::size_t used);
    /// A line of the array's framing: a mark, a number, CRLF.
    outcome read_number(std::string_view bytes, char mark, std::int64_t most,
                        std::string_view complaint, std::int64_t& into);
    bool split(std::string_view line);
    bool split_quoted(std::string_view line, std::size_t& at, std::string& word) const;

    [[nodiscard]] std::size_t arguments_max() const {
        return proven_ ? most_.arguments : most_.arguments_unproven;
    }
    [[nodiscard]] std::size_t argument_max() const {
        return proven_ ? most_.argument : most_.argument_unproven;
    }

    command_limits most_;
    bool proven_ = true;

    // Where in the command we are.

    bool in_array_ = false;
    std::size_t position_ = 0;  ///< parsed so far
    std::size_t expected_ = 0;  ///< arguments still to come
    std::int64_t length_ = -1;  ///< of the argument under way; -1: not read yet
    std::vector<std::pair<std::size_t, std::size_t>> found_;

    std::vector<std::string_view> arguments_;
    std::vector<std::string> words_;  ///< of a line, without quotes
    std::size_t used_ = 0;
    std::size_t awaited_ = 0;
    std::string_view complaint_;
};

}  // namespace hawser::store::resp
