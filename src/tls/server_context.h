// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "io/stream.h"
#include "tls/handles.h"
#include "tls/stapled_answer.h"
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

/// Which certificates of clients are good.
struct client_terms {
    client_certificates mode = client_certificates::none;
    std::string authorities = {};  ///< a PEM file

    friend auto operator<=>(const client_terms&, const client_terms&) = default;
};

/// Where a certificate lies; paths of PEM files.
struct certificate_files {
    std::string certificate;
    std::string key;
    std::string ocsp = {};                     ///< in DER; empty: none
    std::optional<client_terms> clients = {};  ///< where they differ from the listener's
};

struct server_settings {
    std::vector<certificate_files> certificates;
    version least = version::tls_1_2;
    std::string ciphers = {};  ///< of TLS 1.2, as OpenSSL names them; empty: ours
    bool strict_names = false;
    bool http2 = true;
    bool resumes = true;                              ///< sessions, by tickets
    std::shared_ptr<const ticket_keys> tickets = {};  ///< null: keys of this context alone
    client_terms clients = {};
};

/// What is wrong with settings.
struct fault {
    enum class part : std::uint8_t {
        certificate,
        key,
        ocsp,
        own_authorities,  ///< of the certificate
        authorities,      ///< of the listener
        ciphers,
    };
    part where;
    std::size_t number = 0;  ///< of the certificate
    std::string what;
};

/// What the hosts of some certificates are served by.
struct host_terms {
    context_handle context;
    terms_digest digest{};  ///< of what their clients have to show
    int verifies = 0;       ///< as OpenSSL says it
    std::map<const x509_st*, stapled_answer> stapled = {};
};

/// One of a listener's certificates, for people.
struct shown_certificate {
    std::size_t number = 0;  ///< among the listener's
    std::string name;        ///< the first host that it is for; empty: none
    std::chrono::sys_seconds ends;
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

    /// A stream on `below` that awaits a client's handshake. Sources take turns with theirs.
    [[nodiscard]] std::unique_ptr<stream> accept(std::unique_ptr<io::stream> below, work_room& room,
                                                 const io::ip_address& source = {}) const;

    /// The terms for a name; null: nobody here has it.
    [[nodiscard]] const host_terms* find(std::string_view name) const noexcept;
    /// The same, or those of whoever asks for any other name.
    [[nodiscard]] const host_terms& of(std::string_view name) const noexcept;
    [[nodiscard]] const host_terms* served_by(const ssl_ctx_st* context) const noexcept;
    /// Not every host asks the same of its clients.
    [[nodiscard]] bool has_several_terms() const noexcept { return has_several_terms_; }

    [[nodiscard]] const std::vector<shown_certificate>& certificates() const noexcept {
        return certificates_;
    }

    // What OpenSSL's callbacks ask.

    [[nodiscard]] bool is_strict() const noexcept { return strict_names_; }
    [[nodiscard]] const ticket_keys* tickets() const noexcept { return tickets_.get(); }
    /// Our order counts (E122); empty: none in common.
    [[nodiscard]] std::string_view choose_protocol(std::string_view offered) const noexcept;

    server_context() = default;

  private:
    friend class server_context_maker;

    std::vector<std::unique_ptr<host_terms>> all_;
    std::map<std::string, const host_terms*, std::less<>> by_name_;
    const host_terms* first_ = nullptr;
    std::vector<shown_certificate> certificates_;
    std::shared_ptr<const ticket_keys> tickets_;
    bool strict_names_ = false;
    bool has_several_terms_ = false;
    bool http2_ = true;
};

}  // namespace hawser::tls
