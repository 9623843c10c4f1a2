// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "base/ensure.h"

namespace hawser::http {

/// The field names that some floor of the house acts upon; every other name is `other`.
enum class field_id : std::uint8_t {
    other,
    accept,
    authorization,
    cache_control,
    connection,
    content_length,
    content_type,
    cookie,
    date,
    expect,
    forwarded,
    host,
    http2_settings,
    keep_alive,
    location,
    max_forwards,
    origin,
    ours,  ///< any name that begins with `Hawser-`
    proxy,
    proxy_authenticate,
    proxy_authorization,
    proxy_connection,
    referer,
    retry_after,
    sec_websocket_accept,
    sec_websocket_key,
    server,
    set_cookie,
    te,
    traceparent,
    trailer,
    transfer_encoding,
    upgrade,
    user_agent,
    via,
    www_authenticate,
    x_forwarded_for,
    x_forwarded_host,
    x_forwarded_other,  ///< any other name that begins with `X-Forwarded-`
    x_forwarded_port,
    x_forwarded_proto,
    x_real_ip,
    x_request_id,
};

/// The id of a name in any letter case. The name must be a token (RFC 9110 5.6.2).
[[nodiscard]] field_id field_id_of(std::string_view name) noexcept;

/// The id of a name read with `-` for each `_`, as CGI and WSGI do (E51).
[[nodiscard]] field_id field_id_of_look_alike(std::string_view name) noexcept;

/// Whether a message's sender may not have this field forwarded (E88): Connection itself,
/// Keep-Alive, Proxy-Connection, TE, Upgrade, HTTP2-Settings, and Proxy (E91).
[[nodiscard]] bool is_hop_by_hop(field_id id) noexcept;

/// Whether naming this field in Connection has no effect (E18, E89): we set it, or rely on it.
[[nodiscard]] bool is_kept_against_connection(field_id id) noexcept;

/// Whether the name is one that we set, strip or trust, so that a look-alike spelled with `_`
/// is refused (E51).
[[nodiscard]] bool is_reserved(field_id id) noexcept;

/// Whether this field may travel in a trailer section (E26).
[[nodiscard]] bool may_be_trailer(field_id id) noexcept;

/// One field of a head. All views point into the bytes that were parsed, except a value that the
/// parser has written anew (see `plain`).
struct field {
    std::string_view name;
    /// Without blanks around it. For Content-Length the digits without leading zeros; for
    /// Transfer-Encoding always `chunked`; for Host the effective host (E33).
    std::string_view value;
    /// The whole line in the source, line end included.
    std::string_view line;
    field_id id = field_id::other;
    /// `line` is exactly `name: value\r\n`: a forwarder may copy it as part of a run of lines.
    bool plain = false;
    /// This field ends here and is not forwarded: hop-by-hop by its own name or named by
    /// Connection (E88), `Proxy` (E91), a repeated Content-Length of an answer (E82), framing that
    /// means nothing (E75, E79), an Expect that is ignored (E77), a name dropped by E51.
    bool hop_by_hop = false;
};

/// The fields of one head in the order they came. Bounded, inline, never on the heap.
///
/// Not copyable: a head is parsed into one place per worker and passed by reference.
class field_list {
  public:
    static constexpr std::size_t capacity = 256;

    field_list() noexcept {}  // NOLINT(modernize-use-equals-default): leaves 14 KiB untouched
    field_list(const field_list&) = delete;
    field_list& operator=(const field_list&) = delete;

    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
    [[nodiscard]] field* begin() noexcept { return slots_.data(); }
    [[nodiscard]] field* end() noexcept { return slots_.data() + size_; }
    [[nodiscard]] const field* begin() const noexcept { return slots_.data(); }
    [[nodiscard]] const field* end() const noexcept { return slots_.data() + size_; }
    [[nodiscard]] field& operator[](std::size_t at) noexcept { return slots_[at]; }
    [[nodiscard]] const field& operator[](std::size_t at) const noexcept { return slots_[at]; }
    // NOLINTNEXTLINE(google-explicit-constructor): a list is its fields
    operator std::span<const field>() const noexcept { return {begin(), size_}; }

    /// The first field with this id, or null.
    [[nodiscard]] const field* find(field_id id) const noexcept {
        for (const field& each : *this)
            if (each.id == id) return &each;
        return nullptr;
    }

    void clear() noexcept { size_ = 0; }

    field& add(const field& one) noexcept {
        ensure(size_ < capacity, "the parser's limit of fields lies within the list's capacity");
        return *std::construct_at(&slots_[size_++], one);
    }

  private:
    std::size_t size_ = 0;
    union {
        std::array<field, capacity> slots_;
    };
};

/// Whether two names or tokens are equal without regard to ASCII letter case.
[[nodiscard]] bool equal_ignoring_case(std::string_view a, std::string_view b) noexcept;
/// As a server may read them: CGI and WSGI take `_` and `-` for the same (E51).
[[nodiscard]] bool are_names_alike(std::string_view a, std::string_view b) noexcept;

}  // namespace hawser::http
