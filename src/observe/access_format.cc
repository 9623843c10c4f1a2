// SPDX-License-Identifier: Apache-2.0
#include "observe/access_format.h"

#include <algorithm>
#include <array>
#include <utility>

#include "observe/escape.h"

namespace hawser::observe {

namespace {

struct format_entry {
    std::string_view name;
    timestamp::style time;
};

constexpr std::array<format_entry, 3> formats = {{{"json", timestamp::style::rfc3339},
                                                  {"combined", timestamp::style::combined},
                                                  {"text", timestamp::style::clock}}};

std::uint64_t count_of(std::chrono::microseconds duration) {
    return static_cast<std::uint64_t>(std::max(duration.count(), std::int64_t{0}));
}

// A member of the JSON object begins with its comma, as `time` precedes all. Members with nothing
// to say are left out.

/// How the members of the texts begin, in the order of `enum text`.
constexpr std::array<std::string_view, text_max.size()> text_members = {
    R"(,"client":")",          R"(,"listener":")",       R"(,"method":")",
    R"(,"target":")",          R"(,"host":")",           R"(,"pool":")",
    R"(,"server":")",          R"(,"server_address":")", R"(,"user_agent":")",
    R"(,"referer":")",         R"(,"request_id":")",     R"(,"trace_id":")",
    R"(,"tls_server_name":")", R"(,"peer":")",           R"(,"local":")",
    R"(,"source":")"};

void member(std::string& line, std::string_view begin, std::string_view words) {
    if (words.empty()) return;
    line += begin;
    append_json(line, words);
    line += '"';
}

void member(std::string& line, const access_record& record, text which) {
    member(line, text_members[std::to_underlying(which)], record.get(which));
}

void member(std::string& line, std::string_view begin, std::uint64_t number) {
    line += begin;
    append_number(line, number);
}

void member(std::string& line, std::string_view begin, std::chrono::microseconds duration) {
    if (duration != not_reached) member(line, begin, count_of(duration));
}

void cut_member(std::string& line, const access_record& record) {
    constexpr std::size_t around_name = std::string_view(R"(,"":")").size();
    std::string_view before = R"(,"cut":[")";
    for (std::size_t index = 0; index < text_members.size(); ++index) {
        if (!record.is_cut(static_cast<text>(index))) continue;
        line += before;
        line += text_members[index].substr(2, text_members[index].size() - around_name);
        before = R"(",")";
    }
    if (before.front() == '"') line += R"("])";
}

void append_word(std::string& line, std::string_view bytes) {
    line += ' ';
    append_escaped(line, bytes, place::word);
}

void append_quoted(std::string& line, std::string_view bytes) {
    line += " \"";
    append_escaped(line, bytes.empty() ? "-" : bytes, place::quoted);
    line += '"';
}

/// Blanks up to `width` columns after `from`, and one more.
void pad(std::string& line, std::size_t from, std::size_t width) {
    const std::size_t used = line.size() - from;
    line.append(used < width ? width - used + 1 : 1, ' ');
}

void append_column(std::string& line, std::string_view bytes, std::size_t width) {
    const std::size_t from = line.size();
    append_escaped(line, bytes, place::word);
    if (line.size() - from > width) {
        line.resize(from + width - 2);
        line += "..";
    }
    pad(line, from, width);
}

constexpr std::string_view plain = "\x1b[0m";
constexpr std::string_view red = "\x1b[31m";
constexpr std::string_view green = "\x1b[32m";
constexpr std::string_view yellow = "\x1b[33m";
constexpr std::string_view cyan = "\x1b[36m";

std::string_view colour_of(unsigned status) {
    if (status >= 500 || status == 0) return red;
    return status >= 400 ? yellow : green;
}

std::string_view colour_of(std::string_view verdict) {
    if (verdict == "hit") return green;
    if (verdict == "new") return cyan;
    if (verdict == "refused") return red;
    return verdict.empty() || verdict == "none" ? plain : yellow;
}

void append_milliseconds(std::string& line, std::chrono::microseconds duration) {
    const std::uint64_t tenths = count_of(duration) / 100;
    std::string number;
    append_number(number, tenths / 10);
    number += '.';
    number += static_cast<char>('0' + tenths % 10);
    if (number.size() < 7) line.append(7 - number.size(), ' ');
    line += number;
    line += " ms";
}

}  // namespace

std::string_view name_of(access_format format) { return formats[std::to_underlying(format)].name; }

std::optional<access_format> access_format_named(std::string_view name) {
    for (std::size_t index = 0; index < formats.size(); ++index)
        if (formats[index].name == name) return static_cast<access_format>(index);
    return std::nullopt;
}

access_formatter::access_formatter(access_format format, bool is_coloured)
    : format_(format), is_coloured_(is_coloured), time_(formats[std::to_underlying(format)].time) {}

void access_formatter::append(std::string& lines, const access_record& record) {
    switch (format_) {
        case access_format::json: return append_json_line(lines, record);
        case access_format::combined: return append_combined_line(lines, record);
        case access_format::text: return append_text_line(lines, record);
    }
}

void access_formatter::append_json_line(std::string& line, const access_record& record) {
    line += R"({"time":")";
    time_.append(line, record.started);
    line += '"';
    member(line, record, text::client);
    if (record.client_port != 0)
        member(line, R"(,"client_port":)", std::uint64_t{record.client_port});
    member(line, record, text::listener);
    member(line, record, text::method);
    member(line, record, text::target);
    member(line, record, text::host);
    member(line, R"(,"protocol":")", record.protocol);
    if (!record.tls_version.empty()) {
        member(line, R"(,"tls":")", record.tls_version);
        member(line, R"(,"tls_cipher":")", record.tls_cipher);
        member(line, record, text::server_name);
        if (record.tls_resumed) line += R"(,"tls_resumed":true)";
    }
    member(line, R"(,"status":)", std::uint64_t{record.status});
    member(line, R"(,"bytes_in":)", record.bytes_in);
    member(line, R"(,"bytes_out":)", record.bytes_out);
    member(line, R"(,"duration_us":)", record.total);
    member(line, R"(,"queued_us":)", record.queued);
    member(line, R"(,"connect_us":)", record.connect);
    member(line, R"(,"first_byte_us":)", record.first_byte);
    member(line, record, text::pool);
    member(line, record, text::server);
    member(line, record, text::server_address);
    member(line, R"(,"server_tls":")", record.server_tls);
    if (record.server_tls_resumed) line += R"(,"server_tls_resumed":true)";
    member(line, R"(,"server_handshake_us":)", record.server_handshake);
    member(line, record, text::peer);
    member(line, record, text::local);
    member(line, record, text::source);
    member(line, R"(,"attempts":)", std::uint64_t{record.attempts});
    member(line, R"(,"verdict":")", record.verdict);
    member(line, R"(,"cause":")", record.cause);
    if (record.session != 0) {
        line += R"(,"session":")";
        append_hex(line, record.session);
        line += '"';
    }
    if (record.generation != 0) member(line, R"(,"generation":)", std::uint64_t{record.generation});
    member(line, R"(,"ended":")", record.ended);
    member(line, record, text::user_agent);
    member(line, record, text::referer);
    member(line, record, text::request_id);
    member(line, record, text::trace_id);
    cut_member(line, record);
    line += "}\n";
}

void access_formatter::append_combined_line(std::string& line, const access_record& record) {
    append_escaped(line, record.get(text::client), place::word);
    line += " - - [";
    time_.append(line, record.started);
    line += "] \"";
    if (const auto method = record.get(text::method); method.empty()) {
        line += '-';
    } else {
        append_escaped(line, method, place::quoted);
        line += ' ';
        append_escaped(line, record.get(text::target), place::quoted);
        line += ' ';
        append_escaped(line, record.protocol, place::quoted);
    }
    line += "\" ";
    append_number(line, record.status);
    line += ' ';
    append_number(line, record.bytes_out);
    append_quoted(line, record.get(text::referer));
    append_quoted(line, record.get(text::user_agent));

    append_word(line, record.get(text::pool));
    line += '/';
    append_escaped(line, record.get(text::server), place::word);
    append_word(line, record.verdict);
    append_word(line, record.cause);
    append_word(line, record.ended);
    line += ' ';
    append_number(line, count_of(record.total));
    line += '\n';
}

void access_formatter::append_text_line(std::string& line, const access_record& record) {
    const auto coloured = [&](std::string_view colour) {
        if (is_coloured_) line += colour;
    };
    time_.append(line, record.started);
    line += ' ';
    append_column(line, record.get(text::client), 15);
    append_column(line, record.get(text::method), 7);
    append_column(line, record.get(text::target), 32);
    coloured(colour_of(record.status));
    append_number(line, record.status);
    coloured(plain);
    line += ' ';
    append_column(line, record.get(text::server), 10);
    coloured(colour_of(record.verdict));
    std::string verdict(record.verdict);
    if (!record.cause.empty() && record.cause != "none") {
        verdict += ':';
        verdict += record.cause;
    }
    append_column(line, verdict, 18);
    coloured(plain);
    append_milliseconds(line, record.total);
    if (!record.ended.empty()) {
        line += "  ";
        append_escaped(line, record.ended, place::word);
    }
    line += '\n';
}

}  // namespace hawser::observe
