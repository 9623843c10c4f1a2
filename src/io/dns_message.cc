// SPDX-License-Identifier: Apache-2.0
#include "io/dns_message.h"

#include <ares.h>
#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <memory>
#include <utility>

#include "base/big_endian.h"
#include "base/limits.h"

namespace hawser::io {

namespace {

using bytes = std::span<const unsigned char>;

constexpr std::size_t header_size = 12;
constexpr std::size_t question_tail = 4;  // type and class
constexpr std::size_t record_fixed = 10;  // type, class, TTL, length
constexpr std::uint16_t type_soa = 6;

/// Goes through the records of a message for their TTLs, which the library keeps of addresses only.
class record_walk {
  public:
    explicit record_walk(bytes message) : left_(message) {}

    struct record {
        std::uint16_t type = 0;
        std::chrono::seconds ttl{0};
        bytes data = {};
    };

    [[nodiscard]] bool skip(std::size_t count) {
        if (left_.size() < count) return false;
        left_ = left_.subspan(count);
        return true;
    }

    /// Labels up to the root, or up to a pointer to the rest (RFC 1035, 4.1.4).
    [[nodiscard]] bool skip_name() {
        while (!left_.empty()) {
            const unsigned length = left_.front();
            if (length == 0) return skip(1);
            if ((length & 0xC0U) == 0xC0U) return skip(2);
            if (length > 63 || !skip(1 + length)) return false;
        }
        return false;
    }

    std::optional<record> next() {
        if (!skip_name() || left_.size() < record_fixed) return std::nullopt;
        record one{.type = number_at<std::uint16_t>(0)};
        // What looks negative is 0 (RFC 2181, 8).
        const auto ttl = number_at<std::uint32_t>(4);
        one.ttl = std::chrono::seconds(ttl > INT32_MAX ? 0 : ttl);
        const std::size_t size = number_at<std::uint16_t>(8);
        left_ = left_.subspan(record_fixed);
        if (left_.size() < size) return std::nullopt;
        one.data = left_.first(size);
        left_ = left_.subspan(size);
        return one;
    }

    template <typename Number>
    [[nodiscard]] Number number_at(std::size_t at) const {
        return big_endian<Number>(left_.subspan(at).first<sizeof(Number)>());
    }

  private:
    bytes left_;
};

/// How long what does not exist is known not to: the SOA's own TTL or its last number, whichever is
/// less (RFC 2308, 5).
std::optional<std::chrono::seconds> denied_for(const record_walk::record& soa) {
    if (soa.data.size() < sizeof(std::uint32_t)) return std::nullopt;
    const record_walk minimum(soa.data.last(sizeof(std::uint32_t)));
    return std::min(soa.ttl, std::chrono::seconds(minimum.number_at<std::uint32_t>(0)));
}

/// The shortest TTL of the answer's records; without any, what the authority says of none.
std::optional<std::chrono::seconds> ttl_of(bytes message) {
    if (message.size() < header_size) return std::nullopt;
    const record_walk header(message);
    const unsigned questions = header.number_at<std::uint16_t>(4);
    const unsigned answers = header.number_at<std::uint16_t>(6);
    const unsigned authorities = header.number_at<std::uint16_t>(8);

    record_walk walk(message.subspan(header_size));
    for (unsigned i = 0; i < questions; ++i)
        if (!walk.skip_name() || !walk.skip(question_tail)) return std::nullopt;
    std::optional<std::chrono::seconds> least;
    for (unsigned i = 0; i < answers; ++i) {
        const auto one = walk.next();
        if (!one) return least;
        least = std::min(least.value_or(one->ttl), one->ttl);
    }
    for (unsigned i = 0; i < authorities && answers == 0; ++i) {
        const auto one = walk.next();
        if (one && one->type == type_soa) return denied_for(*one);
        if (!one) break;
    }
    return least;
}

std::unexpected<error> why(int status) { return fail(errc::malformed, ares_strerror(status)); }

/// The library's own reading of addresses: their records, whatever aliases led there.
template <typename Record, auto parse>
result<std::vector<Record>> addresses_in(bytes message) {
    std::vector<Record> found(limits::dns_records_max);
    int count = int(found.size());
    const int status = parse(message.data(), int(message.size()), nullptr, found.data(), &count);
    if (status != ARES_SUCCESS && status != ARES_ENODATA) return why(status);
    found.resize(status == ARES_SUCCESS ? std::size_t(count) : 0);
    return found;
}

result<dns_answer> read_a(bytes message) {
    const auto found = addresses_in<ares_addrttl, ares_parse_a_reply>(message);
    if (!found) return std::unexpected(found.error());
    dns_answer read;
    for (const auto& each : *found) {
        sockaddr_in where{};
        where.sin_family = AF_INET;
        where.sin_addr = each.ipaddr;
        read.addresses.push_back(ip_address::of(reinterpret_cast<const sockaddr&>(where)));
    }
    return read;
}

result<dns_answer> read_aaaa(bytes message) {
    const auto found = addresses_in<ares_addr6ttl, ares_parse_aaaa_reply>(message);
    if (!found) return std::unexpected(found.error());
    dns_answer read;
    for (const auto& each : *found) {
        std::array<std::uint8_t, 16> address{};
        std::memcpy(address.data(), &each.ip6addr, address.size());
        read.addresses.emplace_back(address);
    }
    return read;
}

result<dns_answer> read_srv(bytes message) {
    ares_srv_reply* first = nullptr;
    const int status = ares_parse_srv_reply(message.data(), int(message.size()), &first);
    const std::unique_ptr<ares_srv_reply, decltype(&ares_free_data)> owner(first, &ares_free_data);
    if (status != ARES_SUCCESS && status != ARES_ENODATA) return why(status);
    dns_answer read;
    for (const auto* one = first; one != nullptr; one = one->next) {
        if (read.services.size() == limits::dns_records_max) break;
        // The root as a host: such a service is not offered (RFC 2782).
        if (*one->host == '\0') continue;
        read.services.push_back({one->host, one->port, one->priority, one->weight});
    }
    return read;
}

result<dns_answer> records_of(bytes message, dns_type what) {
    switch (what) {
        case dns_type::a: return read_a(message);
        case dns_type::aaaa: return read_aaaa(message);
        case dns_type::srv: return read_srv(message);
    }
    std::unreachable();
}

}  // namespace

result<dns_answer> read_dns_answer(std::span<const unsigned char> message, dns_type what) {
    auto read = records_of(message, what);
    if (read) read->ttl = ttl_of(message);
    return read;
}

dns_answer read_dns_denial(std::span<const unsigned char> message) {
    return {.ttl = ttl_of(message)};
}

}  // namespace hawser::io
