// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "observe/access_record.h"
#include "observe/timestamp.h"

namespace hawser::observe {

enum class access_format : std::uint8_t {
    json,      ///< one object a line, for machines
    combined,  ///< the Combined Log Format and five words of ours
    text,      ///< short aligned lines for people, coloured on a terminal
};

[[nodiscard]] std::string_view name_of(access_format);
[[nodiscard]] std::optional<access_format> access_format_named(std::string_view name);

/// Turns records into lines. docs/logs.md lists the fields.
///
/// Whatever bytes a record holds, its line is printable ASCII with one line feed, at its end (E4).
class access_formatter {
  public:
    explicit access_formatter(access_format format, bool is_coloured = false);

    void append(std::string& lines, const access_record& record);

  private:
    void append_json_line(std::string& line, const access_record& record);
    void append_combined_line(std::string& line, const access_record& record);
    void append_text_line(std::string& line, const access_record& record);

    access_format format_;
    bool is_coloured_;
    timestamp time_;
};

}  // namespace hawser::observe
