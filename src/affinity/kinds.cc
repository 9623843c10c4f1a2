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

}  // namespace hawser::affinity
