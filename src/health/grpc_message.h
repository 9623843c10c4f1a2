// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// The two messages of gRPC's health protocol (grpc.health.v1), in its framing.
namespace hawser::health {

/// What a server says of a service.
enum class serving_status : std::uint8_t { unknown, serving, not_serving, service_unknown };

[[nodiscard]] std::string_view name_of(serving_status status) noexcept;

/// The question for `service`, with a message's prefix; at most 127 bytes of a name.
[[nodiscard]] std::string health_question(std::string_view service);

/// The one message of an answer's body; nothing if it is not exactly one, uncompressed and whole.
[[nodiscard]] std::optional<serving_status> read_health_answer(std::string_view body) noexcept;

}  // namespace hawser::health
