// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "config/text_pairs.h"

/// What a person may write of header fields. Each says what is wrong; empty: nothing.
namespace hawser::http {

/// Of a field that says where a message ends or who speaks: those are ours alone.
[[nodiscard]] std::string why_reserved(std::string_view name);

/// Names are tokens, and values hold no control characters.
[[nodiscard]] std::string wrong_fields(const config::text_pairs& fields);

/// The same of fields that we write into a head: none of them may be reserved.
[[nodiscard]] std::string wrong_set(const config::text_pairs& fields);

}  // namespace hawser::http
