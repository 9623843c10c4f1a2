// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <string>

#include "clients/forwarded.h"
#include "clients/forwarded_for.h"
#include "input.h"

namespace hawser::clients {
namespace {

using http::field;
using http::field_id;

void check(std::string_view text) {
    const fuzz::exact_copy value(text);
    const auto peer = io::ip_address::parse("10.0.0.1").value();
    const network_set trusted(std::array{network::parse("10.0.0.0/8").value()});
    const network_set everybody(
        std::array{network::parse("::/0").value(), network::parse("0.0.0.0/0").value()});

    const field list{
        .name = "F", .value = value.view(), .line = {}, .id = field_id::x_forwarded_for};
    const field element{.name = "F", .value = value.view(), .line = {}, .id = field_id::forwarded};
    for (const network_set* set : {&trusted, &everybody}) {
        const auto client = client_by_forwarded_for(peer, {&list, 1}, *set);
        ensure(!client.is_none(), "somebody is the client");
        ensure(client == peer || set != &trusted || !text.empty(), "nobody is invented");
    }
    const auto client = client_by_forwarded(peer, {&element, 1}, trusted);
    ensure(client == peer || is_valid_forwarded(value.view()), "a malformed list says nothing");
    ensure(client_by_forwarded(peer, {&element, 1}, {}) == peer, "without trust nothing counts");

    // A valid value with one of ours behind it is valid, and names who was appended.
    if (!is_valid_forwarded(value.view())) return;
    const std::string longer = std::string(text) + ", for=203.0.113.7";
    const field appended{.name = "F", .value = longer, .line = {}, .id = field_id::forwarded};
    ensure(is_valid_forwarded(longer), "appending breaks nothing");
    ensure(client_by_forwarded(peer, {&appended, 1}, trusted).text() == "203.0.113.7",
           "the rightmost address counts");
}

}  // namespace
}  // namespace hawser::clients

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    hawser::clients::check(hawser::fuzz::input(data, size).text());
    return 0;
}
