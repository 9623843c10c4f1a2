// SPDX-License-Identifier: Apache-2.0
#include "tls/stapled_answer.h"

#include <openssl/asn1.h>
#include <openssl/ocsp.h>
#include <openssl/x509.h>

#include <limits>
#include <memory>
#include <utility>

#include "base/limits.h"
#include "tls/certificates.h"
#include "tls/errors.h"

namespace hawser::tls {

namespace {

struct free_answer {
    void operator()(OCSP_RESPONSE* made) const noexcept { OCSP_RESPONSE_free(made); }
    void operator()(OCSP_BASICRESP* made) const noexcept { OCSP_BASICRESP_free(made); }
};

/// The part of the answer that is about a certificate of this serial number; null: none is.
OCSP_SINGLERESP* find_about(OCSP_BASICRESP* answer, const ASN1_INTEGER* serial) {
    for (int i = 0; i < OCSP_resp_count(answer); ++i) {
        OCSP_SINGLERESP* const one = OCSP_resp_get0(answer, i);
        ASN1_INTEGER* theirs = nullptr;
        // OpenSSL only reads it.
        auto* const id = const_cast<OCSP_CERTID*>(OCSP_SINGLERESP_get0_id(one));
        OCSP_id_get0_info(nullptr, nullptr, nullptr, &theirs, id);
        if (theirs != nullptr && ASN1_INTEGER_cmp(theirs, serial) == 0) return one;
    }
    return nullptr;
}

std::time_t seconds_of(const ASN1_GENERALIZEDTIME* when) {
    std::tm parts{};
    if (when == nullptr) return std::numeric_limits<std::time_t>::max();
    return ASN1_TIME_to_tm(when, &parts) == 1 ? ::timegm(&parts) : 0;
}

}  // namespace

result<stapled_answer> stapled_answer::read(const std::string& path, const x509_st* about) {
    auto bytes = read_file(path, limits::tls_file_max);
    if (!bytes) return std::unexpected(std::move(bytes.error()));
    forget_errors();
    const auto* at = reinterpret_cast<const unsigned char*>(bytes->data());
    const std::unique_ptr<OCSP_RESPONSE, free_answer> answer(
        d2i_OCSP_RESPONSE(nullptr, &at, long(bytes->size())));
    const std::unique_ptr<OCSP_BASICRESP, free_answer> basic(
        answer != nullptr && OCSP_response_status(answer.get()) == OCSP_RESPONSE_STATUS_SUCCESSFUL
            ? OCSP_response_get1_basic(answer.get())
            : nullptr);
    forget_errors();
    if (basic == nullptr)
        return fail(errc::invalid, "`" + path + "` holds no answer of an OCSP responder in DER");
    OCSP_SINGLERESP* const one = find_about(basic.get(), X509_get0_serialNumber(about));
    if (one == nullptr)
        return fail(errc::invalid, "`" + path + "` says nothing about this certificate");
    ASN1_GENERALIZEDTIME* next = nullptr;
    OCSP_single_get0_status(one, nullptr, nullptr, nullptr, &next);
    return stapled_answer{.bytes = std::move(*bytes), .until = seconds_of(next)};
}

}  // namespace hawser::tls
