// SPDX-License-Identifier: Apache-2.0
#include "affinity/affinity.h"

#include <algorithm>

#include "http/field.h"
#include "http/message.h"

namespace hawser::affinity {

namespace {

/// The name in a Set-Cookie value, as browsers read it (RFC 6265, 5.2).
std::string_view name_set_by(std::string_view value) {
    auto name = value.substr(0, std::min(value.find('='), value.find(';')));
    const auto end = name.find_last_not_of(" \t");
    name = name.substr(0, end == name.npos ? 0 : end + 1);
    return name.substr(std::min(name.find_first_not_of(" \t"), name.size()));
}

}  // namespace

bool affinity::is_overwritten_by(const http::response_head& answer) const {
    if (cookie_name_.empty()) return false;
    return std::ranges::any_of(answer.fields, [&](const http::field& each) {
        return each.id == http::field_id::set_cookie && name_set_by(each.value) == cookie_name_;
    });
}

}  // namespace hawser::affinity
