// SPDX-License-Identifier: Apache-2.0
#include "http/h1/writer.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <utility>

#include "base/ensure.h"
#include "http/cookie.h"

namespace hawser::http::h1 {
namespace {

char* put(char* at, std::string_view text) noexcept {
    if (!text.empty()) std::memcpy(at, text.data(), text.size());
    return at + text.size();
}

}  // namespace

/// Where `bytes` bytes may be written, or null once the buffer is too small.
char* head_writer::room_for(std::size_t bytes) noexcept {
    if (overflowed_ || bytes > static_cast<std::size_t>(end_ - next_)) {
        overflowed_ = true;
        return nullptr;
    }
    return std::exchange(next_, next_ + bytes);
}

void head_writer::request_line(const request_head& head) noexcept {
    request_line(head.method, head.target);
}

void head_writer::request_line(std::string_view method, std::string_view target) noexcept {
    constexpr std::string_view version = " HTTP/1.1\r\n";
    const std::string_view slash = target.starts_with('?') ? " /" : " ";
    char* at = room_for(method.size() + slash.size() + target.size() + version.size());
    if (at == nullptr) return;
    put(put(put(put(at, method), slash), target), version);
}

void head_writer::status_line(unsigned status, std::string_view reason) noexcept {
    ensure(status >= 100 && status <= 999, "a status has three digits");
    constexpr std::string_view version = "HTTP/1.1 ";
    char* at = room_for(version.size() + 3 + 1 + reason.size() + 2);
    if (at == nullptr) return;
    at = put(at, version);
    *at++ = static_cast<char>('0' + status / 100);
    *at++ = static_cast<char>('0' + status / 10 % 10);
    *at++ = static_cast<char>('0' + status % 10);
    *at++ = ' ';
    put(put(at, reason), "\r\n");
}

void head_writer::begin_run_or_write(const field& kept) noexcept {
    flush_run();
    if (!kept.plain) return add(kept.name, kept.value);
    run_begin_ = kept.line.data();
    run_end_ = run_begin_ + kept.line.size();
}

void head_writer::flush_run() noexcept {
    if (run_begin_ == nullptr) return;
    const std::string_view run(run_begin_, run_end_);
    run_begin_ = run_end_ = nullptr;
    if (char* at = room_for(run.size())) put(at, run);
}

/// Keeps a Cookie field as `rewrite` leaves it, which is no longer: it gets the bytes for that, and
/// the answer is what it has written there.
template <typename Rewrite>
void head_writer::keep_rewritten(const field& kept, Rewrite rewrite) noexcept {
    flush_run();
    const std::size_t prefix = kept.name.size() + 2;
    char* const at = room_for(prefix + kept.value.size() + 2);
    if (at == nullptr) return;
    const std::string_view left = rewrite(std::span(at + prefix, kept.value.size()));
    next_ = at;
    if (left.size() == kept.value.size()) return keep(kept);
    if (left.empty()) return;
    put(put(at, kept.name), ": ");
    next_ = put(at + prefix + left.size(), "\r\n");
}

void head_writer::keep_cookies_but(std::string_view name, const field& kept) noexcept {
    keep_rewritten(kept, [&](std::span<char> out) {
        const auto left = strip_cookie(name, kept.value, out);
        return left.empty() && !has_cookie(name, kept.value) ? kept.value : left;
    });
}

void head_writer::keep_cookies_unmarked(std::string_view name, std::size_t mark_size,
                                        const field& kept) noexcept {
    keep_rewritten(
        kept, [&](std::span<char> out) { return unmark_cookie(name, mark_size, kept.value, out); });
}

void head_writer::add(std::string_view name, std::string_view value) noexcept {
    add(name, value, {});
}

void head_writer::add(std::string_view name, std::string_view value,
                      std::string_view more) noexcept {
    flush_run();
    if (char* at = room_for(name.size() + value.size() + more.size() + 4))
        put(put(put(put(put(at, name), ": "), value), more), "\r\n");
}

void head_writer::add(std::string_view name, std::uint64_t value) noexcept {
    std::array<char, 20> digits;
    const auto written = std::to_chars(digits.data(), digits.data() + digits.size(), value);
    add(name, std::string_view(digits.data(), written.ptr));
}

void head_writer::add_lines(std::string_view lines) noexcept {
    flush_run();
    if (char* at = room_for(lines.size())) put(at, lines);
}

std::string_view head_writer::finish() noexcept {
    flush_run();
    if (char* at = room_for(2)) put(at, "\r\n");
    if (overflowed_) return {};
    return {begin_, next_};
}

chunk_head::chunk_head(std::uint64_t size) noexcept {
    put(text_.data() + start_, "\r\n");
    do {
        text_[--start_] = "0123456789abcdef"[size & 15];
        size >>= 4;
    } while (size != 0);
}

std::string_view write_answer(const own_answer& answer, std::span<char> out) noexcept {
    const std::string_view reason = reason_of(answer.status);
    const std::string_view body = answer.body.value_or(reason);
    const std::string_view body_end = answer.body ? "" : "\n";
    const bool has_no_body = answer.status < 200 || answer.status == 204 || answer.status == 304;
    head_writer head(out);
    head.status_line(answer.status, reason);
    if (!answer.date.empty()) head.add("Date", answer.date);
    if (!has_no_body) {
        if (!answer.content_type.empty()) head.add("Content-Type", answer.content_type);
        head.add("Content-Length", body.size() + body_end.size());
    }
    if (!answer.allow.empty()) head.add("Allow", answer.allow);
    if (answer.retry_after != 0) head.add("Retry-After", answer.retry_after);
    if (answer.close) head.add("Connection", std::string_view("close"));
    head.add_lines(answer.extra_lines);
    std::string_view all = head.finish();
    const bool with_body = !has_no_body && !answer.without_body;
    const std::size_t size = all.size() + (with_body ? body.size() + body_end.size() : 0);
    ensure(!head.has_overflowed() && size <= out.size(),
           "own_answer_max is enough for an answer of our own");
    if (with_body) put(put(out.data() + all.size(), body), body_end);
    return {out.data(), size};
}

}  // namespace hawser::http::h1
