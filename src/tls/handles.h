// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

// OpenSSL's own names of its types.
struct evp_pkey_st;
struct ssl_ctx_st;
struct ssl_session_st;
struct ssl_st;
struct x509_st;
struct x509_store_st;

namespace hawser::tls {

/// Lets go of what OpenSSL has made.
struct release {
    void operator()(evp_pkey_st* made) const noexcept;
    void operator()(ssl_ctx_st* made) const noexcept;
    void operator()(ssl_session_st* made) const noexcept;
    void operator()(ssl_st* made) const noexcept;
    void operator()(x509_st* made) const noexcept;
    void operator()(x509_store_st* made) const noexcept;
};

using key_handle = std::unique_ptr<evp_pkey_st, release>;
using context_handle = std::unique_ptr<ssl_ctx_st, release>;
using resumable_handle = std::unique_ptr<ssl_session_st, release>;
using session_handle = std::unique_ptr<ssl_st, release>;
using certificate_handle = std::unique_ptr<x509_st, release>;
using store_handle = std::unique_ptr<x509_store_st, release>;

}  // namespace hawser::tls
