// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <vector>

#include "http/h1/parser.h"
#include "http/h1/writer.h"
#include "input.h"

namespace hawser::http::h1 {
namespace {

/// Nothing that a laxer reader could take for another line end is left in an accepted head.
void check_line_ends(std::string_view bytes) {
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        if (bytes[i] == '\n') ensure(i > 0 && bytes[i - 1] == '\r', "no bare LF");
        if (bytes[i] == '\r') ensure(i + 1 < bytes.size() && bytes[i + 1] == '\n', "no bare CR");
        ensure(bytes[i] != '\0', "no NUL");
    }
}

/// What we would send to a server is read by ourselves as the same message.
void check_rewritten(const request_head& head) {
    std::vector<char> out(rewritten_head_max(head) + 100);
    head_writer writer(out);
    writer.request_line(head);
    if (!head.has_host_field) writer.add("Host", std::string_view("a"));
    std::vector<const field*> kept;
    for (const field& each : head.fields) {
        if (each.hop_by_hop) continue;
        writer.keep(each);
        kept.push_back(&each);
    }
    const std::string_view written = writer.finish();
    ensure(!written.empty(), "the promised size suffices");

    static request_head again;
    const request_limits wide{.head = written.size(), .line = written.size(), .fields = 256};
    const parse_result result = parse_request_head(written, again, wide);
    ensure(result.state == parse_state::complete, "what we write is a request");
    ensure(result.consumed == written.size(), "what we write is one request");
    ensure(again.method == head.method && again.path == head.path && again.query == head.query,
           "the same is asked for");
    ensure(again.body == head.body && again.content_length == head.content_length,
           "the body ends where it ended");
    ensure(again.expect_continue == head.expect_continue, "the same is expected");
    ensure(again.fields.size() == kept.size() + (head.has_host_field ? 0 : 1), "the same fields");
    for (std::size_t i = 0; i < kept.size(); ++i) {
        const field& one = again.fields[i + (head.has_host_field ? 0 : 1)];
        ensure(one.name == kept[i]->name && one.value == kept[i]->value && one.plain,
               "the same field");
    }
}

void check(fuzz::input input) {
    request_limits limits;
    limits.underscores = static_cast<underscore_policy>(input.choose(3));
    if (input.choose(2) == 1) limits = {.head = 80, .line = 40, .fields = 3};
    const fuzz::exact_copy whole(input.text());
    const fuzz::exact_copy prefix(input.text().substr(0, input.text().size() / 2));

    static request_head head;
    const parse_result early = parse_request_head(prefix.view(), head, limits);
    const parse_result result = parse_request_head(whole.view(), head, limits);
    if (early.state != parse_state::incomplete)
        ensure(early.state == result.state && early.consumed == result.consumed &&
                   early.why == result.why,
               "the verdict does not depend on the cut");
    if (result.state != parse_state::complete) return;
    check_line_ends(head.bytes);
    check_rewritten(head);
}

}  // namespace
}  // namespace hawser::http::h1

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    hawser::http::h1::check({data, size});
    return 0;
}
