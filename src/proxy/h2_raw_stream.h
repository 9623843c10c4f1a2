// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "http/h2/stream.h"
#include "proxy/h2_connection.h"

namespace hawser::proxy {

/// The DATA of one HTTP/2 stream as a stream of bytes: what a tunnel needs of it (RFC 8441).
class h2_raw_stream final : public io::stream {
  public:
    h2_raw_stream(h2_connection& of, http::h2::stream& over);

    /// Something has happened to the stream.
    void stirred() noexcept;

    void shut_down_writing() noexcept override;
    void reset_on_close() noexcept override;
    bool has_input() noexcept override;
    [[nodiscard]] io::endpoint peer() const override { return connection_.stream().peer(); }
    [[nodiscard]] io::endpoint local() const override { return connection_.stream().local(); }

  private:
    ssize_t receive(std::span<char> into) noexcept override;
    ssize_t send(const io::pieces& what) noexcept override;
    int connect_outcome() noexcept override { return 0; }

    h2_connection& connection_;
    http::h2::stream& stream_;
};

}  // namespace hawser::proxy
