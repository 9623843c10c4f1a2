// SPDX-License-Identifier: Apache-2.0
#include "app/configuration/door_tls.h"

namespace hawser::app {

void door_tls::describe(config::fields<door_tls>& field) {
    using self = door_tls;
    field("certificate", &self::certificate, "PEM file of the certificate and its chain.")
        .required();
    field("key", &self::key, "PEM file of its key; left out, it is in the certificate's file.");
    field("client-ca", &self::client_ca, "PEM file of the authorities of clients' certificates.");
}

}  // namespace hawser::app
