// SPDX-License-Identifier: Apache-2.0
#include "app/configuration/tls.h"

#include <filesystem>

#include "app/configuration/addresses.h"
#include "app/configuration/list_checks.h"
#include "base/limits.h"
#include "http/field_settings.h"

namespace hawser::app {

namespace {

std::string wrong_field(const std::string& name) {
    return is_token(name) ? http::why_reserved(name) : "is no name of a header field";
}

}  // namespace

void certificate::describe(config::fields<certificate>& field) {
    field("certificate", &certificate::chain,
          "PEM file: the certificate, then those that lead from it to an authority.")
        .required();
    field("key", &certificate::key, "PEM file of its key; left out, the same file holds both.");
    field("ocsp", &certificate::ocsp,
          "File of what an OCSP responder said of it, in DER, to be shown with it; not once it is "
          "out of date.");
    field("client-certificates", &certificate::clients,
          "What clients have to show to the hosts of this certificate, where that differs.");
    field.shorthand("certificate");
}

void client_trust::describe(config::fields<client_trust>& field) {
    field("ca", &client_trust::ca, "PEM file of the authorities that are believed.").required();
    field("mode", &client_trust::mode, "Whether every client needs one.");
}

void handshake_limits::describe(config::fields<handshake_limits>& field) {
    using self = handshake_limits;
    field("at-once", &self::at_once, "More are refused; shared out evenly to the workers.")
        .minimum(1);
    field("per-source", &self::per_source, "The same for one address, or one IPv6 /64.").minimum(1);
}

void client_certificates::describe(config::fields<client_certificates>& field) {
    using self = client_certificates;
    field("ca", &self::ca, "PEM file of the authorities that are believed.").required();
    field("mode", &self::mode, "Whether every client needs one.");
    field("subject-header", &self::subject_header,
          "The field that tells servers the verified subject; clients' own fields of that name are "
          "dropped, on every listener.")
        .check(wrong_field);
    field("fingerprint-header", &self::fingerprint_header,
          "The same for the certificate's SHA-256.")
        .check([](const config::switchable<std::string>& name) {
            return name ? wrong_field(*name) : std::string();
        });
}

void listener_tls::describe(config::fields<listener_tls>& field) {
    using self = listener_tls;
    field("certificates", &self::certificates,
          "Chosen by the name that the client asks for: the exact one, then the wildcard's, then "
          "the first. Of one name, an ECDSA and an RSA certificate may stand beside each other.")
        .required()
        .check(not_empty())
        .check(no_more_than<limits::tls_certificates_max>());
    field("minimum-version", &self::minimum_version, "The oldest version that is spoken.");
    field("ciphers", &self::ciphers,
          "Of TLS 1.2, as OpenSSL names them; only ECDHE with an authenticated cipher. Left out: "
          "all of these.");
    field("strict-sni", &self::strict_sni,
          "Whoever asks for no name, or for one that no certificate has, is refused.");
    field("client-certificates", &self::client_certificates, "Clients show certificates too.");
    field("handshakes", &self::handshakes, "How many handshakes may be under way.");
}

void pool_tls::describe(config::fields<pool_tls>& field) {
    field("verify", &pool_tls::verify,
          "Whether a server has to prove its name; without, anybody in between can read along.");
    field("ca", &pool_tls::ca,
          "PEM file of the authorities that are believed; left out: those that the system trusts.");
    field("server-name", &pool_tls::server_name,
          "The name that servers are asked for and must prove; left out: the host of their "
          "address.");
    field("certificate", &pool_tls::certificate, "PEM file of ours, for servers that ask for one.");
    field("key", &pool_tls::key, "PEM file of its key; left out, the same file holds both.");
    field("minimum-version", &pool_tls::minimum_version, "The oldest version that is spoken.");
}

void hsts::describe(config::fields<hsts>& field) {
    field("max-age", &hsts::max_age, "How long browsers remember it.");
    field("include-subdomains", &hsts::include_subdomains, "Also for every name below.");
    field("preload", &hsts::preload, "Asks to be built into browsers; hard to take back.");
    field.shorthand("max-age");
}

}  // namespace hawser::app

namespace hawser::config {

bool codec<app::file_path>::read(const node& given, app::file_path& into, diagnostics& out) {
    if (!detail::expect_scalar(given, "a file's path", out)) return false;
    if (given.text().empty()) {
        out.error(given.at(), "a file's path must not be empty");
        return false;
    }
    std::filesystem::path path = given.text();
    if (path.is_relative() && given.at().file)
        path = std::filesystem::path(*given.at().file).parent_path() / path;
    into = {.text = given.text(), .path = path.string()};
    return true;
}
node codec<app::file_path>::show(const app::file_path& value) {
    return value.text.empty() ? node() : node::quoted(value.text);
}
shape codec<app::file_path>::type() {
    auto made = codec<std::string>::type();
    made.words = "file";
    return made;
}

}  // namespace hawser::config
