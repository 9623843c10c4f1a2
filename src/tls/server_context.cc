// SPDX-License-Identifier: Apache-2.0
#include "tls/server_context.h"

#include <openssl/ssl.h>

#include <algorithm>
#include <utility>

#include "base/ensure.h"
#include "tls/server_context_maker.h"

namespace hawser::tls {

namespace {

constexpr std::string_view alpn_http2 = "h2";
constexpr std::string_view alpn_http1 = "http/1.1";

bool offers(std::string_view list, std::string_view wanted) noexcept {
    while (!list.empty()) {
        const auto size = static_cast<unsigned char>(list.front());
        if (list.substr(1, size) == wanted) return true;
        list.remove_prefix(std::min<std::size_t>(list.size(), std::size_t(size) + 1));
    }
    return false;
}

}  // namespace

std::shared_ptr<const server_context> server_context::make(const server_settings& given,
                                                           std::vector<fault>& faults) {
    return server_context_maker(given, faults).make();
}

std::unique_ptr<stream> server_context::accept(std::unique_ptr<io::stream> below, work_room& room,
                                               const io::ip_address& source) const {
    return std::make_unique<stream>(std::move(below), first_->context.get(), shared_from_this(),
                                    room, source);
}

const host_terms* server_context::find(std::string_view name) const noexcept {
    if (name.ends_with('.')) name.remove_suffix(1);
    if (const auto exact = by_name_.find(name); exact != by_name_.end()) return exact->second;
    const auto dot = name.find('.');
    if (dot == 0 || dot == name.npos) return nullptr;
    const auto wildcard = by_name_.find("*" + std::string(name.substr(dot)));
    return wildcard != by_name_.end() ? wildcard->second : nullptr;
}

const host_terms& server_context::of(std::string_view name) const noexcept {
    const host_terms* const found = find(name);
    return found != nullptr ? *found : *first_;
}

const host_terms* server_context::served_by(const ssl_ctx_st* context) const noexcept {
    const auto found = std::ranges::find_if(
        all_, [&](const auto& each) { return each->context.get() == context; });
    return found != all_.end() ? found->get() : nullptr;
}

std::string_view server_context::choose_protocol(std::string_view offered) const noexcept {
    if (http2_ && offers(offered, alpn_http2)) return alpn_http2;
    return offers(offered, alpn_http1) ? alpn_http1 : std::string_view();
}

}  // namespace hawser::tls
