// SPDX-License-Identifier: Apache-2.0
#include "clients/proxy_header.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <span>
#include <utility>

#include "base/big_endian.h"
#include "base/limits.h"
#include "clients/crc32c.h"

namespace hawser::clients {

namespace {

using reading = proxy_header_reading;
using state = reading::state;
using byte_span = std::span<const std::uint8_t>;

reading refused(std::string_view cause) { return {.outcome = state::refused, .cause = cause}; }

/// The unspecified IPv6 address is nobody's: who is named so is not named.
void name_client(const address_and_port& source, const address_and_port& destination,
                 proxy_header& into) {
    if (source.ip.is_none()) return;
    into.has_addresses = true;
    into.source = source;
    into.destination = destination;
}

/// All of `whole` that fits is there.
bool begins_like(std::string_view bytes, std::string_view whole) {
    return bytes.substr(0, whole.size()) == whole.substr(0, bytes.size());
}

// ---- version 1: a line of text --------------------------------------------------------------

constexpr std::string_view v1_start = "PROXY ";
constexpr std::size_t v1_line_max = 107;  // its CRLF included

/// The next word of a line, which ends at one blank or with the line.
std::string_view take_word(std::string_view& line) {
    const std::string_view word = line.substr(0, line.find(' '));
    line.remove_prefix(std::min(line.size(), word.size() + 1));
    return word;
}

/// The specification forbids leading zeros: somebody could read them as octal.
std::optional<std::uint16_t> port_of(std::string_view text) {
    std::uint16_t port = 0;
    const char* const end = text.data() + text.size();
    const auto [stop, wrong] = std::from_chars(text.data(), end, port);
    if (wrong != std::errc() || stop != end || (text.size() > 1 && text.front() == '0'))
        return std::nullopt;
    return port;
}

std::optional<io::ip_address> address_of(std::string_view text, bool is_v6) {
    if (text.contains(':') != is_v6) return std::nullopt;
    return io::ip_address::parse(text);
}

reading read_v1(std::string_view bytes) {
    const std::size_t end = bytes.substr(0, v1_line_max).find("\r\n");
    if (end == bytes.npos)
        return bytes.size() < v1_line_max ? reading{} : refused("proxy-header-too-long");
    reading read{.outcome = state::complete, .consumed = end + 2};

    std::string_view line = bytes.substr(v1_start.size(), end - v1_start.size());
    const bool ends_in_blank = line.ends_with(' ');
    const std::string_view family = take_word(line);
    if (family == "UNKNOWN") return read;
    if (family != "TCP4" && family != "TCP6") return refused("proxy-header-family");
    const bool is_v6 = family == "TCP6";
    const auto source = address_of(take_word(line), is_v6);
    const auto destination = address_of(take_word(line), is_v6);
    const auto source_port = port_of(take_word(line));
    const auto destination_port = port_of(take_word(line));
    if (!source || !destination) return refused("proxy-header-address");
    if (!source_port || !destination_port || !line.empty() || ends_in_blank)
        return refused("proxy-header-port");
    name_client({*source, *source_port}, {*destination, *destination_port}, read.header);
    return read;
}

// ---- version 2: binary ----------------------------------------------------------------------

constexpr std::string_view v2_signature("\r\n\r\n\0\r\nQUIT\n", 12);
constexpr std::size_t v2_fixed_size = 16;

enum class family : std::uint8_t { unspecified = 0, v4 = 1, v6 = 2, unix_path = 3 };
constexpr std::array<std::size_t, 4> addresses_size = {0, 12, 36, 216};
constexpr std::uint8_t transport_stream = 1;
constexpr std::uint8_t transport_max = 2;

constexpr std::uint8_t type_crc32c = 0x03;
constexpr std::uint8_t type_ssl = 0x20;
constexpr std::uint8_t ssl_used = 0x01;    // in the first byte of its value
constexpr std::size_t ssl_fixed_size = 5;  // before its own TLVs
constexpr std::size_t tlv_fixed_size = 3;

std::uint16_t number_at(byte_span bytes, std::size_t at) {
    return big_endian<std::uint16_t>(bytes.subspan(at).first<2>());
}

io::ip_address v4_at(byte_span bytes, std::size_t at) {
    std::array<std::uint8_t, 16> mapped{};
    mapped[10] = mapped[11] = 0xff;
    std::ranges::copy(bytes.subspan(at, 4), mapped.begin() + 12);
    return io::ip_address(mapped);
}

io::ip_address v6_at(byte_span bytes, std::size_t at) {
    std::array<std::uint8_t, 16> address;
    std::ranges::copy(bytes.subspan(at, 16), address.begin());
    return io::ip_address(address);
}

/// The values of a row of TLVs, one after the other. Each lies within the row, or the row is none.
class tlv_walk {
  public:
    explicit tlv_walk(byte_span row) : rest_(row) {}

    /// False at the end, or when the next one exceeds the row.
    bool next() {
        if (rest_.empty()) return false;
        if (rest_.size() < tlv_fixed_size || rest_.size() - tlv_fixed_size < number_at(rest_, 1)) {
            is_broken_ = true;
            return false;
        }
        type = rest_.front();
        value = rest_.subspan(tlv_fixed_size, number_at(rest_, 1));
        rest_ = rest_.subspan(tlv_fixed_size + value.size());
        return true;
    }

    [[nodiscard]] bool is_broken() const noexcept { return is_broken_; }

    std::uint8_t type = 0;
    byte_span value;

  private:
    byte_span rest_;
    bool is_broken_ = false;
};

/// The checksum is reckoned over the whole header with its own four bytes as zeros.
bool has_checksum(byte_span header, byte_span sum) {
    constexpr std::array<std::uint8_t, 4> zeros{};
    const auto before = std::size_t(sum.data() - header.data());
    crc32c reckoned;
    reckoned.add(header.first(before));
    reckoned.add(zeros);
    reckoned.add(header.subspan(before + zeros.size()));
    return reckoned.value() == big_endian<std::uint32_t>(sum.first<4>());
}

/// Empty: nothing is wrong with them.
std::string_view read_tlvs(byte_span header, byte_span row, proxy_header& into) {
    bool has_sum = false;
    tlv_walk tlvs(row);
    while (tlvs.next()) {
        if (tlvs.type == type_crc32c) {
            if (tlvs.value.size() != 4 || std::exchange(has_sum, true) ||
                !has_checksum(header, tlvs.value))
                return "proxy-header-checksum";
        } else if (tlvs.type == type_ssl) {
            if (tlvs.value.size() < ssl_fixed_size) return "proxy-header-tlv";
            tlv_walk below(tlvs.value.subspan(ssl_fixed_size));
            while (below.next()) continue;
            if (below.is_broken()) return "proxy-header-tlv";
            into.over_tls = (tlvs.value.front() & ssl_used) != 0;
        }
    }
    return tlvs.is_broken() ? "proxy-header-tlv" : std::string_view();
}

reading read_v2(std::string_view text) {
    if (text.size() < v2_fixed_size) {
        // A wrong version shows before the length has come.
        const bool is_wrong = text.size() > v2_signature.size() &&
                              (std::uint8_t(text[v2_signature.size()]) >> 4) != 2;
        return is_wrong ? refused("proxy-header-version") : reading{};
    }
    const byte_span bytes(reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
    const std::uint8_t version = bytes[12] >> 4;
    const std::uint8_t command = bytes[12] & 0x0f;
    const std::uint8_t addresses = bytes[13] >> 4;
    const std::uint8_t transport = bytes[13] & 0x0f;
    const std::size_t length = number_at(bytes, 14);
    if (version != 2) return refused("proxy-header-version");
    if (command > 1) return refused("proxy-header-command");
    if (length > limits::proxy_header_max) return refused("proxy-header-too-long");
    const bool is_local = command == 0;
    if (!is_local && (addresses >= addresses_size.size() || transport > transport_max))
        return refused("proxy-header-family");
    if (!is_local && length < addresses_size[addresses]) return refused("proxy-header-length");
    if (bytes.size() - v2_fixed_size < length) return {};

    reading read{.outcome = state::complete, .consumed = v2_fixed_size + length};
    // LOCAL: the peer speaks for itself, and whatever else it says counts for nothing.
    if (is_local) return read;
    const byte_span header = bytes.first(read.consumed);
    const byte_span body = header.subspan(v2_fixed_size);
    const auto wrong = read_tlvs(header, body.subspan(addresses_size[addresses]), read.header);
    if (!wrong.empty()) return refused(wrong);

    // Of UDP and unix sockets nothing is known that a client's address could be.
    if (transport != transport_stream) return read;
    if (family(addresses) == family::v4)
        name_client({v4_at(body, 0), number_at(body, 8)}, {v4_at(body, 4), number_at(body, 10)},
                    read.header);
    else if (family(addresses) == family::v6)
        name_client({v6_at(body, 0), number_at(body, 32)}, {v6_at(body, 16), number_at(body, 34)},
                    read.header);
    return read;
}

}  // namespace

proxy_header_reading read_proxy_header(std::string_view bytes) noexcept {
    const std::string_view start = bytes.starts_with('\r') ? v2_signature : v1_start;
    if (!begins_like(bytes, start)) return {.outcome = state::absent};
    if (bytes.size() < start.size()) return {};
    return bytes.starts_with('\r') ? read_v2(bytes) : read_v1(bytes);
}

// ---- writing --------------------------------------------------------------------------------

proxy_header_text::proxy_header_text(proxy_version version, const proxy_header& about) noexcept {
    if (version == proxy_version::v1)
        write_v1(about);
    else
        write_v2(about);
}

void proxy_header_text::append(std::string_view text) noexcept {
    std::ranges::copy(text, bytes_.begin() + std::ptrdiff_t(size_));
    size_ += text.size();
}

void proxy_header_text::append_number(std::uint16_t number) noexcept {
    char* const begin = bytes_.data() + size_;
    size_ += std::size_t(std::to_chars(begin, bytes_.data() + bytes_.size(), number).ptr - begin);
}

/// Both addresses are of one family: one of IPv4 beside one of IPv6 is written mapped into it.
void proxy_header_text::append_address(const io::ip_address& ip, bool as_v4) noexcept {
    if (ip.is_v4() && !as_v4) append("::ffff:");
    if (ip.is_none()) append(as_v4 ? "0.0.0.0" : "::");
    size_ += ip.write(bytes_.data() + size_);
}

namespace {

bool is_all_v4(const proxy_header& about) {
    const auto& to = about.destination.ip;
    return about.source.ip.is_v4() && (to.is_v4() || to.is_none());
}

}  // namespace

void proxy_header_text::write_v1(const proxy_header& about) noexcept {
    if (!about.has_addresses) return append("PROXY UNKNOWN\r\n");
    const bool as_v4 = is_all_v4(about);
    append(as_v4 ? "PROXY TCP4 " : "PROXY TCP6 ");
    append_address(about.source.ip, as_v4);
    append(" ");
    append_address(about.destination.ip, as_v4);
    append(" ");
    append_number(about.source.port);
    append(" ");
    append_number(about.destination.port);
    append("\r\n");
}

void proxy_header_text::write_v2(const proxy_header& about) noexcept {
    constexpr std::uint8_t version_2 = 0x20;
    const std::uint8_t command = about.is_local ? 0 : 1;  // LOCAL, PROXY
    const auto put = [this](byte_span bytes) {
        append({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
    };
    const auto put_number = [&](std::size_t number) {
        std::array<std::uint8_t, 2> bytes;
        put_big_endian<std::uint16_t>(bytes, std::uint16_t(number));
        put(bytes);
    };
    const bool as_v4 = is_all_v4(about);
    const auto chosen = !about.has_addresses ? family::unspecified
                        : as_v4              ? family::v4
                                             : family::v6;
    const std::uint8_t stream = about.has_addresses ? transport_stream : 0;

    append(v2_signature);
    put(std::array{std::uint8_t(version_2 | command),
                   std::uint8_t(std::to_underlying(chosen) << 4 | stream)});
    put_number(addresses_size[std::to_underlying(chosen)]);
    if (!about.has_addresses) return;
    for (const auto* ip : {&about.source.ip, &about.destination.ip})
        put(byte_span(ip->bytes()).subspan(as_v4 ? 12 : 0));
    put_number(about.source.port);
    put_number(about.destination.port);
}

}  // namespace hawser::clients
