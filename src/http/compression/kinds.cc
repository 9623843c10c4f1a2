// SPDX-License-Identifier: Apache-2.0
#include "http/compression/kinds.h"

#include "http/compression/brotli.h"
#include "http/compression/gzip.h"
#include "http/compression/zstd.h"

namespace hawser::http::compression {

/// Adding one: its include above, its type here.
constexpr config::kind_table<compressor> kinds =
    config::kinds_of<compressor>::list<zstd, brotli, gzip>();

}  // namespace hawser::http::compression
