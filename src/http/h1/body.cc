// SPDX-License-Identifier: Apache-2.0
#include "http/h1/body.h"

#include <algorithm>

namespace hawser::http::h1 {

body_reader::body_reader(framing how, std::uint64_t content_length,
                         const chunked_limits& limits) noexcept
    : how_(how),
      done_(how == framing::none || (how == framing::length && content_length == 0)),
      left_(how == framing::length ? content_length : 0),
      body_max_(limits.body),
      chunked_(limits) {}

body_step body_reader::decode(std::span<char> in) {
    if (done_) return {.payload = in.first(0), .consumed = 0, .done = true};
    body_step step = how_ == framing::chunked ? chunked_.decode(in) : take_plain(in);
    received_ += step.payload.size();
    done_ = step.done;
    return step;
}

body_step body_reader::take_plain(std::span<char> in) {
    const bool is_counted = how_ == framing::length;
    const auto count = is_counted
                           ? static_cast<std::size_t>(std::min<std::uint64_t>(left_, in.size()))
                           : in.size();
    body_step step{.payload = in.first(count), .consumed = count};
    const std::uint64_t all = received_ + (is_counted ? left_ : count);
    if (all > body_max_) {
        step.why = refusal{413, "body-too-large"};
        return step;
    }
    if (is_counted) left_ -= count;
    step.done = is_counted && left_ == 0;
    return step;
}

}  // namespace hawser::http::h1
