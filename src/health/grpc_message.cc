// SPDX-License-Identifier: Apache-2.0
#include "health/grpc_message.h"

#include "base/ensure.h"
#include "base/limits.h"

namespace hawser::health {

namespace {

/// Compressed or not, and the length, before each message.
constexpr std::size_t prefix_size = 5;

constexpr unsigned wire_varint = 0;
constexpr unsigned wire_fixed64 = 1;
constexpr unsigned wire_bytes = 2;
constexpr unsigned wire_fixed32 = 5;

/// Reads fields of protobuf's wire format off a message. What is broken leaves it broken.
class reader {
  public:
    explicit reader(std::string_view message) : left_(message) {}

    [[nodiscard]] bool has_more() const noexcept { return !is_broken_ && !left_.empty(); }
    [[nodiscard]] bool is_broken() const noexcept { return is_broken_; }

    std::uint64_t varint() noexcept {
        std::uint64_t value = 0;
        for (unsigned shift = 0; shift < 64; shift += 7) {
            if (left_.empty()) break;
            const auto byte = static_cast<unsigned char>(left_.front());
            left_.remove_prefix(1);
            value |= std::uint64_t{byte & 0x7fU} << shift;
            if (byte < 0x80) return value;
        }
        is_broken_ = true;
        return 0;
    }

    void skip(unsigned wire) noexcept {
        switch (wire) {
            case wire_varint: (void)varint(); return;
            case wire_fixed64: return drop(8);
            case wire_bytes: return drop(varint());
            case wire_fixed32: return drop(4);
            default: is_broken_ = true;
        }
    }

  private:
    void drop(std::uint64_t count) noexcept {
        if (count > left_.size())
            is_broken_ = true;
        else
            left_.remove_prefix(count);
    }

    std::string_view left_;
    bool is_broken_ = false;
};

std::optional<serving_status> read_message(std::string_view message) noexcept {
    reader from(message);
    std::uint64_t status = 0;
    while (from.has_more()) {
        const std::uint64_t key = from.varint();
        if (key == (1U << 3 | wire_varint))
            status = from.varint();
        else
            from.skip(unsigned(key & 7));
    }
    if (from.is_broken() || status > std::uint64_t(serving_status::service_unknown))
        return std::nullopt;
    return serving_status(status);
}

}  // namespace

std::string_view name_of(serving_status status) noexcept {
    switch (status) {
        case serving_status::unknown: return "UNKNOWN";
        case serving_status::serving: return "SERVING";
        case serving_status::not_serving: return "NOT_SERVING";
        case serving_status::service_unknown: return "SERVICE_UNKNOWN";
    }
    return "UNKNOWN";
}

std::string health_question(std::string_view service) {
    ensure(service.size() <= limits::grpc_service_max, "the name was checked");
    std::string message;
    if (!service.empty()) {
        message += char(1U << 3 | wire_bytes);
        message += char(service.size());
        message += service;
    }
    std::string framed(prefix_size, '\0');
    framed.back() = char(message.size());
    return framed + message;
}

std::optional<serving_status> read_health_answer(std::string_view body) noexcept {
    if (body.size() < prefix_size || body.front() != 0) return std::nullopt;
    std::uint32_t length = 0;
    for (const char byte : body.substr(1, prefix_size - 1))
        length = length << 8 | static_cast<unsigned char>(byte);
    if (length != body.size() - prefix_size) return std::nullopt;
    return read_message(body.substr(prefix_size));
}

}  // namespace hawser::health
