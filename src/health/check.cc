// SPDX-License-Identifier: Apache-2.0
#include "health/check.h"

#include <utility>

namespace hawser::health {

outcome outcome::passed(std::string text) {
    return {.what = verdict::passed, .kind = "passed", .text = std::move(text)};
}

outcome outcome::failed(std::string_view kind, std::string text) {
    return {.what = verdict::failed, .kind = kind, .text = std::move(text)};
}

outcome outcome::of(const error& why) {
    const auto told = [&](std::string_view otherwise) {
        return why.context.empty() ? std::string(otherwise) : why.context;
    };
    switch (why.code) {
        case errc::cancelled:
        case errc::exhausted:
        case errc::invalid: return {.kind = "not-made", .text = told(name_of(why.code))};
        case errc::untrusted: return failed("tls", "TLS: " + told("refused"));
        case errc::malformed: return failed("protocol", told("no answer that is understood"));
        default: break;
    }
    auto made = why.code == errc::timed_out ? failed("timeout", "timeout")
                : why.code == errc::refused ? failed("connect", "connect refused")
                : why.safe_to_retry         ? failed("connect", told(name_of(why.code)))
                                            : failed("no-answer", "the connection ended");
    made.is_gone = why.safe_to_retry;
    return made;
}

}  // namespace hawser::health
