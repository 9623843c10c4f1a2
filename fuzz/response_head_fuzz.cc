// SPDX-License-Identifier: Apache-2.0
#include <vector>

#include "http/h1/parser.h"
#include "http/h1/writer.h"
#include "input.h"

namespace hawser::http::h1 {
namespace {

/// What we would send to a client is read by ourselves as the same answer, every line plain.
void check_rewritten(const response_head& head, const response_expectation& expected) {
    std::vector<char> out(rewritten_head_max(head));
    head_writer writer(out);
    writer.status_line(head.status, head.reason);
    std::vector<const field*> kept;
    for (const field& each : head.fields) {
        if (each.hop_by_hop) continue;
        writer.keep(each);
        kept.push_back(&each);
    }
    fuzz::exact_copy written(writer.finish());
    ensure(!written.view().empty(), "the promised size suffices");
    if (head.status == 101) return;

    static response_head again;
    const response_limits wide{.head = written.view().size(), .fields = 256};
    const parse_result result = parse_response_head(written.span(), expected, again, wide);
    ensure(result.state == parse_state::complete, "what we write is an answer");
    ensure(result.consumed == written.view().size(), "what we write is one answer");
    ensure(again.status == head.status && again.reason == head.reason, "the same status");
    ensure(again.body == head.body && again.content_length == head.content_length,
           "the body ends where it ended");
    ensure(again.fields.size() == kept.size(), "the same fields");
    for (std::size_t i = 0; i < kept.size(); ++i) {
        const field& one = again.fields[i];
        ensure(one.name == kept[i]->name && one.value == kept[i]->value && one.plain,
               "the same field");
    }
}

void check(fuzz::input input) {
    const response_expectation expected{.head = input.choose(2) == 1,
                                        .websocket = input.choose(2) == 1};
    response_limits limits;
    if (input.choose(2) == 1) limits = {.head = 80, .fields = 3};
    fuzz::exact_copy prefix(input.text().substr(0, input.text().size() / 2));
    fuzz::exact_copy whole(input.text());

    static response_head head;
    const parse_result early = parse_response_head(prefix.span(), expected, head, limits);
    const parse_result result = parse_response_head(whole.span(), expected, head, limits);
    if (early.state != parse_state::incomplete)
        ensure(early.state == result.state && early.consumed == result.consumed &&
                   early.why == result.why,
               "the verdict does not depend on the cut");
    if (result.state == parse_state::complete) check_rewritten(head, expected);
}

}  // namespace
}  // namespace hawser::http::h1

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    hawser::http::h1::check({data, size});
    return 0;
}
