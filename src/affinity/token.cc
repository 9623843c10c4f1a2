// SPDX-License-Identifier: Apache-2.0
#include "affinity/token.h"

#include <algorithm>
#include <span>
#include <utility>

#include "base/big_endian.h"
#include "base/limits.h"
#include "crypto/base64url.h"

namespace hawser::affinity {

namespace {

static_assert(token_text_size <= limits::cookie_value_max);

static_assert(printed_text_size <= limits::cookie_value_max);

constexpr std::uint8_t version = 1;
constexpr std::uint8_t version_with_print = 2;

/// Session, home, instance, born, issued, moves: in this order, without gaps.
void pack(const binding& from, std::span<std::uint8_t, token_plain_size> out) {
    std::ranges::copy(from.session.bytes, out.begin());
    put_big_endian(out.subspan<16, 8>(), std::to_underlying(from.home));
    put_big_endian(out.subspan<24, 4>(), from.instance);
    put_big_endian(out.subspan<28, 4>(), from.born);
    put_big_endian(out.subspan<32, 4>(), from.issued);
    put_big_endian(out.subspan<36, 2>(), from.moves);
}

binding unpack(std::span<const std::uint8_t, token_plain_size> from) {
    binding made;
    made.home = server_id{big_endian<std::uint64_t>(from.subspan<16, 8>())};
    made.instance = big_endian<std::uint32_t>(from.subspan<24, 4>());
    made.born = big_endian<std::uint32_t>(from.subspan<28, 4>());
    made.issued = big_endian<std::uint32_t>(from.subspan<32, 4>());
    made.moves = big_endian<std::uint16_t>(from.subspan<36, 2>());
    std::ranges::copy(from.first<16>(), made.session.bytes.begin());
    return made;
}

/// Which traits it has, then a place for each of them.
void pack(const fingerprint& from, std::span<std::uint8_t, 1 + 2 * trait_count> out) {
    out[0] = from.has.bits();
    for (std::size_t n = 0; n < trait_count; ++n)
        put_big_endian(out.subspan(1 + 2 * n).first<2>(), from.of[n]);
}

fingerprint unpack(std::span<const std::uint8_t, 1 + 2 * trait_count> from) {
    fingerprint made;
    made.has = trait_set(from[0]);
    for (std::size_t n = 0; n < trait_count; ++n)
        made.of[n] = big_endian<std::uint16_t>(from.subspan(1 + 2 * n).first<2>());
    return made;
}

cause cause_of(crypto::seal_fault fault) {
    return fault == crypto::seal_fault::unknown_key ? cause::foreign : cause::forged;
}

}  // namespace

token_codec::token_codec(pool_id pool, std::uint16_t mark, crypto::sealer& sealer)
    : sealer_(sealer) {
    const std::span out(plainly_);
    out[0] = version;
    put_big_endian(out.subspan<1, 2>(), mark);
    put_big_endian(out.subspan<token_head_size, 8>(), std::to_underlying(pool));
    with_print_ = plainly_;
    with_print_[0] = version_with_print;
}

template <std::size_t Plain>
void token_codec::seal_as(const associated& with, const std::array<std::uint8_t, Plain>& plain,
                          wall_time now, std::string& out) {
    std::array<std::uint8_t, token_head_size + Plain + crypto::sealer::overhead> sealed;
    const std::span bytes(sealed);
    std::ranges::copy(std::span(with).first<token_head_size>(), sealed.begin());
    sealer_.seal(plain, with, now, bytes.template subspan<token_head_size>());
    crypto::append_base64url(bytes, out);
}

template <std::size_t Plain>
std::expected<std::array<std::uint8_t, Plain>, cause> token_codec::open_as(const associated& with,
                                                                           std::string_view text) {
    std::array<std::uint8_t, token_head_size + Plain + crypto::sealer::overhead> sealed;
    if (!crypto::decode_base64url(text, sealed)) return std::unexpected(cause::forged);
    const std::span<const std::uint8_t, sealed.size()> bytes(sealed);
    // Told apart only so that the cause is right: the seal covers the same bytes.
    if (!std::ranges::equal(bytes.template first<token_head_size>(),
                            std::span(with).first<token_head_size>())) {
        return std::unexpected(cause::foreign);
    }
    std::array<std::uint8_t, Plain> plain;
    const auto opened = sealer_.open(bytes.template subspan<token_head_size>(), with, plain);
    if (!opened) return std::unexpected(cause_of(opened.error()));
    return plain;
}

void token_codec::seal(const token& what, wall_time now, std::string& out) {
    std::array<std::uint8_t, printed_plain_size> plain;
    const std::span bytes(plain);
    pack(what.home, bytes.first<token_plain_size>());
    if (what.print.has.empty()) {
        std::array<std::uint8_t, token_plain_size> shorter;
        std::ranges::copy(bytes.first<token_plain_size>(), shorter.begin());
        return seal_as(plainly_, shorter, now, out);
    }
    pack(what.print, bytes.subspan<token_plain_size>());
    seal_as(with_print_, plain, now, out);
}

std::expected<token, cause> token_codec::open(std::string_view text) {
    if (text.size() == token_text_size) {
        const auto plain = open_as<token_plain_size>(plainly_, text);
        if (!plain) return std::unexpected(plain.error());
        return token{.home = unpack(std::span(*plain))};
    }
    if (text.size() != printed_text_size) return std::unexpected(cause::forged);
    const auto plain = open_as<printed_plain_size>(with_print_, text);
    if (!plain) return std::unexpected(plain.error());
    const std::span bytes(*plain);
    return token{.home = unpack(bytes.first<token_plain_size>()),
                 .print = unpack(bytes.subspan<token_plain_size>())};
}

}  // namespace hawser::affinity
