// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "tls/handles.h"

namespace hawser::tls {

/// A certificate and those that lead from it to an authority, in order.
struct chain {
    certificate_handle leaf;
    std::vector<certificate_handle> above = {};
};

/// The certificates of a PEM file; the first is the leaf.
[[nodiscard]] result<chain> read_chain(const std::string& path);
/// All certificates of a text in PEM.
[[nodiscard]] std::vector<certificate_handle> certificates_in(std::string_view text);
/// The first private key of a PEM file. One that is encrypted is refused.
[[nodiscard]] result<key_handle> read_key(const std::string& path);
/// The bytes of a file, at most `size_max`.
[[nodiscard]] result<std::string> read_file(const std::string& path, std::size_t size_max);

[[nodiscard]] bool belong_together(const x509_st* certificate, const evp_pkey_st* key) noexcept;

/// The hosts that a certificate is for, in lower case: its DNS names, else its common name.
[[nodiscard]] std::vector<std::string> names_of(const x509_st* certificate);

/// The moment after which nobody should believe it.
[[nodiscard]] std::chrono::sys_seconds end_of(const x509_st* certificate);

/// As RFC 2253 writes it, in printable ASCII: nothing in it can break a line.
[[nodiscard]] std::string subject_of(const x509_st* certificate);
/// SHA-256 of the whole certificate, in hexadecimal.
[[nodiscard]] std::string fingerprint_of(const x509_st* certificate);

[[nodiscard]] std::string lower_case(std::string_view name);

}  // namespace hawser::tls
