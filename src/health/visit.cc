// SPDX-License-Identifier: Apache-2.0
#include "health/visit.h"

#include <utility>

namespace hawser::health {

task<result<std::unique_ptr<io::stream>>> visit::connect() const {
    const auto& approach = to_->approach;
    const io::source from = approach.from.is_foreign ? io::source() : approach.from;
    auto begun = with_->connect(to_->address, from);
    if (!begun) {
        begun.error().safe_to_retry = true;
        co_return std::unexpected(std::move(begun.error()));
    }
    auto stands = co_await (*begun)->connected();
    if (stands && approach.announces) {
        clients::proxy_header ours;
        ours.is_local = true;
        const clients::proxy_header_text told(*approach.announces, ours);
        stands = co_await (*begun)->write(io::pieces(told.view()));
    }
    if (!stands) {
        stands.error().safe_to_retry = true;
        co_return std::unexpected(std::move(stands.error()));
    }
    co_return std::move(*begun);
}

task<result<std::unique_ptr<io::stream>>> visit::open() const {
    auto connection = co_await connect();
    if (!connection || to_->secured == nullptr) co_return connection;
    auto secured = co_await shake_hands(std::move(*connection));
    if (!secured) co_return std::unexpected(std::move(secured.error()));
    co_return std::move(*secured);
}

task<result<std::unique_ptr<tls::stream>>> visit::shake_hands(
    std::unique_ptr<io::stream> below) const {
    auto made = to_->secured->connect(std::move(below), *room_, to_->tls_name);
    auto stands = co_await made->connected();
    if (!stands) {
        const bool has_reason =
            stands.error().code != errc::timed_out && stands.error().code != errc::cancelled;
        if (has_reason) co_return fail(errc::untrusted, made->failure());
        co_return std::unexpected(std::move(stands.error()));
    }
    const bool agrees = made->settled().speaks == tls::protocol::http2;
    if (to_->secured->wants_http2() && !agrees)
        co_return fail(errc::untrusted, "it does not agree on HTTP/2");
    co_return made;
}

}  // namespace hawser::health
