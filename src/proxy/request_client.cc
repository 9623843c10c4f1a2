// SPDX-License-Identifier: Apache-2.0
#include "proxy/request_client.h"

#include "clients/forwarded.h"
#include "clients/forwarded_for.h"

namespace hawser::proxy {

request_client client_of(const client_connection& from) noexcept {
    return {.address = from.client_address(),
            .is_told_by_proxy = from.settings().trusts(from.client_address())};
}

request_client client_of(const client_connection& from, const http::request_head& head) noexcept {
    request_client who = client_of(from);
    if (!who.is_told_by_proxy) return who;
    const listener_settings& by = from.settings();
    who.address =
        by.forwarded_field == forwarded_field_policy::believe
            ? clients::client_by_forwarded(who.address, head.fields, by.trusted_proxies)
            : clients::client_by_forwarded_for(who.address, head.fields, by.trusted_proxies);
    return who;
}

}  // namespace hawser::proxy
