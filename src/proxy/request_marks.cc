// SPDX-License-Identifier: Apache-2.0
#include "proxy/request_marks.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <span>

#include "base/limits.h"
#include "http/trace_context.h"

namespace hawser::proxy {

namespace {

template <std::size_t Count>
std::array<std::uint64_t, Count> random_numbers(crypto::random_stock& random) {
    std::array<std::uint8_t, Count * 8> bytes;
    random.take(bytes);
    std::array<std::uint64_t, Count> numbers;
    std::memcpy(numbers.data(), bytes.data(), sizeof bytes);
    return numbers;
}

bool is_believed(believes whom, bool is_trusted) {
    return whom == believes::all || (whom == believes::trusted && is_trusted);
}

/// Nothing that a log or a shell could stumble over, and nothing that a log would cut.
bool is_well_formed(std::string_view id) {
    return !id.empty() && id.size() <= limits::logged_request_id_max &&
           std::ranges::all_of(id, [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      std::string_view("-_.:/+=").contains(c);
           });
}

/// The only field of that name; null if there is none, or several.
const http::field* only_field(const http::request_head& head, std::string_view name) {
    const http::field* found = nullptr;
    for (const http::field& each : head.fields) {
        if (each.hop_by_hop || !http::equal_ignoring_case(each.name, name)) continue;
        if (found != nullptr) return nullptr;
        found = &each;
    }
    return found;
}

}  // namespace

request_marks::request_marks(const marking& by, const http::request_head& head, bool is_trusted,
                             crypto::random_stock& random)
    : by_(by) {
    if (!by.id_name.empty()) mark_id(head, is_trusted, random);
    if (by.traces) mark_trace(head, is_trusted, random);
}

void request_marks::mark_id(const http::request_head& head, bool is_trusted,
                            crypto::random_stock& random) {
    const http::field* came = only_field(head, by_.id_name);
    if (came != nullptr && is_believed(by_.ids, is_trusted) && is_well_formed(came->value)) {
        id_ = came->value;
    } else {
        const auto numbers = random_numbers<2>(random);
        id_.resize(32);
        http::write_hexadecimal(numbers[0], id_.data());
        http::write_hexadecimal(numbers[1], id_.data() + 16);
        has_new_id_ = true;
        server_lines_.append(by_.id_name).append(": ").append(id_).append("\r\n");
    }
    if (by_.tells_client) client_lines_.append(by_.id_name).append(": ").append(id_).append("\r\n");
}

void request_marks::mark_trace(const http::request_head& head, bool is_trusted,
                               crypto::random_stock& random) {
    const http::field* came = only_field(head, "traceparent");
    if (came != nullptr && is_believed(*by_.traces, is_trusted)) {
        if (const auto trace = http::trace_id_of(came->value)) {
            trace_id_ = *trace;
            return;
        }
    }
    const auto numbers = random_numbers<3>(random);
    const http::new_traceparent made({numbers[0], numbers[1]}, numbers[2]);
    trace_id_ = *http::trace_id_of(made.text());
    has_new_trace_ = true;
    server_lines_.append("traceparent: ").append(made.text()).append("\r\n");
}

bool request_marks::replaces(const http::field& one) const noexcept {
    if (has_new_id_ && http::are_names_alike(one.name, by_.id_name)) return true;
    // What a vendor added to a trace means nothing in another one.
    return has_new_trace_ && (http::equal_ignoring_case(one.name, "traceparent") ||
                              http::equal_ignoring_case(one.name, "tracestate"));
}

}  // namespace hawser::proxy
