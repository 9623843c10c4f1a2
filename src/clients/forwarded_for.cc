// SPDX-License-Identifier: Apache-2.0
#include "clients/forwarded_for.h"

#include <algorithm>

#include "http/scan.h"

namespace hawser::clients {

namespace {

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && http::scan::is_blank(text.front())) text.remove_prefix(1);
    while (!text.empty() && http::scan::is_blank(text.back())) text.remove_suffix(1);
    return text;
}

bool is_port(std::string_view text) {
    return !text.empty() && text.size() <= 5 && std::ranges::all_of(text, http::scan::is_digit);
}

/// The words of a list from its end to its begin.
class backwards {
  public:
    explicit backwards(std::string_view list) : rest_(list) {}

    [[nodiscard]] std::optional<std::string_view> next() {
        if (is_over_) return std::nullopt;
        const auto comma = rest_.rfind(',');
        is_over_ = comma == rest_.npos;
        const auto word = trimmed(is_over_ ? rest_ : rest_.substr(comma + 1));
        if (!is_over_) rest_ = rest_.substr(0, comma);
        return word;
    }

  private:
    std::string_view rest_;
    bool is_over_ = false;
};

std::optional<io::ip_address> any_address_of(std::string_view text) {
    if (text.starts_with('[')) {
        const auto end = text.find(']');
        if (end == text.npos) return std::nullopt;
        const auto behind = text.substr(end + 1);
        if (!behind.empty() && !(behind.front() == ':' && is_port(behind.substr(1))))
            return std::nullopt;
        const auto inside = text.substr(1, end - 1);
        return inside.contains(':') ? io::ip_address::parse(inside) : std::nullopt;
    }
    const auto colon = text.find(':');
    const bool has_port = colon != text.npos && text.find(':', colon + 1) == text.npos;
    if (has_port && !is_port(text.substr(colon + 1))) return std::nullopt;
    return io::ip_address::parse(has_port ? text.substr(0, colon) : text);
}

}  // namespace

std::optional<io::ip_address> address_of_node(std::string_view text) noexcept {
    const auto address = any_address_of(text);
    // The unspecified address is nobody's.
    return address && address->is_none() ? std::nullopt : address;
}

io::ip_address client_by_forwarded_for(const io::ip_address& peer,
                                       std::span<const http::field> fields,
                                       const network_set& trusted) noexcept {
    io::ip_address client = peer;
    for (auto line = fields.rbegin(); line != fields.rend(); ++line) {
        if (line->id != http::field_id::x_forwarded_for || line->hop_by_hop) continue;
        backwards words(line->value);
        while (const auto word = words.next()) {
            if (word->empty()) continue;  // RFC 9110 5.6.1: an empty element counts for nothing
            if (!trusted.contains(client)) return client;
            const auto address = address_of_node(*word);
            if (!address) return client;
            client = *address;
        }
    }
    return client;
}

}  // namespace hawser::clients
