// SPDX-License-Identifier: Apache-2.0
#include "http/h2/body.h"

namespace hawser::http::h2 {

body_reader::step body_reader::take(const stream& from) {
    const auto refuse = [](unsigned status, std::string_view cause) {
        return step{.payload = {}, .why = refusal{status, cause}};
    };
    const std::span<char> payload = from.payload();
    received_ += payload.size();
    if (received_ > body_max_) return refuse(413, "body-too-large");
    if (how_ == framing::none && received_ != 0) return refuse(400, "unexpected-body");
    if (how_ == framing::length && received_ > content_length_)
        return refuse(400, "content-length-differs");
    if (from.fault()) return refuse(from.fault()->status, from.fault()->cause);
    if (!from.has_ended()) return {.payload = payload};
    if (how_ == framing::length && received_ != content_length_)
        return refuse(400, "content-length-differs");
    done_ = true;
    return {.payload = payload, .done = true};
}

}  // namespace hawser::http::h2
