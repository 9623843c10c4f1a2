// SPDX-License-Identifier: Apache-2.0
#include "http/field_settings.h"

#include <algorithm>
#include <array>

#include "http/cookie.h"
#include "http/field.h"

namespace hawser::http {

namespace {

constexpr std::array<std::string_view, 8> reserved_fields{
    "connection", "content-length", "transfer-encoding", "te",
    "upgrade",    "keep-alive",     "trailer",           "proxy-connection"};

}  // namespace

std::string why_reserved(std::string_view name) {
    if (equal_ignoring_case(name, "host")) return "`Host` is set by `host` of the pool";
    for (const auto one : reserved_fields) {
        if (equal_ignoring_case(one, name)) {
            return "`" + std::string(name) + "` belongs to the connection and cannot be changed";
        }
    }
    return {};
}

std::string wrong_fields(const config::text_pairs& fields) {
    for (const auto& [name, value] : fields.all) {
        if (!is_token(name)) return "`" + name + "` is no name of a header field";
        const bool has_control = std::ranges::any_of(value, [](char c) {
            return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f;
        });
        if (has_control) return "the value of `" + name + "` holds a control character";
    }
    return {};
}

std::string wrong_set(const config::text_pairs& fields) {
    if (auto why = wrong_fields(fields); !why.empty()) return why;
    for (const auto& [name, value] : fields.all) {
        if (auto why = why_reserved(name); !why.empty()) return why;
    }
    return {};
}

}  // namespace hawser::http
