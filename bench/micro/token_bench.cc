// SPDX-License-Identifier: Apache-2.0
#include <benchmark/benchmark.h>
#include <sodium.h>

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "affinity/chain.h"
#include "affinity/cookie.h"
#include "base/hash.h"
#include "crypto/base64url.h"
#include "crypto/hkdf.h"
#include "http/h1/parser.h"
#include "io/ip_address.h"

/// What affinity costs a request: finding the session by a cookie that the connection has shown
/// before, by one that must be opened, and by none; and giving a cookie.
namespace hawser::affinity {
namespace {

using namespace std::chrono_literals;

const wall_time now = std::chrono::sys_days(std::chrono::year(2026) / 11 / 24);

crypto::key_ring ring() {
    crypto::ring_key key{crypto::key_id{1}, now, {}};
    return crypto::key_ring({key}, crypto::secret<32>());
}

/// A request's head as browsers send it, with four other cookies.
class request {
  public:
    explicit request(const std::string& cookies) {
        text_ =
            "GET /products/17?colour=blue HTTP/1.1\r\nHost: shop.example\r\n"
            "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/131.0\r\n"
            "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8\r\n"
            "Accept-Language: en-GB,en;q=0.5\r\nAccept-Encoding: gzip, deflate, br\r\n"
            "Referer: https://shop.example/products\r\nConnection: keep-alive\r\n"
            "Cookie: _ga=GA1.2.1234567890.1234567890; theme=dark; lang=en; consent=yes; " +
            cookies + "\r\nUpgrade-Insecure-Requests: 1\r\nCache-Control: max-age=0\r\n\r\n";
        const auto parsed = http::h1::parse_request_head(text_, head_, {});
        if (parsed.state != http::h1::parse_state::complete) std::abort();
    }

    const http::request_head& head() const { return head_; }

  private:
    std::string text_;
    http::request_head head_;
};

/// A registry that knows nobody: a cookie needs none.
class empty_registry final : public known_sessions {
  public:
    [[nodiscard]] std::optional<session> find(const session_key&) const override {
        return std::nullopt;
    }
    [[nodiscard]] cause why_over(const session_id&) const override { return cause::none; }
};

/// A pool with our cookie, as a worker asks it.
struct setting {
    context made_for{.pool = "shop", .with = std::make_shared<issuer>(ring())};
    chain all{links_of(made_for), made_for};
    empty_registry nobody;
    http::response_head answer;

    static chain::links links_of(const context& made_for) {
        chain::links links;
        links.push_back(std::make_unique<cookie>(cookie::settings(), made_for));
        return links;
    }

    finding find(const http::request_head& head, token_memo& memo) {
        static const io::ip_address address;
        finding found;
        all.find({.head = head,
                  .client = address,
                  .server = address,
                  .secured = nullptr,
                  .now = now,
                  .memo = memo},
                 nobody, found);
        return found;
    }

    bool give(const finding& found, const binding& home, std::string& lines) {
        reply told{.lines = lines};
        all.answer({.head = answer, .found = found, .home = home, .now = now}, told);
        return told.carries_mark;
    }

    std::string mark() {
        token_memo memo;
        const auto found = find(request("a=b").head(), memo);
        auto home = found.begin(now);
        home.home = server_id_of("shop", "blue");
        std::string line;
        give(found, home, line);
        const auto start = line.find(' ') + 1;
        return line.substr(start, line.find(';') - start);
    }
};

void find_remembered(benchmark::State& state) {
    setting one;
    const request asked(one.mark());
    token_memo memo;
    for ([[maybe_unused]] const auto _ : state)
        benchmark::DoNotOptimize(one.find(asked.head(), memo));
}
BENCHMARK(find_remembered);

void find_opened(benchmark::State& state) {
    setting one;
    const request first(one.mark());
    const request second(one.mark());
    token_memo memo;
    bool turn = false;
    for ([[maybe_unused]] const auto _ : state) {
        turn = !turn;
        const auto& asked = turn ? first : second;
        benchmark::DoNotOptimize(one.find(asked.head(), memo));
    }
}
BENCHMARK(find_opened);

void find_on_a_new_connection(benchmark::State& state) {
    setting one;
    const request asked(one.mark());
    for ([[maybe_unused]] const auto _ : state) {
        token_memo memo;
        benchmark::DoNotOptimize(one.find(asked.head(), memo));
    }
}
BENCHMARK(find_on_a_new_connection);

void find_none(benchmark::State& state) {
    setting one;
    const request asked("a=b");
    token_memo memo;
    for ([[maybe_unused]] const auto _ : state)
        benchmark::DoNotOptimize(one.find(asked.head(), memo));
}
BENCHMARK(find_none);

/// The dearest thing that a client can send: a salt that is not known, so a key is derived.
void find_forged_salt(benchmark::State& state) {
    setting one;
    auto mark = one.mark();
    mark[mark.find('=') + 20] ^= 1;
    const request asked(mark);
    token_memo memo;
    for ([[maybe_unused]] const auto _ : state)
        benchmark::DoNotOptimize(one.find(asked.head(), memo));
}
BENCHMARK(find_forged_salt);

void give(benchmark::State& state) {
    setting one;
    token_memo memo;
    const auto found = one.find(request("a=b").head(), memo);
    auto home = found.begin(now);
    home.home = server_id_of("shop", "blue");
    std::string lines;
    for ([[maybe_unused]] const auto _ : state) {
        lines.clear();
        one.give(found, home, lines);
        benchmark::DoNotOptimize(lines.data());
    }
}
BENCHMARK(give);

void give_nothing(benchmark::State& state) {
    setting one;
    token_memo memo;
    const request asked(one.mark());
    const auto found = one.find(asked.head(), memo);
    std::string lines;
    for ([[maybe_unused]] const auto _ : state) {
        benchmark::DoNotOptimize(one.give(found, *found.carried, lines));
    }
}
BENCHMARK(give_nothing);

void open_81_bytes(benchmark::State& state) {
    crypto::sealer both(ring(), "bench");
    std::array<std::uint8_t, 38> plain{};
    std::array<std::uint8_t, 38 + crypto::sealer::overhead> sealed;
    both.seal(plain, {}, now, sealed);
    for ([[maybe_unused]] const auto _ : state)
        benchmark::DoNotOptimize(both.open(sealed, {}, plain));
}
BENCHMARK(open_81_bytes);

void seal_81_bytes(benchmark::State& state) {
    crypto::sealer both(ring(), "bench");
    std::array<std::uint8_t, 38> plain{};
    std::array<std::uint8_t, 38 + crypto::sealer::overhead> sealed;
    for ([[maybe_unused]] const auto _ : state) both.seal(plain, {}, now, sealed);
}
BENCHMARK(seal_81_bytes);

void derive_a_subkey(benchmark::State& state) {
    const std::vector<std::uint8_t> key(32, 1);
    const std::vector<std::uint8_t> salt(16, 2);
    for ([[maybe_unused]] const auto _ : state)
        benchmark::DoNotOptimize(crypto::derive<32>(key, salt, "hawser subkey"));
}
BENCHMARK(derive_a_subkey);

const std::string token_text(108, 'A');

void decode_108_letters(benchmark::State& state) {
    std::array<std::uint8_t, 81> out;
    for ([[maybe_unused]] const auto _ : state) {
        benchmark::DoNotOptimize(crypto::decode_base64url(token_text, out));
        benchmark::DoNotOptimize(out.data());
    }
}
BENCHMARK(decode_108_letters);

void decode_108_letters_with_libsodium(benchmark::State& state) {
    std::array<std::uint8_t, 81> out;
    std::size_t size = 0;
    for ([[maybe_unused]] const auto _ : state) {
        benchmark::DoNotOptimize(sodium_base642bin(out.data(), out.size(), token_text.data(),
                                                   token_text.size(), nullptr, &size, nullptr,
                                                   sodium_base64_VARIANT_URLSAFE_NO_PADDING));
        benchmark::DoNotOptimize(out.data());
    }
}
BENCHMARK(decode_108_letters_with_libsodium);

void hash_a_session(benchmark::State& state) {
    const issuer one(ring());
    session_id session{};
    for ([[maybe_unused]] const auto _ : state) {
        ++session.bytes[0];
        benchmark::DoNotOptimize(one.key_of(1, session));
    }
}
BENCHMARK(hash_a_session);

}  // namespace
}  // namespace hawser::affinity
