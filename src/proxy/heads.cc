// SPDX-License-Identifier: Apache-2.0
#include "proxy/heads.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "affinity/token.h"
#include "clients/forwarded.h"
#include "http/cookie.h"
#include "io/ip_address.h"

namespace hawser::proxy {

namespace {

using http::field;
using http::field_id;
using http::h1::head_writer;

/// What one line of ours may take beside its values: names, separators, fixed texts.
constexpr std::size_t line_overhead = 64;

/// By what the client is taken for another one than its mark was given to.
constexpr std::string_view challenge_field = "Hawser-Challenge";
constexpr std::string_view hsts_name = "strict-transport-security";

enum class forwarding : std::uint8_t { pass, append, replace };

forwarding forwarding_of(const request_rewriting& what) {
    switch (what.listener.forwarded) {
        case forwarded_policy::off: return forwarding::pass;
        case forwarded_policy::append: return forwarding::append;
        case forwarded_policy::replace: return forwarding::replace;
        case forwarded_policy::by_trust: break;
    }
    return what.is_trusted ? forwarding::append : forwarding::replace;
}

bool tells_the_client(field_id id) {
    switch (id) {
        case field_id::x_forwarded_for:
        case field_id::x_forwarded_host:
        case field_id::x_forwarded_port:
        case field_id::x_forwarded_proto:
        case field_id::x_forwarded_other:
        case field_id::forwarded:
        case field_id::x_real_ip: return true;
        default: return false;
    }
}

/// By which port the client asked: what Host names, else the scheme's own.
std::string_view asked_port(const request_rewriting& what) {
    const std::string_view host = what.head.host;
    const auto before = host.find_last_not_of("0123456789");
    if (before != host.npos && host[before] == ':' && before + 1 < host.size())
        return host.substr(before + 1);
    return what.scheme == "https" ? "443" : "80";
}

/// What servers are told of the client. Ours is appended to the last line of a list that is there.
class forwarded_fields {
  public:
    forwarded_fields(const request_rewriting& what, forwarding how)
        : what_(what),
          how_(how),
          writes_element_(how != forwarding::pass &&
                          what.listener.forwarded_field != forwarded_field_policy::off) {
        if (how == forwarding::append) look_at_theirs();
        if (writes_element_) write_element();
    }

    /// True when it has taken care of a field.
    bool take(const field& each, head_writer& into) const {
        if (how_ == forwarding::pass || !tells_the_client(each.id)) return false;
        if (how_ == forwarding::replace) return true;
        if (each.id == field_id::forwarded && is_malformed_) return true;
        if (&each == last_element_ && writes_element_) {
            into.add("Forwarded", each.value, element_);
            return true;
        }
        if (&each != last_list_ || what_.client.empty()) return false;
        std::array<char, io::ip_address::text_max + 2> more;
        more[0] = ',';
        more[1] = ' ';
        std::memcpy(more.data() + 2, what_.client.data(), what_.client.size());
        into.add("X-Forwarded-For", each.value,
                 std::string_view(more.data(), what_.client.size() + 2));
        return true;
    }

    void add_missing(head_writer& into) const {
        if (how_ == forwarding::pass) return;
        if (last_list_ == nullptr && !what_.client.empty())
            add("X-Forwarded-For", what_.client, into);
        if (!has_proto_) add("X-Forwarded-Proto", what_.scheme, into);
        if (!what_.head.host.empty()) {
            if (!has_host_) add("X-Forwarded-Host", what_.head.host, into);
            // Where the proxy in front has said something of the request, it knows better.
            if (!has_port_ && !has_proto_ && !has_host_)
                add("X-Forwarded-Port", asked_port(what_), into);
        }
        if (writes_element_ && last_element_ == nullptr)
            add("Forwarded", std::string_view(element_).substr(separator.size()), into);
    }

  private:
    static constexpr std::string_view separator = ", ";

    void look_at_theirs() {
        for (const field& each : what_.head.fields) {
            if (each.hop_by_hop) continue;
            if (each.id == field_id::x_forwarded_for) last_list_ = &each;
            if (each.id == field_id::x_forwarded_proto) has_proto_ = true;
            if (each.id == field_id::x_forwarded_host) has_host_ = true;
            if (each.id == field_id::x_forwarded_port) has_port_ = true;
            if (each.id != field_id::forwarded) continue;
            last_element_ = &each;
            // Replaced, never repaired (E134).
            is_malformed_ |= !clients::is_valid_forwarded(each.value);
        }
        if (is_malformed_) last_element_ = nullptr;
    }

    void write_element() {
        const clients::forwarded_element told{
            .client = what_.client, .host = what_.head.host, .proto = what_.scheme};
        element_.resize(separator.size() + clients::forwarded_size_max(told));
        separator.copy(element_.data(), separator.size());
        const auto written =
            clients::write_forwarded(told, std::span(element_).subspan(separator.size()));
        element_.resize(separator.size() + written.size());
    }

    /// What the route sets or removes stands instead of ours.
    void add(std::string_view name, std::string_view value, head_writer& into) const {
        if (what_.way.request.empty() || !what_.way.request.touches(name)) into.add(name, value);
    }

    const request_rewriting& what_;
    forwarding how_;
    bool writes_element_;
    std::string element_;  ///< ours of Forwarded, behind a separator
    const field* last_list_ = nullptr;
    const field* last_element_ = nullptr;
    bool is_malformed_ = false;  ///< their Forwarded
    bool has_proto_ = false;
    bool has_host_ = false;
    bool has_port_ = false;
};

void write_upgrade(head_writer& into) {
    into.add_lines("Connection: Upgrade\r\nUpgrade: websocket\r\n");
}

/// Where the first directive of a list ends: a comma within quotes is part of its value.
std::size_t end_of_directive(std::string_view list) {
    bool is_quoted = false;
    for (std::size_t at = 0; at < list.size(); ++at) {
        if (is_quoted && list[at] == '\\')
            ++at;
        else if (list[at] == '"')
            is_quoted = !is_quoted;
        else if (list[at] == ',' && !is_quoted)
            return at;
    }
    return list.size();
}

/// Fields that are true of the body only as the server sent it.
bool is_of_plain_body(const field& each) {
    return each.id == field_id::content_length ||
           http::equal_ignoring_case(each.name, "accept-ranges");
}

/// A strong one would promise the server's bytes (RFC 9110 8.8.1).
void add_weak_tag(std::string_view tag, head_writer& into) {
    const bool is_weak = tag.starts_with("W/");
    into.add("ETag", is_weak ? std::string_view() : std::string_view("W/"), tag);
}

/// No tunnel leads through a shared connection.
bool upgrades(const request_rewriting& what) {
    return what.head.wants_websocket && what.way.allows_websocket &&
           what.pool.protocol == server_protocol::http1;
}

/// What only we say of a client's certificate (E129).
bool tells_of_certificate(const listener_settings& by, std::string_view name) {
    return !by.certificate_fields.empty() &&
           std::ranges::any_of(by.certificate_fields, [&](const std::string& each) {
               return http::are_names_alike(each, name);
           });
}

void write_certificate(const request_rewriting& what, head_writer& into) {
    if (what.secured == nullptr || !what.secured->has_client()) return;
    const auto& by = what.listener;
    if (!by.subject_field.empty()) into.add(by.subject_field, what.secured->client_subject);
    if (!by.fingerprint_field.empty())
        into.add(by.fingerprint_field, what.secured->client_fingerprint);
}

bool goes_on(const request_rewriting& what, const field& each) {
    if (each.hop_by_hop || each.id == field_id::ours) return false;
    // Ours is decremented and written anew (E35).
    if (each.id == field_id::max_forwards) return !what.head.max_forwards;
    if (each.id == field_id::host) return what.pool.host == host_policy::preserve;
    if (what.marks != nullptr && what.marks->replaces(each)) return false;
    if (tells_of_certificate(what.listener, each.name)) return false;
    return what.way.request.empty() || !what.way.request.touches(each.name);
}

}  // namespace

bool has_own_host(const request_rewriting& what) {
    return what.pool.host == host_policy::server ||
           (what.pool.host == host_policy::preserve && what.head.host.empty());
}

bool is_repeatable(const http::request_head& head) noexcept {
    using http::method_id;
    return !head.has_body() &&
           (head.method_kind == method_id::get || head.method_kind == method_id::head ||
            head.method_kind == method_id::options);
}

std::size_t rewritten_size_max(const request_rewriting& what) {
    std::size_t size = http::h1::rewritten_head_max(what.head) + 8 * line_overhead +
                       3 * what.client.size() + 3 * what.head.host.size() +
                       what.pool.host_text.size();
    size += what.target.size();
    if (what.marks != nullptr) size += what.marks->server_lines().size();
    if (what.secured != nullptr)
        size += what.listener.subject_field.size() + what.secured->client_subject.size() +
                what.listener.fingerprint_field.size() + what.secured->client_fingerprint.size() +
                2 * line_overhead;
    if (!what.challenge.empty()) size += challenge_field.size() + what.challenge.size() + 4;
    for (const auto& [name, value] : what.way.request.set) size += name.size() + value.size() + 4;
    return size;
}

std::string_view write_request_head(const request_rewriting& what, std::span<char> out) {
    head_writer writer(out);
    if (what.target.empty())
        writer.request_line(what.head);
    else
        writer.request_line(what.head.method, what.target);
    if (what.pool.host == host_policy::text) writer.add("Host", what.pool.host_text);
    // HTTP/1.0 may name the host in the target alone (E33).
    if (what.pool.host == host_policy::preserve && !what.head.has_host_field &&
        !what.head.host.empty())
        writer.add("Host", what.head.host);

    const forwarded_fields forwarded(what, forwarding_of(what));
    for (const field& each : what.head.fields) {
        if (!goes_on(what, each) || forwarded.take(each, writer)) continue;
        if (each.id == field_id::cookie && !what.stripped_cookie.empty())
            writer.keep_cookies_but(what.stripped_cookie, each);
        else if (each.id == field_id::cookie && !what.marked_cookie.empty())
            writer.keep_cookies_unmarked(what.marked_cookie, affinity::token_text_size, each);
        else
            writer.keep(each);
    }

    forwarded.add_missing(writer);
    if (what.head.max_forwards) writer.add("Max-Forwards", *what.head.max_forwards - 1);
    if (what.listener.adds_via)
        writer.add("Via", what.head.minor == 0 ? "1.0 hawser" : "1.1 hawser");
    if (what.head.te_trailers && !what.head.wants_websocket)
        writer.add_lines("TE: trailers\r\nConnection: TE\r\n");
    if (upgrades(what)) write_upgrade(writer);
    if (what.marks != nullptr) writer.add_lines(what.marks->server_lines());
    write_certificate(what, writer);
    if (!what.challenge.empty()) writer.add(challenge_field, what.challenge);
    for (const auto& [name, value] : what.way.request.set) writer.add(name, value);
    return writer.finish();
}

std::size_t rewritten_size_max(const response_rewriting& what) {
    std::size_t size =
        http::h1::rewritten_head_max(what.head) + 4 * line_overhead + what.lines.size();
    // A blank comes to each comma of its Cache-Control.
    if (what.is_private) size += what.head.bytes.size();
    for (const auto& [name, value] : what.way.response.set) size += name.size() + value.size() + 4;
    return size;
}

std::string_view write_response_head(const response_rewriting& what, std::span<char> out) {
    head_writer writer(out);
    writer.status_line(what.head.status, what.head.reason);

    std::string cache_control;  // each line of it says something
    for (const field& each : what.head.fields) {
        if (each.hop_by_hop || each.id == field_id::ours) continue;
        if (each.id == field_id::transfer_encoding && what.head.body != http::framing::none)
            continue;
        if (!what.way.response.empty() && what.way.response.touches(each.name)) continue;
        if (!what.coding.empty() && is_of_plain_body(each)) continue;
        if (what.sets_hsts && http::equal_ignoring_case(each.name, hsts_name)) continue;
        if (what.weakens_tag && http::equal_ignoring_case(each.name, "etag")) {
            add_weak_tag(each.value, writer);
            continue;
        }
        if (!what.replaced_cookie.empty() && each.id == field_id::set_cookie &&
            http::name_set_by(each.value) == what.replaced_cookie)
            continue;
        if (each.id == field_id::cache_control && what.is_private) {
            if (!cache_control.empty()) cache_control += ',';
            cache_control.append(each.value);
            continue;
        }
        writer.keep(each);
    }

    if (!what.coding.empty()) writer.add("Content-Encoding", what.coding);
    if (what.is_private) writer.add("Cache-Control", private_cache_control(cache_control));
    if (what.rechunked) writer.add_lines("Transfer-Encoding: chunked\r\n");
    if (what.head.status == 101)
        write_upgrade(writer);
    else if (!what.keeps_alive)
        writer.add_lines("Connection: close\r\n");
    else if (what.to_http_1_0)
        writer.add_lines("Connection: keep-alive\r\n");
    for (const auto& [name, value] : what.way.response.set) writer.add(name, value);
    writer.add_lines(what.lines);
    return writer.finish();
}

std::string_view write_interim_head(const http::response_head& head, std::span<char> out) {
    head_writer writer(out);
    writer.status_line(head.status, head.reason);
    for (const field& each : head.fields)
        if (!each.hop_by_hop && each.id != field_id::ours) writer.keep(each);
    return writer.finish();
}

std::string private_cache_control(std::string_view asked) {
    std::string written = "private";
    while (!asked.empty()) {
        std::string_view part = asked.substr(0, end_of_directive(asked));
        asked.remove_prefix(std::min(asked.size(), part.size() + 1));
        while (part.starts_with(' ') || part.starts_with('\t')) part.remove_prefix(1);
        while (part.ends_with(' ') || part.ends_with('\t')) part.remove_suffix(1);
        const std::string_view name = part.substr(0, part.find('='));
        if (part.empty() || http::equal_ignoring_case(name, "public") ||
            http::equal_ignoring_case(name, "s-maxage") ||
            http::equal_ignoring_case(name, "private"))
            continue;
        written.append(", ").append(part);
    }
    return written;
}

}  // namespace hawser::proxy
