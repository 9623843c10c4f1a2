// SPDX-License-Identifier: Apache-2.0
#include "tls/handles.h"

#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

namespace hawser::tls {

void release::operator()(evp_pkey_st* made) const noexcept { EVP_PKEY_free(made); }
void release::operator()(ssl_ctx_st* made) const noexcept { SSL_CTX_free(made); }
void release::operator()(ssl_session_st* made) const noexcept { SSL_SESSION_free(made); }
void release::operator()(ssl_st* made) const noexcept { SSL_free(made); }
void release::operator()(x509_st* made) const noexcept { X509_free(made); }
void release::operator()(x509_store_st* made) const noexcept { X509_STORE_free(made); }

}  // namespace hawser::tls
