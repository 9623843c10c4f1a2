// SPDX-License-Identifier: Apache-2.0
#include <string>

#include "http/h1/chunked.h"
#include "http/h1/writer.h"
#include "input.h"

namespace hawser::http::h1 {
namespace {

struct outcome {
    std::string payload;
    std::string trailers;
    std::size_t consumed = 0;
    bool done = false;
    std::optional<refusal> why;

    friend bool operator==(const outcome&, const outcome&) = default;
};

constexpr chunked_limits small{.body = 10'000, .trailer_bytes = 200, .trailer_fields = 4};

outcome decode(std::string_view stream, std::size_t piece, const chunked_limits& limits) {
    chunked_decoder decoder(limits);
    outcome all;
    while (!stream.empty() && !all.done && !all.why) {
        fuzz::exact_copy in(stream.substr(0, piece));
        stream.remove_prefix(in.view().size());
        const body_step step = decoder.decode(in.span());
        all.payload.append(step.payload.data(), step.payload.size());
        all.consumed += step.consumed;
        all.done = step.done;
        all.why = step.why;
    }
    if (all.done) all.trailers = decoder.trailers();
    return all;
}

void check(fuzz::input input) {
    const std::size_t piece = 1 + input.choose(32);
    const outcome at_once = decode(input.text(), input.text().size(), small);
    ensure(decode(input.text(), piece, small) == at_once,
           "the outcome does not depend on the cuts");
    if (!at_once.done) return;

    std::string written;
    if (!at_once.payload.empty())
        written.append(chunk_head(at_once.payload.size()).text())
            .append(at_once.payload)
            .append(chunk_end);
    written.append(last_chunk_head).append(at_once.trailers).append(trailers_end);
    // A trailer may grow by the blank after its colon.
    const outcome again = decode(written, piece, {});
    ensure(again.done && again.consumed == written.size(), "what we write is one body");
    ensure(again.payload == at_once.payload && again.trailers == at_once.trailers, "the same body");
}

}  // namespace
}  // namespace hawser::http::h1

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    hawser::http::h1::check({data, size});
    return 0;
}
