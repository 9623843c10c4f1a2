// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "crypto/random.h"
#include "http/message.h"

namespace hawser::proxy {

/// Whose marks of a request are believed; all others get one of ours.
enum class believes : std::uint8_t {
    trusted,  ///< those of trusted proxies
    all,
    none,
};

/// How a listener marks its requests, so that they are found again in every log.
struct marking {
    std::string id_name;  ///< of the field that carries the request's id; empty: no ids
    believes ids = believes::trusted;
    bool tells_client = true;             ///< the answer carries the id too
    std::optional<believes> traces = {};  ///< W3C traceparent; nothing: it goes on as it came
};

/// The marks of one request: kept where they may be and are well-formed, else made.
class request_marks {
  public:
    request_marks(const marking& by, const http::request_head& head, bool is_trusted,
                  crypto::random_stock& random);

    [[nodiscard]] std::string_view id() const noexcept { return id_; }
    [[nodiscard]] std::string_view trace_id() const noexcept { return trace_id_; }

    /// A field that does not go on: ours stands instead.
    [[nodiscard]] bool replaces(const http::field& one) const noexcept;
    /// Complete lines for the server, and for the client.
    [[nodiscard]] std::string_view server_lines() const noexcept { return server_lines_; }
    [[nodiscard]] std::string_view client_lines() const noexcept { return client_lines_; }

  private:
    void mark_id(const http::request_head& head, bool is_trusted, crypto::random_stock& random);
    void mark_trace(const http::request_head& head, bool is_trusted, crypto::random_stock& random);

    const marking& by_;
    std::string id_;
    std::string trace_id_;
    std::string server_lines_;
    std::string client_lines_;
    bool has_new_id_ = false;
    bool has_new_trace_ = false;
};

}  // namespace hawser::proxy
