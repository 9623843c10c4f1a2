// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/kinds.h"
#include "http/compression/compressor.h"

namespace hawser::http::compression {

/// Every coding that the configuration can name, by its name in Content-Encoding; in kinds.cc.
extern const config::kind_table<compressor> kinds;

/// One coding of a route's `compress`, with its settings.
using choice = config::choice<kinds>;

}  // namespace hawser::http::compression
