// SPDX-License-Identifier: Apache-2.0
#include "base/result.h"

#include <cerrno>
#include <system_error>

namespace hawser {

std::string_view name_of(errc code) noexcept {
    switch (code) {
        case errc::end_of_stream: return "end-of-stream";
        case errc::untrusted: return "untrusted";
        case errc::truncated: return "truncated";
        case errc::reset: return "reset";
        case errc::refused: return "refused";
        case errc::unreachable: return "unreachable";
        case errc::timed_out: return "timed-out";
        case errc::cancelled: return "cancelled";
        case errc::address_in_use: return "address-in-use";
        case errc::exhausted: return "exhausted";
        case errc::malformed: return "malformed";
        case errc::invalid: return "invalid";
        case errc::not_found: return "not-found";
        case errc::unavailable: return "unavailable";
        case errc::no_server: return "no-server";
        case errc::system: return "system";
    }
    return "unknown";
}

namespace {

errc code_of(int number) noexcept {
    switch (number) {
        case ECONNRESET:
        case EPIPE:
        case ECONNABORTED: return errc::reset;
        case ENODATA: return errc::truncated;  // what a layer above a socket says
        case EPROTO: return errc::malformed;   // the same
        case ECONNREFUSED: return errc::refused;
        case ENETUNREACH:
        case EHOSTUNREACH: return errc::unreachable;
        case ETIMEDOUT: return errc::timed_out;
        case EADDRINUSE: return errc::address_in_use;
        case EMFILE:
        case ENFILE:
        case ENOMEM:
        case ENOBUFS:
        case EADDRNOTAVAIL: return errc::exhausted;  // no port of ours is free
        case ENOENT: return errc::not_found;
        default: return errc::system;
    }
}

}  // namespace

error system_error(int number, std::string_view doing) {
    std::string context(doing);
    context += ": ";
    context += std::generic_category().message(number);
    return error{code_of(number), std::move(context), false};
}

}  // namespace hawser
