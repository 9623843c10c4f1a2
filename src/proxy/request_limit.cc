// SPDX-License-Identifier: Apache-2.0
#include "proxy/request_limit.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <span>
#include <string_view>
#include <utility>

#include "clients/network.h"
#include "http/field.h"

namespace hawser::proxy {

namespace {

/// What the bucket is found by: sixteen bytes, behind one that says of what they are, so that no
/// value of a field can name another client's bucket.
class bucket_name {
  public:
    bucket_name(limit_key of, const void* bytes) : bytes_{std::uint8_t(of)} {
        std::memcpy(bytes_.data() + 1, bytes, bytes_.size() - 1);
    }
    [[nodiscard]] std::span<const std::uint8_t> bytes() const { return bytes_; }

  private:
    std::array<std::uint8_t, 17> bytes_;
};

const http::field* find(const http::request_head& head, std::string_view name) {
    const auto found = std::ranges::find_if(head.fields, [&](const http::field& each) {
        return http::equal_ignoring_case(each.name, name);
    });
    return found != head.fields.end() ? found : nullptr;
}

}  // namespace

request_limit::request_limit(settings given, const crypto::siphash_key& secret,
                             observe::counters::limit_row counted)
    : settings_(std::move(given)),
      secret_(secret),
      buckets_(settings_.allowed, settings_.keys, secret),
      counted_(std::move(counted)) {}

std::chrono::nanoseconds request_limit::take(const asking& who, steady_time now,
                                             unsigned worker) noexcept {
    const auto name = [&] {
        if (settings_.by == limit_key::session && who.session != nullptr)
            return bucket_name(limit_key::session, who.session->hash.data());
        if (settings_.by == limit_key::header) {
            if (const http::field* one = find(who.head, settings_.field)) {
                const auto* bytes = reinterpret_cast<const std::uint8_t*>(one->value.data());
                const auto hash = crypto::siphash128(secret_, {bytes, one->value.size()});
                return bucket_name(limit_key::header, hash.data());
            }
        }
        const io::ip_address source = clients::counted_as(who.client);
        return bucket_name(limit_key::client_address, source.bytes().data());
    }();
    const auto wait = buckets_.take(name.bytes(), now);
    if (wait.count() != 0) counted_->of(worker).refused.add();
    return wait;
}

}  // namespace hawser::proxy
