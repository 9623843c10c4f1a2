// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "affinity/cookie.h"
#include "base/ensure.h"
#include "http/message.h"
#include "io/ip_address.h"

using namespace hawser;

namespace {

/// The one token that verifies: nobody can make another without the key. It is in the corpus.
constexpr std::string_view genuine =
    "AdFdAAAAAYqCACrd6KodOPKxEjX7DY4AAAAAQlnHbdMkCpa-8lUGaLaoAeLBIUZyleMdE4iObq8FY8RZICHvcOPQfEOK"
    "jAVVWM-fPrJde5y0";

affinity::cookie made() {
    std::array<std::uint8_t, 32> bytes;
    bytes.fill(1);
    const crypto::key_ring ring({{crypto::key_id{1}, wall_time(), crypto::secret<32>(bytes)}},
                                crypto::secret<32>());
    return {{}, {.pool = "shop", .with = std::make_shared<affinity::issuer>(ring)}};
}

}  // namespace

/// The input is the value of a Cookie field: no text but the genuine token's names its session.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static auto cookie = made();
    static affinity::token_memo memo;  // as on one long connection
    const wall_time now(std::chrono::seconds(1'795'521'700));
    const std::string_view text(reinterpret_cast<const char*>(data), size);

    http::request_head head;
    head.fields.add({.name = "Cookie", .value = text, .line = text, .id = http::field_id::cookie});
    const io::ip_address nobody;
    const auto found = cookie.find({.head = head,
                                    .client = nobody,
                                    .server = nobody,
                                    .secured = nullptr,
                                    .now = now,
                                    .memo = memo});
    ensure(found.carried.has_value() == (found.why == affinity::cause::none), "one or the other");
    ensure(found.key.empty() != found.carried.has_value(), "a key comes with its binding");
    if (found.carried) {
        ensure(text.find(genuine) != text.npos, "only the genuine token verifies");
        ensure(
            found.carried->session == session_id{{7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7}},
            "it names its session");
    }
    return 0;
}
