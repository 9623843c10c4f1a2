// SPDX-License-Identifier: Apache-2.0
#include "admin/guard.h"

#include <algorithm>
#include <optional>

#include "http/uri.h"
#include "io/ip_address.h"

namespace hawser::admin {

namespace {

constexpr std::uint16_t http_port = 80;

bool is_loopback(std::string_view host) {
    if (http::same_authority(host, "localhost", http_port)) return true;
    if (host.starts_with('[') && host.ends_with(']')) {
        host.remove_prefix(1);
        host.remove_suffix(1);
    }
    const auto address = io::ip_address::parse(host);
    return address && address->is_loopback();
}

/// An allowed host without a port is allowed with any.
bool is_allowed(std::string_view asked, std::string_view host, const std::string& allowed) {
    const auto parts = http::split_authority(allowed);
    if (!parts) return false;
    return http::same_authority(parts->port ? asked : host, allowed, http_port);
}

bool is_of_ours(std::string_view origin, std::string_view host) {
    const auto scheme_end = origin.find("://");
    if (scheme_end == origin.npos) return false;  // "null" too
    const auto authority = origin.substr(scheme_end + 3);
    return http::split_authority(authority) && http::same_authority(authority, host, http_port);
}

}  // namespace

std::string_view reason_to_refuse(const http::served_request& asked,
                                  std::span<const std::string> allowed_hosts) {
    const auto authority = http::split_authority(asked.host);
    if (!authority) return "a Host is needed";
    if (!is_loopback(authority->host) && std::ranges::none_of(allowed_hosts, [&](const auto& one) {
            return is_allowed(asked.host, authority->host, one);
        }))
        return "this Host is neither of the loopback nor in `admin.allowed-hosts`";
    const auto origin = asked.field("Origin");
    if (!origin.empty() && !is_of_ours(origin, asked.host))
        return "a page of another origin may not ask here";
    const auto site = asked.field("Sec-Fetch-Site");
    if (!site.empty() && site != "same-origin" && site != "none")
        return "a page of another site may not ask here";
    return {};
}

bool is_json(const http::served_request& asked) {
    auto type = asked.field("Content-Type");
    type = type.substr(0, type.find(';'));
    while (type.ends_with(' ') || type.ends_with('\t')) type.remove_suffix(1);
    return http::equal_ignoring_case(type, "application/json");
}

}  // namespace hawser::admin
