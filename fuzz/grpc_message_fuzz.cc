// SPDX-License-Identifier: Apache-2.0
#include "health/grpc_message.h"

#include <string>

#include "input.h"

namespace hawser::health {
namespace {

/// An answer's body with that message.
std::string framed(std::string_view message) {
    std::string body(1, '\0');
    for (int shift = 24; shift >= 0; shift -= 8) body += char(message.size() >> shift & 0xff);
    return body.append(message);
}

void check_body(std::string_view text) {
    const fuzz::exact_copy body(text);
    const auto status = read_health_answer(body.view());
    if (!status) return;
    ensure(*status <= serving_status::service_unknown, "only what the protocol knows is said");
    ensure(text.front() == 0, "nothing is taken out of a compressed message");
    for (std::size_t size = 0; size < text.size(); ++size) {
        const fuzz::exact_copy part(text.substr(0, size));
        ensure(!read_health_answer(part.view()), "a part of an answer is none");
    }
    ensure(!read_health_answer(std::string(text) + '\0'), "and neither is one with more behind it");
}

void check_message(std::string_view text) {
    const fuzz::exact_copy body(framed(text));
    const auto status = read_health_answer(body.view());
    if (!status) return;
    const std::string unknown_field("\x12\x01x", 3);
    ensure(read_health_answer(framed(std::string(text) + unknown_field)) == status,
           "fields of later versions do not matter");
    for (const auto next : {serving_status::serving, serving_status::not_serving}) {
        const std::string again{'\x08', char(next)};
        ensure(read_health_answer(framed(std::string(text) + again)) == next,
               "of a field that is there twice the last counts");
    }
}

}  // namespace
}  // namespace hawser::health

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto text = hawser::fuzz::input(data, size).text();
    hawser::health::check_body(text);
    hawser::health::check_message(text);
    return 0;
}
