// SPDX-License-Identifier: Apache-2.0
#include "affinity/kinds.h"

#include "affinity/application_cookie.h"
#include "affinity/bearer.h"
#include "affinity/client_certificate.h"
#include "affinity/composition.h"
#include "affinity/cookie.h"
#include "affinity/header.h"
#include "affinity/path_parameter.h"
#include "affinity/query.h"
#include "affinity/source_address.h"

namespace hawser::affinity {

using config::kinds_of;

constexpr config::kind_table<affinity, const context&> part_kinds =
    kinds_of<affinity, const context&>::list<header, query, path_parameter, source_address,
                                             client_certificate, bearer>();

/// Every affinity the configuration can name. Adding one: its include above, its type here.
constexpr config::kind_table<affinity, const context&> kinds =
    kinds_of<affinity, const context&>::list<cookie, application_cookie, header, query,
                                             path_parameter, source_address, client_certificate,
                                             bearer, composition>();

std::uint8_t kind_number(std::string_view kind) {
    std::uint8_t number = 0;
    for (const auto& each : kinds) {
        ++number;
        // `bearer-unverified` is a bearer.
        if (kind.starts_with(each.name)) return number;
    }
    return 0;
}

std::string_view kind_name(std::uint8_t number) {
    return number == 0 || number > kinds.size() ? std::string_view()
                                                : kinds.begin()[number - 1].name;
}

}  // namespace hawser::affinity
