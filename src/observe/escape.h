// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace hawser::observe {

// Whatever comes from outside passes one of these on its way into a line. What they append is
// printable ASCII only, so no byte of a request can end a line, close a quotation, or move the
// cursor of the terminal on which somebody reads it.

/// As the inside of a JSON string. What is not ASCII becomes `\uXXXX`, from which a reader restores
/// it; a byte that is not part of valid UTF-8 becomes `\ufffd`.
void append_json(std::string& line, std::string_view bytes);

/// What a text must not be mistaken for, where it stands.
enum class place : std::uint8_t {
    quoted,   ///< between quotation marks: they and backslashes are encoded
    word,     ///< between blanks: these as well; an empty text is a `-`
    message,  ///< the rest of a line for people: quotation marks and backslashes stay
};

/// Bytes that may not stand there become `\xHH`, as nginx writes them.
void append_escaped(std::string& line, std::string_view bytes, place where);

void append_number(std::string& line, std::uint64_t number);

/// Sixteen digits.
void append_hex(std::string& line, std::uint64_t number);

}  // namespace hawser::observe
