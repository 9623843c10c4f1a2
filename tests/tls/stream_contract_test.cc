// SPDX-License-Identifier: Apache-2.0
// TLS keeps every promise of a stream, on every engine.
#include "tls/ground.h"

#define STREAM_PROMISES(promise) STREAM_PROMISES_ON(::hawser::tls::ground, tls, promise)
#include "io/stream_promises.h"
