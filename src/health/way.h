// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "io/endpoint.h"
#include "tls/client_context.h"
#include "upstream/approach.h"

namespace hawser::health {

/// How checks reach one server: as its pool's requests do, on connections of their own.
struct way {
    std::string pool;
    std::string server;
    io::endpoint address;
    upstream::approach approach = {};
    std::shared_ptr<const tls::client_context> secured = {};  ///< null: in clear
    std::string tls_name = {};  ///< that the server must prove to have
    bool speaks_h2 = false;
    std::string host = {};          ///< by which requests call it
    std::string weight_field = {};  ///< in which answers report a weight; empty: none do

    friend bool operator==(const way&, const way&) = default;
};

}  // namespace hawser::health
