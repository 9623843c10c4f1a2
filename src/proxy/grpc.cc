// SPDX-License-Identifier: Apache-2.0
#include "proxy/grpc.h"

#include "http/field.h"
#include "proxy/admission.h"

namespace hawser::proxy::grpc {

namespace {

/// The codes of gRPC that answers of ours can have.
enum code : unsigned {
    unknown = 2,
    deadline_exceeded = 4,
    permission_denied = 7,
    resource_exhausted = 8,
    unimplemented = 12,
    internal = 13,
    unavailable = 14,
};

}  // namespace

bool is_grpc(std::string_view content_type) noexcept {
    constexpr std::string_view name = "application/grpc";
    if (!http::equal_ignoring_case(content_type.substr(0, name.size()), name)) return false;
    return content_type.size() == name.size() || content_type[name.size()] == '+' ||
           content_type[name.size()] == ';' || content_type[name.size()] == ' ';
}

unsigned status_of(http::refusal why) noexcept {
    if (why.cause == overload_cause) return resource_exhausted;
    switch (why.status) {
        case 400: return internal;
        case 403: return permission_denied;
        case 404:
        case 405:
        case 501: return unimplemented;
        case 408:
        case 504: return deadline_exceeded;
        case 413:
        case 429:
        case 431: return resource_exhausted;
        case 502:
        case 503: return unavailable;
        default: return unknown;
    }
}

bool tells_status(std::string_view lines) noexcept {
    constexpr std::string_view name = "grpc-status:";
    while (!lines.empty()) {
        if (http::equal_ignoring_case(lines.substr(0, name.size()), name)) return true;
        const auto end = lines.find('\n');
        if (end == lines.npos) return false;
        lines.remove_prefix(end + 1);
    }
    return false;
}

}  // namespace hawser::proxy::grpc
