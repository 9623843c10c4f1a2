// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "http/message.h"

/// What gRPC over HTTP/2 asks of whoever answers in a server's place (E184).
namespace hawser::proxy::grpc {

/// `application/grpc`, with or without a codec and parameters. Not gRPC-Web, which is HTTP's own.
[[nodiscard]] bool is_grpc(std::string_view content_type) noexcept;

/// The status of gRPC that a client is told where HTTP would have had this one. As gRPC's own
/// mapping for answers that say nothing, but for what is exhausted and what came too late, which
/// those have names for.
[[nodiscard]] unsigned status_of(http::refusal why) noexcept;

/// Whether these lines, of a head or of trailers, tell how a call ended.
[[nodiscard]] bool tells_status(std::string_view lines) noexcept;

}  // namespace hawser::proxy::grpc
