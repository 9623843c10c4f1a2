// SPDX-License-Identifier: Apache-2.0
#include "http/h2/field_lines.h"

#include "http/field.h"
#include "http/scan.h"

namespace hawser::http::h2 {
namespace {

std::string_view take_line(std::string_view& text) {
    const std::size_t end = std::min(text.find("\r\n"), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 2, text.size()));
    return line;
}

std::string_view take_word(std::string_view& line) {
    const std::string_view word = line.substr(0, line.find(' '));
    line.remove_prefix(std::min(word.size() + 1, line.size()));
    return word;
}

field_lines::field split(std::string_view line) {
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) return {};
    return {line.substr(0, colon), scan::trim(line.substr(colon + 1))};
}

bool stays(field_id id, std::string_view value) {
    switch (id) {
        case field_id::connection:
        case field_id::http2_settings:
        case field_id::keep_alive:
        case field_id::proxy_connection:
        case field_id::transfer_encoding:
        case field_id::upgrade: return false;
        case field_id::te: return value == "trailers";
        default: return true;
    }
}

}  // namespace

field_lines field_lines::of_request(std::string_view head, std::string_view scheme) {
    field_lines made(head);
    std::string_view rest = head;
    std::string_view first = take_line(rest);
    const std::string_view method = take_word(first);
    const std::string_view path = take_word(first);

    std::string_view host;
    bool is_websocket = false;
    for (std::string_view lines = rest; !lines.empty();) {
        const auto [name, value] = split(take_line(lines));
        const field_id id = field_id_of(name);
        if (id == field_id::host) host = value;
        if (id == field_id::upgrade) is_websocket = equal_ignoring_case(value, "websocket");
    }
    made.fields_.emplace_back(":method", is_websocket ? "CONNECT" : method);
    if (is_websocket) made.fields_.emplace_back(":protocol", "websocket");
    made.fields_.emplace_back(":scheme", scheme);
    if (!host.empty()) made.fields_.emplace_back(":authority", host);
    made.fields_.emplace_back(":path", path);
    made.take_lines(rest);
    std::erase_if(made.fields_, [&](const field& each) {
        return each.first == "host" || (is_websocket && each.first == "sec-websocket-key");
    });
    return made;
}

field_lines field_lines::of_response(std::string_view head) {
    field_lines made(head);
    std::string_view rest = head;
    std::string_view first = take_line(rest);
    take_word(first);
    const std::string_view status = take_word(first);
    const bool is_upgrade = status == "101";
    made.fields_.emplace_back(":status", is_upgrade ? "200" : status);
    made.take_lines(rest);
    if (is_upgrade)
        std::erase_if(made.fields_,
                      [](const field& each) { return each.first == "sec-websocket-accept"; });
    return made;
}

field_lines field_lines::of_trailers(std::string_view lines) {
    field_lines made(lines);
    made.take_lines(lines);
    return made;
}

void field_lines::take_lines(std::string_view lines) {
    while (!lines.empty()) {
        const auto [name, value] = split(take_line(lines));
        if (!name.empty() && stays(field_id_of(name), value))
            fields_.emplace_back(lower(name), value);
    }
}

std::string_view field_lines::lower(std::string_view name) {
    const std::size_t begin = names_.size();
    for (const char c : name) names_ += c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    return std::string_view(names_).substr(begin);
}

}  // namespace hawser::http::h2
