// SPDX-License-Identifier: Apache-2.0
#include "tls/authority.h"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <stdlib.h>

#include <fstream>

#include "base/ensure.h"

namespace hawser::tls {

struct authority::identity {
    key_handle key;
    certificate_handle certificate;
};

namespace {

key_handle make_key(key_kind kind) {
    EVP_PKEY* const made =
        kind == key_kind::ecdsa ? EVP_EC_gen("P-256") : EVP_RSA_gen(std::size_t(2048));
    ensure(made != nullptr, "OpenSSL makes keys");
    return key_handle(made);
}

template <typename Write>
std::string pem_of(Write write) {
    BIO* const into = BIO_new(BIO_s_mem());
    ensure(write(into) == 1, "OpenSSL writes PEM");
    char* bytes = nullptr;
    const long size = BIO_get_mem_data(into, &bytes);
    std::string text(bytes, std::size_t(size));
    BIO_free(into);
    return text;
}

void add_extension(X509* to, X509* issuer, int what, const std::string& value) {
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, issuer, to, nullptr, nullptr, 0);
    X509_EXTENSION* const made = X509V3_EXT_conf_nid(nullptr, &context, what, value.c_str());
    ensure(made != nullptr, "the extension is well-formed");
    X509_add_ext(to, made, -1);
    X509_EXTENSION_free(made);
}

certificate_handle begin_certificate(long serial, const std::string& common_name, EVP_PKEY* key) {
    certificate_handle made(X509_new());
    X509_set_version(made.get(), 2);
    ASN1_INTEGER_set(X509_get_serialNumber(made.get()), serial);
    X509_gmtime_adj(X509_getm_notBefore(made.get()), -3600);
    X509_gmtime_adj(X509_getm_notAfter(made.get()), 86'400);
    X509_set_pubkey(made.get(), key);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(made.get()), "CN", MBSTRING_UTF8,
                               reinterpret_cast<const unsigned char*>(common_name.c_str()), -1, -1,
                               0);
    return made;
}

}  // namespace

authority::authority(const std::string& name) : self_(std::make_unique<identity>()) {
    std::string pattern = std::filesystem::temp_directory_path() / "hawser-tls-XXXXXX";
    ensure(::mkdtemp(pattern.data()) != nullptr, "there is room for temporary files");
    folder_ = pattern;
    self_->key = make_key(key_kind::ecdsa);
    self_->certificate = begin_certificate(serial_++, name, self_->key.get());
    X509* const mine = self_->certificate.get();
    X509_set_issuer_name(mine, X509_get_subject_name(mine));
    add_extension(mine, mine, NID_basic_constraints, "critical,CA:TRUE");
    X509_sign(mine, self_->key.get(), EVP_sha256());
    path_ =
        write("authority.pem", pem_of([&](BIO* into) { return PEM_write_bio_X509(into, mine); }));
}

authority::~authority() { std::filesystem::remove_all(folder_); }

std::string authority::write(const std::string& name, std::string_view bytes) const {
    std::string path = folder_ / name;
    std::ofstream(path, std::ios::binary) << bytes;
    return path;
}

certificate_files authority::issue(std::initializer_list<std::string_view> hosts, key_kind kind,
                                   std::chrono::seconds lasts) {
    const auto key = make_key(kind);
    const long serial = serial_++;
    const auto made = begin_certificate(serial, std::string(*hosts.begin()), key.get());
    X509_gmtime_adj(X509_getm_notAfter(made.get()), long(lasts.count()));
    X509_set_issuer_name(made.get(), X509_get_subject_name(self_->certificate.get()));
    std::string names;
    for (const auto host : hosts) {
        if (!names.empty()) names += ',';
        if (!host.starts_with("IP:")) names += "DNS:";
        names += host;
    }
    add_extension(made.get(), self_->certificate.get(), NID_subject_alt_name, names);
    X509_sign(made.get(), self_->key.get(), EVP_sha256());
    const auto name = std::to_string(serial);
    return {write(name + ".pem",
                  pem_of([&](BIO* into) { return PEM_write_bio_X509(into, made.get()); })),
            write(name + ".key", pem_of([&](BIO* into) {
                      return PEM_write_bio_PrivateKey(into, key.get(), nullptr, nullptr, 0, nullptr,
                                                      nullptr);
                  }))};
}

}  // namespace hawser::tls
