// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "http/h2/received_head.h"

namespace hawser::http::h2 {

/// What a header block may hold, uncompressed. A field counts with 32 bytes beside its name and
/// value (E112), so that many small ones are bounded as well.
struct block_limits {
    std::size_t bytes = limits::request_head_max;
    std::size_t fields = limits::request_fields_max;
};

/// Writes the fields of one header block down as they are decoded, strictly (E94-E102).
///
/// Serves one block after the other, as a connection does. After the first fault it takes and
/// forgets what follows, so that the decoder stays in step with its peer.
class head_builder {
  public:
    enum class kind : std::uint8_t { request, response, trailers };

    void begin(kind what, const block_limits& limits);
    void add(std::string_view name, std::string_view value);
    /// Ends the block. The builder is empty then, and may begin another.
    [[nodiscard]] received_head finish(bool ends_stream);

  private:
    /// The fields that stand for a request's or an answer's first line (RFC 9113 8.3).
    enum pseudo : std::uint8_t { method, scheme, authority, path, protocol, status, pseudo_count };

    void fault(std::string_view cause, unsigned code = 400);
    void add_pseudo(std::string_view name, std::string_view value);
    void add_field(std::string_view name, std::string_view value);
    void add_trailer(std::string_view name, std::string_view value);
    void begin_lines();
    void begin_request();
    void begin_response();
    void end_request(bool ends_stream);
    void end_response(bool ends_stream);
    void line(std::string_view name, std::string_view value);

    [[nodiscard]] bool has(pseudo which) const noexcept { return (seen_ & 1U << which) != 0; }
    [[nodiscard]] bool is_connect() const noexcept { return pseudo_[method] == "CONNECT"; }

    kind kind_ = kind::request;
    block_limits limits_;
    received_head made_;
    std::array<std::string, pseudo_count> pseudo_;
    unsigned seen_ = 0;  ///< a bit for each of `pseudo`
    std::size_t bytes_ = 0;
    std::size_t fields_ = 0;
    bool lines_begun_ = false;
    bool has_length_ = false;
    bool is_length_zero_ = false;
    bool has_host_ = false;
    std::string cookies_;
};

}  // namespace hawser::http::h2
