// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "io/stream.h"
#include "tls/handles.h"
#include "tls/server_context.h"
#include "tls/session_shelf.h"
#include "tls/stream.h"
#include "tls/work_room.h"

namespace hawser::tls {

/// How we speak TLS to servers.
struct client_settings {
    bool verifies = true;          ///< chain and name
    std::string authorities = {};  ///< a PEM file; empty: those that the system trusts
    certificate_files own = {};    ///< shown to servers that ask; empty: none
    version least = version::tls_1_2;
    bool http2 = false;  ///< instead of HTTP/1.1; a server that does not agree is none (E128)
};

/// The terms on which we go to servers. Immutable, so all workers use one.
class client_context : public std::enable_shared_from_this<client_context> {
  public:
    /// Null where anything is wrong: all of it is added to `faults`.
    [[nodiscard]] static std::shared_ptr<const client_context> make(const client_settings& given,
                                                                    std::vector<fault>& faults);

    /// A stream on `below` that shakes hands with the server `name`: a host, which is asked for and
    /// must be in the certificate, or an address, which must be. It resumes a session of `shelf`
    /// if there is one, and leaves there what the server offers; null: it does not.
    [[nodiscard]] std::unique_ptr<stream> connect(
        std::unique_ptr<io::stream> below, work_room& room, const std::string& name,
        std::shared_ptr<session_shelf> shelf = nullptr) const;

    [[nodiscard]] bool wants_http2() const noexcept { return http2_; }
    /// Both were made of the same settings and the same files.
    [[nodiscard]] bool is_like(const client_context& other) const noexcept {
        return digest_ == other.digest_;
    }

    client_context() = default;

  private:
    context_handle context_;
    terms_digest digest_{};
    bool verifies_ = true;
    bool http2_ = false;
};

}  // namespace hawser::tls
