// SPDX-License-Identifier: Apache-2.0
#include "proxy/session_word.h"

#include <algorithm>
#include <charconv>

#include "base/limits.h"
#include "http/scan.h"
#include "upstream/instance.h"

namespace hawser::proxy {

namespace {

/// Longer than bindings last is as long as they last; no number is no time.
std::chrono::seconds seconds_in(std::string_view text) {
    std::uint32_t count = 0;
    const auto [end, why] = std::from_chars(text.data(), text.data() + text.size(), count);
    if (end != text.data() + text.size()) return std::chrono::seconds(0);
    if (why == std::errc::result_out_of_range) return limits::binding_age_max;
    if (why != std::errc()) return std::chrono::seconds(0);
    return std::min(std::chrono::seconds(count), std::chrono::seconds(limits::binding_age_max));
}

}  // namespace

void session_word::take(std::string_view said) {
    while (!said.empty()) {
        const auto word = said.substr(0, said.find(','));
        said.remove_prefix(std::min(said.size(), word.size() + 1));
        take_word(http::scan::trim(word));
    }
}

void session_word::take_word(std::string_view word) {
    const auto name = word.substr(0, word.find('='));
    const auto value = word.substr(std::min(word.size(), name.size() + 1));
    const bool stands_alone = name.size() == word.size();
    if (name == "extend") {
        extends = seconds_in(value);
    } else if (name == "move") {
        moves = stands_alone || !value.empty();
        successor = value;
    } else if (stands_alone && name == "end") {
        ends = true;
    } else if (stands_alone && name == "accept") {
        accepts = true;
    } else if (stands_alone && (name == "may-move" || name == "may-not-move")) {
        may_move = name == "may-move";
    } else if (stands_alone && (name == "valuable" || name == "ordinary")) {
        is_valuable = name == "valuable";
    }
}

server_words server_words::in(const http::field_list& fields) {
    server_words found;
    for (const http::field& each : fields) {
        if (each.id != http::field_id::ours) continue;
        if (!found.instance && http::equal_ignoring_case(each.name, upstream::instance_field))
            found.instance = upstream::instance_mark(each.value);
        else if (http::equal_ignoring_case(each.name, session_word::field))
            found.session.take(each.value);
    }
    return found;
}

}  // namespace hawser::proxy
