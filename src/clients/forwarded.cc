// SPDX-License-Identifier: Apache-2.0
#include "clients/forwarded.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "base/ensure.h"
#include "base/limits.h"
#include "clients/forwarded_for.h"
#include "http/scan.h"

namespace hawser::clients {

namespace {

using http::equal_ignoring_case;
using http::scan::is_blank;
using http::scan::is_token_byte;

/// Parameters of one element that are kept in mind, to see that a name does not come twice. The
/// RFC knows four.
constexpr std::size_t pairs_max = 16;

/// `unknown`, or an obfuscated name: `_` and letters, digits, `.`, `_`, `-` (RFC 7239 6.3).
bool is_obfuscated(std::string_view text) {
    return text.size() > 1 && text.front() == '_' && std::ranges::all_of(text, [](char byte) {
               return is_token_byte(byte) && !std::string_view("!#$%&'*+^`|~").contains(byte);
           });
}

/// The node without its port.
bool is_node(std::string_view text) {
    if (address_of_node(text)) return true;
    const auto colon = text.find(':');
    const auto name = text.substr(0, colon);
    if (name != "unknown" && !is_obfuscated(name)) return false;
    if (colon == text.npos) return true;
    const auto port = text.substr(colon + 1);
    return is_obfuscated(port) ||
           (!port.empty() && port.size() <= 5 && std::ranges::all_of(port, http::scan::is_digit));
}

bool is_scheme(std::string_view text) {
    const auto is_letter = [](char byte) { return (byte | 0x20) >= 'a' && (byte | 0x20) <= 'z'; };
    return !text.empty() && is_letter(text.front()) && std::ranges::all_of(text, [&](char byte) {
        return is_letter(byte) || http::scan::is_digit(byte) || byte == '+' || byte == '-' ||
               byte == '.';
    });
}

/// Reads one field value from left to right, element by element.
class reader {
  public:
    explicit reader(std::string_view value) : rest_(value) {}

    [[nodiscard]] bool at_end() noexcept {
        skip_blanks();
        return rest_.empty();
    }

    /// One element, up to its comma: true when it is valid; then `node` is what `for` says, or
    /// empty, as it is of an element that holds nothing.
    bool element() {
        node = {};
        is_empty = true;
        names_ = 0;
        for (;;) {
            skip_blanks();
            if (rest_.empty() || rest_.front() == ',') break;
            if (rest_.front() == ';') {
                rest_.remove_prefix(1);
                continue;
            }
            is_empty = false;
            if (!pair()) return false;
            skip_blanks();
            if (!rest_.empty() && rest_.front() != ';' && rest_.front() != ',') return false;
        }
        if (!rest_.empty()) rest_.remove_prefix(1);
        return true;
    }

    std::string_view node;
    bool is_empty = true;

  private:
    void skip_blanks() noexcept {
        while (!rest_.empty() && is_blank(rest_.front())) rest_.remove_prefix(1);
    }

    std::string_view token() noexcept {
        const auto end = std::ranges::find_if_not(rest_, is_token_byte);
        const auto taken = rest_.substr(0, std::size_t(end - rest_.begin()));
        rest_.remove_prefix(taken.size());
        return taken;
    }

    bool pair() {
        const auto name = token();
        if (name.empty() || rest_.empty() || rest_.front() != '=') return false;
        rest_.remove_prefix(1);
        const auto value = rest_.starts_with('"') ? quoted() : bare();
        if (!value || is_known(name)) return false;
        const bool is_for = equal_ignoring_case(name, "for");
        if (is_for) node = *value;
        if (is_for || equal_ignoring_case(name, "by")) return is_node(*value);
        if (equal_ignoring_case(name, "proto")) return is_scheme(*value);
        return true;
    }

    std::optional<std::string_view> bare() noexcept {
        const auto value = token();
        return value.empty() ? std::nullopt : std::optional(value);
    }

    /// The text between quotes. One with a backslash is valid, but no node or scheme is written
    /// so: as it stands it will not be taken for one.
    std::optional<std::string_view> quoted() noexcept {
        for (std::size_t at = 1; at < rest_.size(); ++at) {
            if (rest_[at] == '\\') {
                ++at;
            } else if (rest_[at] == '"') {
                const auto value = rest_.substr(1, at - 1);
                rest_.remove_prefix(at + 1);
                return value;
            }
        }
        return std::nullopt;
    }

    bool is_known(std::string_view name) noexcept {
        const auto begin = seen_.begin();
        const auto end = begin + std::ptrdiff_t(names_);
        if (std::any_of(begin, end, [&](auto each) { return equal_ignoring_case(each, name); }))
            return true;
        if (names_ == pairs_max) return true;
        seen_[names_++] = name;
        return false;
    }

    std::string_view rest_;
    std::array<std::string_view, pairs_max> seen_;
    std::size_t names_ = 0;
};

}  // namespace

bool is_valid_forwarded(std::string_view value) noexcept {
    reader read(value);
    bool says_something = false;
    while (!read.at_end()) {
        if (!read.element()) return false;
        says_something |= !read.is_empty;
    }
    return says_something;
}

/// From left to right, as quotes are read that way: an untrusted address makes everything before
/// it meaningless, a node without one does too, and of trusted ones the first counts.
io::ip_address client_by_forwarded(const io::ip_address& peer, std::span<const http::field> fields,
                                   const network_set& trusted) noexcept {
    if (!trusted.contains(peer)) return peer;
    std::optional<io::ip_address> client;
    for (const http::field& line : fields) {
        if (line.id != http::field_id::forwarded || line.hop_by_hop) continue;
        reader read(line.value);
        while (!read.at_end()) {
            if (!read.element()) return peer;
            if (read.is_empty) continue;
            const auto address = address_of_node(read.node);
            if (!address)
                client = std::nullopt;
            else if (!client || !trusted.contains(*address))
                client = address;
        }
    }
    return client.value_or(peer);
}

std::size_t forwarded_size_max(const forwarded_element& what) noexcept {
    constexpr std::size_t names_and_quotes = sizeof(R"(for="[]";host="";proto=unknown)");
    return names_and_quotes + what.client.size() + what.host.size() + what.proto.size();
}

std::string_view write_forwarded(const forwarded_element& what, std::span<char> out) noexcept {
    ensure(out.size() >= forwarded_size_max(what), "the caller has made room");
    char* end = out.data();
    const auto put = [&](std::string_view text) {
        std::memcpy(end, text.data(), text.size());
        end += text.size();
    };
    put("for=");
    if (what.client.empty()) {
        put("unknown");
    } else if (what.client.contains(':')) {
        put("\"[");
        put(what.client);
        put("]\"");
    } else {
        put(what.client);
    }
    if (!what.host.empty()) {
        // A host is checked (E42): nothing in it has to be escaped.
        const bool is_token = std::ranges::all_of(what.host, is_token_byte);
        put(is_token ? ";host=" : ";host=\"");
        put(what.host);
        if (!is_token) put("\"");
    }
    put(";proto=");
    put(what.proto);
    return {out.data(), std::size_t(end - out.data())};
}

}  // namespace hawser::clients
