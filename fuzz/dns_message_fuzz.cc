// SPDX-License-Identifier: Apache-2.0
#include "io/dns_message.h"

#include "base/limits.h"
#include "input.h"

namespace hawser::io {
namespace {

void check(std::string_view text, dns_type what) {
    fuzz::exact_copy whole(text);
    const auto bytes = whole.span();
    const std::span message(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
    const auto read = read_dns_answer(message, what);
    (void)read_dns_denial(message);
    if (!read) return;
    ensure(read->addresses.size() <= limits::dns_records_max, "answers are bounded");
    ensure(read->services.size() <= limits::dns_records_max, "answers are bounded");
    ensure(!read->ttl || read->ttl->count() >= 0, "no time is negative");
    ensure(read->addresses.empty() || read->services.empty(), "one type was asked for");
}

}  // namespace
}  // namespace hawser::io

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    hawser::fuzz::input given(data, size);
    const auto what = hawser::io::dns_type(given.choose(3));
    hawser::io::check(given.text(), what);
    return 0;
}
