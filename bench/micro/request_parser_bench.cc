// SPDX-License-Identifier: Apache-2.0
#include <benchmark/benchmark.h>

#include <array>
#include <string>
#include <string_view>

#include "http/cookie.h"
#include "http/h1/parser.h"
#include "http/h1/writer.h"

/// What the HTTP layer costs of a request: parse, find the cookie, write the head for the server.
namespace hawser::http::h1 {
namespace {

constexpr std::string_view short_request =
    "GET /cart HTTP/1.1\r\n"
    "Host: shop.example\r\n"
    "Cookie: hawser-1f2e3d4c=AbCdEfGhIjKlMnOpQrStUvWxYz0123456789AbCdEfGhIjKlMnOpQrStUvWxYz01\r\n"
    "\r\n";

constexpr std::string_view browser_request =
    "GET /products/4711?sort=price&page=2 HTTP/1.1\r\n"
    "Host: shop.example\r\n"
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0\r\n"
    "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8\r\n"
    "Accept-Language: en-US,en;q=0.5\r\n"
    "Accept-Encoding: gzip, deflate, br\r\n"
    "Referer: https://shop.example/products\r\n"
    "Connection: keep-alive\r\n"
    "Cookie: _ga=GA1.2.1234567890.1700000000; theme=dark; "
    "hawser-1f2e3d4c=AbCdEfGhIjKlMnOpQrStUvWxYz0123456789AbCdEfGhIjKlMnOpQrStUvWxYz01; "
    "sid=s%3AZ3JhbmQgZ3JhbmQ.abcdefghijklmnop\r\n"
    "Sec-Fetch-Dest: document\r\n"
    "Sec-Fetch-Mode: navigate\r\n"
    "\r\n";

constexpr std::string_view answer =
    "HTTP/1.1 200 OK\r\n"
    "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
    "Content-Type: text/html; charset=utf-8\r\n"
    "Content-Length: 128\r\n"
    "Connection: keep-alive\r\n"
    "\r\n";

constexpr std::string_view our_cookie = "hawser-1f2e3d4c";

void parse(benchmark::State& state, std::string_view bytes) {
    static request_head head;
    const request_limits limits;
    for ([[maybe_unused]] const auto _ : state) {
        benchmark::DoNotOptimize(bytes);
        const parse_result result = parse_request_head(bytes, head, limits);
        if (result.state != parse_state::complete) state.SkipWithError("refused");
        benchmark::DoNotOptimize(result.consumed);
        benchmark::ClobberMemory();
    }
}

void find(benchmark::State& state, std::string_view bytes) {
    static request_head head;
    if (parse_request_head(bytes, head, {}).state != parse_state::complete)
        state.SkipWithError("refused");
    for ([[maybe_unused]] const auto _ : state) {
        const auto value = find_cookie(our_cookie, head.fields);
        if (!value) state.SkipWithError("not found");
        benchmark::DoNotOptimize(value);
    }
}

void rewrite(benchmark::State& state, std::string_view bytes) {
    static request_head head;
    static std::array<char, 4096> out;
    if (parse_request_head(bytes, head, {}).state != parse_state::complete)
        state.SkipWithError("refused");
    for ([[maybe_unused]] const auto _ : state) {
        head_writer writer(out);
        writer.request_line(head);
        for (const field& each : head.fields) {
            if (each.hop_by_hop) continue;
            if (each.id == field_id::cookie)
                writer.keep_cookies_but(our_cookie, each);
            else
                writer.keep(each);
        }
        writer.add("X-Forwarded-For", std::string_view("203.0.113.7"));
        writer.add("X-Forwarded-Proto", std::string_view("http"));
        writer.add("X-Forwarded-Host", head.host);
        benchmark::DoNotOptimize(writer.finish());
        benchmark::ClobberMemory();
    }
}

void parse_answer(benchmark::State& state) {
    static response_head head;
    std::string bytes(answer);
    for ([[maybe_unused]] const auto _ : state) {
        const parse_result result = parse_response_head(bytes, {}, head, {});
        if (result.state != parse_state::complete) state.SkipWithError("refused");
        benchmark::DoNotOptimize(result.consumed);
        benchmark::ClobberMemory();
    }
}

BENCHMARK_CAPTURE(parse, short_request, short_request);
BENCHMARK_CAPTURE(parse, browser_request, browser_request);
BENCHMARK_CAPTURE(find, short_request, short_request);
BENCHMARK_CAPTURE(find, browser_request, browser_request);
BENCHMARK_CAPTURE(rewrite, short_request, short_request);
BENCHMARK_CAPTURE(rewrite, browser_request, browser_request);
BENCHMARK(parse_answer);

}  // namespace
}  // namespace hawser::http::h1
