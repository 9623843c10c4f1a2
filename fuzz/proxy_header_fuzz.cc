// SPDX-License-Identifier: Apache-2.0
#include "clients/proxy_header.h"
#include "input.h"

namespace hawser::clients {
namespace {

using state = proxy_header_reading::state;

void check(std::string_view text) {
    const fuzz::exact_copy whole(text);
    const auto read = read_proxy_header(whole.view());
    ensure((read.outcome == state::refused) == !read.cause.empty(), "a refusal has a cause");
    if (read.outcome != state::complete) return;

    ensure(read.consumed <= text.size(), "only what is there is used");
    const fuzz::exact_copy alone(text.substr(0, read.consumed));
    const auto again = read_proxy_header(alone.view());
    ensure(again.outcome == state::complete && again.header == read.header,
           "what follows a header does not matter");
    for (std::size_t size = 0; size < read.consumed; ++size) {
        const fuzz::exact_copy part(text.substr(0, size));
        ensure(read_proxy_header(part.view()).outcome == state::incomplete,
               "a part of a header waits for the rest (E140)");
    }
    proxy_header told = read.header;
    told.over_tls = false;  // which is not written
    for (const auto version : {proxy_version::v1, proxy_version::v2}) {
        const proxy_header_text written(version, told);
        const auto same = read_proxy_header(written.view());
        ensure(same.outcome == state::complete && same.consumed == written.view().size(),
               "what is written is read (E141)");
        ensure(same.header.source == told.source, "and names the same client");
    }
}

}  // namespace
}  // namespace hawser::clients

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    hawser::clients::check(hawser::fuzz::input(data, size).text());
    return 0;
}
