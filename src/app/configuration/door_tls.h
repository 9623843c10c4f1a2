// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "app/configuration/tls.h"
#include "config/settings.h"

namespace hawser::app {

/// How a door that is no listener of traffic speaks TLS: by one certificate, whatever name is asked
/// for.
struct door_tls {
    file_path certificate;
    file_path key;        ///< empty: in the certificate's file
    file_path client_ca;  ///< empty: clients show no certificates

    static void describe(config::fields<door_tls>& field);
    friend bool operator==(const door_tls&, const door_tls&) = default;
};

}  // namespace hawser::app
