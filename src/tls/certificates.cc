// SPDX-License-Identifier: Apache-2.0
#include "tls/certificates.h"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <fstream>
#include <memory>
#include <span>
#include <utility>

#include "base/ensure.h"
#include "base/limits.h"
#include "crypto/secret_text.h"
#include "tls/errors.h"

namespace hawser::tls {

namespace {

struct free_bio {
    void operator()(BIO* made) const noexcept { BIO_free(made); }
};
using bio_handle = std::unique_ptr<BIO, free_bio>;

bio_handle bio_of(std::string_view text) {
    bio_handle made(BIO_new_mem_buf(text.data(), int(text.size())));
    ensure(made != nullptr, "memory for a BIO");
    return made;
}

/// Nobody is there to be asked for a pass phrase.
int no_pass_phrase(char*, int, int, void* asked) {
    *static_cast<bool*>(asked) = true;
    return -1;
}

std::string text_of(const ASN1_STRING* given) {
    return lower_case({reinterpret_cast<const char*>(ASN1_STRING_get0_data(given)),
                       std::size_t(ASN1_STRING_length(given))});
}

std::vector<std::string> alternative_names(const X509* certificate) {
    std::vector<std::string> names;
    auto* const all = static_cast<GENERAL_NAMES*>(
        X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr));
    for (int i = 0; i < sk_GENERAL_NAME_num(all); ++i) {
        const GENERAL_NAME* const one = sk_GENERAL_NAME_value(all, i);
        if (one->type == GEN_DNS) names.push_back(text_of(one->d.dNSName));
    }
    GENERAL_NAMES_free(all);
    return names;
}

}  // namespace

result<std::string> read_file(const std::string& path, std::size_t size_max) {
    std::ifstream file(path, std::ios::binary);
    std::string text(size_max + 1, '\0');
    // A folder opens, but cannot be read.
    if (!file || (file.read(text.data(), std::streamsize(text.size())), file.bad()))
        return fail(errc::invalid, "`" + path + "` cannot be read");
    text.resize(std::size_t(file.gcount()));
    if (text.size() > size_max)
        return fail(errc::invalid,
                    "`" + path + "` is larger than " + std::to_string(size_max) + " bytes");
    return text;
}

result<chain> read_chain(const std::string& path) {
    auto text = read_file(path, limits::tls_file_max);
    if (!text) return std::unexpected(std::move(text.error()));
    auto all = certificates_in(*text);
    if (all.empty()) return fail(errc::invalid, "`" + path + "` holds no certificate in PEM");
    chain made;
    made.leaf = std::move(all.front());
    for (auto& each : std::span(all).subspan(1)) made.above.push_back(std::move(each));
    return made;
}

std::vector<certificate_handle> certificates_in(std::string_view text) {
    const auto from = bio_of(text);
    std::vector<certificate_handle> all;
    forget_errors();
    while (X509* const next = PEM_read_bio_X509(from.get(), nullptr, nullptr, nullptr))
        all.emplace_back(next);
    forget_errors();  // the end is an error to it
    return all;
}

result<key_handle> read_key(const std::string& path) {
    auto read = read_file(path, limits::tls_file_max);
    if (!read) return std::unexpected(std::move(read.error()));
    const crypto::secret_text text(std::move(*read));
    const auto from = bio_of(text.view());
    bool was_asked = false;
    forget_errors();
    key_handle made(PEM_read_bio_PrivateKey(from.get(), nullptr, no_pass_phrase, &was_asked));
    forget_errors();
    if (made != nullptr) return made;
    if (was_asked)
        return fail(errc::invalid,
                    "the key in `" + path + "` is encrypted: nobody is there to open it");
    return fail(errc::invalid, "`" + path + "` holds no private key in PEM");
}

bool belong_together(const x509_st* certificate, const evp_pkey_st* key) noexcept {
    const bool do_so = X509_check_private_key(certificate, key) == 1;
    forget_errors();
    return do_so;
}

std::vector<std::string> names_of(const x509_st* certificate) {
    auto names = alternative_names(certificate);
    if (!names.empty()) return names;
    const X509_NAME* const subject = X509_get_subject_name(certificate);
    const int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
    if (at >= 0)
        names.push_back(text_of(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at))));
    return names;
}

std::chrono::sys_seconds end_of(const x509_st* certificate) {
    std::tm parts{};
    if (ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &parts) != 1) return {};
    return std::chrono::sys_seconds(std::chrono::seconds(::timegm(&parts)));
}

std::string subject_of(const x509_st* certificate) {
    const bio_handle into(BIO_new(BIO_s_mem()));
    ensure(into != nullptr, "memory for a BIO");
    // RFC 2253 escapes what is not printable ASCII.
    if (X509_NAME_print_ex(into.get(), X509_get_subject_name(certificate), 0, XN_FLAG_RFC2253) <
        0) {
        forget_errors();
        return {};
    }
    char* bytes = nullptr;
    const long size = BIO_get_mem_data(into.get(), &bytes);
    std::string text(bytes, std::size_t(size));
    std::ranges::replace_if(text, [](char c) { return c < ' ' || c > '~'; }, '?');
    return text;
}

std::string fingerprint_of(const x509_st* certificate) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
    unsigned size = 0;
    ensure(X509_digest(certificate, EVP_sha256(), digest.data(), &size) == 1, "SHA-256 is there");
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    for (unsigned i = 0; i < size; ++i) {
        text += digits[digest[i] >> 4U];
        text += digits[digest[i] & 15U];
    }
    return text;
}

std::string lower_case(std::string_view name) {
    std::string folded(name);
    for (char& c : folded)
        if (c >= 'A' && c <= 'Z') c = char(c + ('a' - 'A'));
    return folded;
}

}  // namespace hawser::tls
