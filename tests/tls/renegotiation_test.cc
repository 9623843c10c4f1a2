// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <openssl/bio.h>
#include <openssl/ssl.h>

#include <string>
#include <utility>

#include "async/with.h"
#include "support/sim/sim_test.h"
#include "tls/ground.h"

namespace hawser::tls {
namespace {

using namespace std::chrono_literals;

/// A client of OpenSSL's own, which may do what ours never does.
class insistent_client {
  public:
    explicit insistent_client(std::unique_ptr<io::stream> below)
        : below_(std::move(below)),
          context_(SSL_CTX_new(TLS_client_method())),
          session_(SSL_new(context_.get())) {
        SSL_set_bio(session_.get(), BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
        SSL_set_max_proto_version(session_.get(), TLS1_2_VERSION);
        SSL_set_connect_state(session_.get());
    }

    [[nodiscard]] SSL* session() const { return session_.get(); }

    /// Shakes hands, for the first time or once more; false when that ended without success.
    task<bool> shake() {
        for (;;) {
            const int done = SSL_do_handshake(session_.get());
            co_await send();
            if (done == 1) co_return true;
            if (SSL_get_error(session_.get(), done) != SSL_ERROR_WANT_READ) co_return false;
            const auto some = co_await with_deadline(1s, below_->read());
            if (!some) co_return false;
            BIO_write(SSL_get_rbio(session_.get()), some->data(), int(some->size()));
        }
    }

    task<> send() {
        char* bytes = nullptr;
        const long size = BIO_get_mem_data(SSL_get_wbio(session_.get()), &bytes);
        const std::string sealed(bytes, std::size_t(size));
        (void)BIO_reset(SSL_get_wbio(session_.get()));
        if (!sealed.empty()) (void)co_await below_->write(io::pieces(sealed));
    }

    void leave() { below_.reset(); }

  private:
    std::unique_ptr<io::stream> below_;
    context_handle context_;
    session_handle session_;
};

SIM_TEST(renegotiation, e119_is_refused_once_and_then_ends_the_connection) {
    authority issuer;
    io::ground on(world.worker(), world.listen("10.0.0.1:443"));
    work_room room;
    const auto by = terms::of({.certificates = {issuer.issue({"a.example"})}}, {.verifies = false});
    auto below = co_await on.connect();
    insistent_client client(std::move(below.client));
    const auto server = by.server->accept(std::move(below.server), room);
    result<> ended;
    scope beside;
    beside.spawn(shake(*server, ended));
    EXPECT_TRUE(co_await client.shake());
    co_await beside.join();
    EXPECT_TRUE(ended.has_value());

    // The server lives on, and says no.
    SSL_renegotiate(client.session());
    SSL_do_handshake(client.session());
    co_await client.send();
    EXPECT_EQ((co_await with_deadline(1s, server->read())).error().code, errc::timed_out);
    EXPECT_TRUE((co_await server->write(io::pieces("still here"))).has_value());

    // Whoever asks again is let go. No client at hand does: this is what OpenSSL calls then.
    server->refused_renegotiation();
    client.leave();
    EXPECT_EQ((co_await with_deadline(1s, server->read())).error().code, errc::malformed);
}

}  // namespace
}  // namespace hawser::tls
