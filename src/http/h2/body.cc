// SPDX-License-Identifier: Apache-2.0
#include "http/h2/body.h"

namespace hawser::http::h2 {

body_reader::step body_reader::take(const stream& from) {
    const auto refuse = [](unsigned status, std::string_view cause) {
        return step{.payload = {}, .why = refusal{status, cause}};
    };
    std::span<char> payload = from.payload();
    const std::uint64_t received = given_ + payload.size();
    if (received > body_max_) return refuse(413, "body-too-large");
    if (how_ == framing::none && received != 0) return refuse(400, "unexpected-body");
    if (how_ == framing::length && received > content_length_)
        return refuse(400, "content-length-differs");
    if (from.fault()) return refuse(from.fault()->status, from.fault()->cause);
    const bool is_all = how_ == framing::length && received == content_length_;
    if (!from.has_ended()) {
        if (is_all && !payload.empty()) payload = payload.first(payload.size() - 1);
        given_ += payload.size();
        return {.payload = payload};
    }
    if (how_ == framing::length && !is_all) return refuse(400, "content-length-differs");
    given_ = received;
    done_ = true;
    return {.payload = payload, .done = true};
}

}  // namespace hawser::http::h2
