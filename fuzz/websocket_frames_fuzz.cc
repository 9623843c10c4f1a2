// SPDX-License-Identifier: Apache-2.0
#include "http/websocket_frames.h"

#include "input.h"

namespace hawser::http {
namespace {

void check(fuzz::input input) {
    const std::size_t piece = 1 + input.choose(32);
    websocket_frames at_once;
    websocket_frames in_pieces;
    std::string_view left = input.text();
    at_once.take(left);
    while (!left.empty()) {
        const auto taken = in_pieces.take_frame(fuzz::exact_copy(left.substr(0, piece)).view());
        ensure(taken > 0 && taken <= piece, "what is given is taken, and no more");
        left.remove_prefix(taken);
    }
    ensure(
        in_pieces.is_between() == at_once.is_between() && in_pieces.is_lost() == at_once.is_lost(),
        "the outcome does not depend on the cuts");
}

}  // namespace
}  // namespace hawser::http

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    hawser::http::check({data, size});
    return 0;
}
