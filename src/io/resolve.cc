// SPDX-License-Identifier: Apache-2.0
#include "io/resolve.h"

#include <netdb.h>

#include <memory>
#include <string>

namespace hawser::io {

result<endpoint> resolve(std::string_view text) {
    if (auto numeric = endpoint::parse(text); numeric || text.starts_with("unix:")) return numeric;
    const auto parts = split_host_and_port(text);
    if (!parts) return std::unexpected(parts.error());
    const std::string host(parts->host);
    if (host.empty()) return fail(errc::invalid, "\"" + std::string(text) + "\" names no host");
    if (parts->is_bracketed)
        return fail(errc::invalid, "\"" + host + "\" in brackets is not an IPv6 address");

    addrinfo wanted{};
    wanted.ai_family = AF_UNSPEC;
    wanted.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    const int why = getaddrinfo(host.c_str(), nullptr, &wanted, &found);
    const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owner(found, &freeaddrinfo);
    if (why != 0) {
        const bool is_unknown = why == EAI_NONAME;
        return fail(is_unknown ? errc::not_found : errc::unavailable,
                    "cannot resolve \"" + host + "\": " + gai_strerror(why));
    }
    return endpoint(ip_address::of(*found->ai_addr), parts->port);
}

}  // namespace hawser::io
