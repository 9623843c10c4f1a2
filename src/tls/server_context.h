// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "io/stream.h"
#include "tls/handles.h"
#include "tls/stream.h"
#include "tls/ticket_keys.h"
#include "tls/work_room.h"

namespace hawser::tls {

/// The oldest version that is spoken.
enum class version : std::uint8_t { tls_1_2, tls_1_3 };

/// Whether clients show a certificate.
enum class client_certificates : std::uint8_t {
    none,      ///< nobody is asked
    optional,  ///< who shows one must show a good one
    required,
};

/// Where a certificate lies; paths of PEM files.
struct certificate_files {
    std::string certificate;
    std::string key;
};

struct server_settings {
    std::vector<certificate_files> certificates;
    version least = version::tls_1_2;
    std::string ciphers = {};  ///< of TLS 1.2, as OpenSSL names them; empty: ours
    bool strict_names = false;
    bool http2 = true;
    bool resumes = true;                              ///< sessions, by tickets
    std::shared_ptr<const ticket_keys> tickets = {};  ///< null: keys of this context alone
    client_certificates clients = client_certificates::none;
    std::string client_authorities = {};  ///< a PEM file
};

/// What is wrong with settings.
struct fault {
    enum class part : std::uint8_t { certificate, key, client_authorities, ciphers };
    part where;
    std::size_t number = 0;  ///< of the certificate
    std::string what;
};

/// How a listener speaks TLS: its certificates, and the terms. Immutable, so all workers use one;
/// a reload makes another, and connections keep the one that they began with.
///
/// Which certificate a client sees: that of the exact name it asks for, that of the name with its
/// first label as `*`, else the first one (E120). Those of one name that have different kinds of
/// keys stand beside each other: the client's abilities decide.
class server_context : public std::enable_shared_from_this<server_context> {
  public:
    /// Null where anything is wrong: all of it is added to `faults`.
    [[nodiscard]] static std::shared_ptr<const server_context> make(const server_settings& given,
                                                                    std::vector<fault>& faults);

    /// A stream on `below` that awaits a client's handshake.
    [[nodiscard]] std::unique_ptr<stream> accept(std::unique_ptr<io::stream> below,
                                                 work_room& room) const;

    // What OpenSSL calls.

    /// The context for a name; null: nobody here has it.
    [[nodiscard]] ssl_ctx_st* find(std::string_view name) const noexcept;
    [[nodiscard]] bool is_strict() const noexcept { return strict_names_; }
    /// Our order counts (E122); empty: none in common.
    [[nodiscard]] std::string_view choose_protocol(std::string_view offered) const noexcept;

    [[nodiscard]] const ticket_keys* tickets() const noexcept { return tickets_.get(); }
    [[nodiscard]] const terms_digest& terms() const noexcept { return terms_; }

    server_context() = default;

  private:
    class maker;

    std::vector<context_handle> contexts_;
    std::map<std::string, ssl_ctx_st*, std::less<>> by_name_;
    ssl_ctx_st* first_ = nullptr;
    std::shared_ptr<const ticket_keys> tickets_;
    terms_digest terms_{};
    bool strict_names_ = false;
    bool http2_ = true;
};

}  // namespace hawser::tls
