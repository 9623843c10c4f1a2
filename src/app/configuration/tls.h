// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "base/limits.h"
#include "config/settings.h"
#include "tls/server_context.h"

namespace hawser::tls {

constexpr std::array<config::word<version>, 2> choices(version) {
    return {{{"1.2", version::tls_1_2, "TLS 1.2 and 1.3"}, {"1.3", version::tls_1_3, "TLS 1.3"}}};
}

constexpr std::array<config::word<client_certificates>, 2> choices(client_certificates) {
    return {{{"require", client_certificates::required, "whoever has none is refused"},
             {"optional", client_certificates::optional, "who shows one must show a good one"}}};
}

}  // namespace hawser::tls

namespace hawser::app {

/// A file that is read when it is used; its path counts from the configuration's own folder.
struct file_path {
    std::string text;  ///< as it was written
    std::string path;

    friend bool operator==(const file_path&, const file_path&) = default;
};

/// Which certificates of clients are good.
struct client_trust {
    file_path ca;
    tls::client_certificates mode = tls::client_certificates::required;

    static void describe(config::fields<client_trust>& field);
    friend bool operator==(const client_trust&, const client_trust&) = default;
};

/// A certificate with its chain, and its key: PEM files.
struct certificate {
    file_path chain;
    file_path key;
    file_path ocsp;
    std::optional<client_trust> clients;

    static void describe(config::fields<certificate>& field);
    friend bool operator==(const certificate&, const certificate&) = default;
};

/// Which certificates clients show, and how servers learn of them.
struct client_certificates {
    file_path ca;
    tls::client_certificates mode = tls::client_certificates::required;
    std::string subject_header = "X-Client-Certificate-Subject";
    config::switchable<std::string> fingerprint_header{};

    static void describe(config::fields<client_certificates>& field);
    friend bool operator==(const client_certificates&, const client_certificates&) = default;
};

/// How many handshakes may be under way.
struct handshake_limits {
    config::switchable<std::size_t> at_once = limits::handshakes_max;
    config::switchable<std::size_t> per_source = limits::handshakes_of_source_max;

    static void describe(config::fields<handshake_limits>& field);
    friend bool operator==(const handshake_limits&, const handshake_limits&) = default;
};

/// How a listener speaks TLS.
struct listener_tls {
    std::vector<certificate> certificates;
    tls::version minimum_version = tls::version::tls_1_2;
    std::string ciphers;
    bool strict_sni = false;
    config::switchable<app::client_certificates> client_certificates{};
    handshake_limits handshakes;

    static void describe(config::fields<listener_tls>& field);
    friend bool operator==(const listener_tls&, const listener_tls&) = default;
};

/// How a pool's servers are spoken to over TLS.
struct pool_tls {
    bool verify = true;
    file_path ca;
    std::string server_name;
    file_path certificate;
    file_path key;
    tls::version minimum_version = tls::version::tls_1_2;

    static void describe(config::fields<pool_tls>& field);
    friend bool operator==(const pool_tls&, const pool_tls&) = default;
};

/// Answers over TLS tell browsers to come over TLS only.
struct hsts {
    std::chrono::seconds max_age = std::chrono::days(365);
    bool include_subdomains = false;
    bool preload = false;

    static void describe(config::fields<hsts>& field);
    friend bool operator==(const hsts&, const hsts&) = default;
};

}  // namespace hawser::app

namespace hawser::config {

template <>
struct codec<app::file_path> {
    static bool read(const node& given, app::file_path& into, diagnostics& out);
    static node show(const app::file_path& value);
    static shape type();
};

}  // namespace hawser::config
