// SPDX-License-Identifier: Apache-2.0
#include "app/door_context.h"

#include <vector>

namespace hawser::app {

std::shared_ptr<const tls::server_context> make_door_context(
    const door_tls& given, tls::client_certificates clients,
    const std::function<config::position(std::string_view field)>& place,
    config::diagnostics& out) {
    const auto& key = given.key.path.empty() ? given.certificate.path : given.key.path;
    tls::server_settings settings{
        .certificates = {{.certificate = given.certificate.path, .key = key}},
        .http2 = false,
        .resumes = false};
    if (!given.client_ca.path.empty())
        settings.clients = {.mode = clients, .authorities = given.client_ca.path};
    std::vector<tls::fault> faults;
    auto made = tls::server_context::make(settings, faults);
    for (const auto& each : faults) {
        using part = tls::fault::part;
        out.error(place(each.where == part::authorities ? "client-ca"
                        : each.where == part::key       ? "key"
                                                        : "certificate"),
                  each.what);
    }
    return made;
}

}  // namespace hawser::app
