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

constexpr std::uint8_t version = 1;

using plain_token = std::array<std::uint8_t, token_plain_size>;

/// Session, home, instance, born, issued, moves: in this order, without gaps.
plain_token pack(const binding& from) {
    plain_token plain;
    const std::span out(plain);
    std::ranges::copy(from.session.bytes, plain.begin());
    put_big_endian(out.subspan<16, 8>(), std::to_underlying(from.home));
    put_big_endian(out.subspan<24, 4>(), from.instance);
    put_big_endian(out.subspan<28, 4>(), from.born);
    put_big_endian(out.subspan<32, 4>(), from.issued);
    put_big_endian(out.subspan<36, 2>(), from.moves);
    return plain;
}

binding unpack(const plain_token& plain) {
    const std::span<const std::uint8_t, token_plain_size> from(plain);
    binding made;
    made.home = server_id{big_endian<std::uint64_t>(from.subspan<16, 8>())};
    made.instance = big_endian<std::uint32_t>(from.subspan<24, 4>());
    made.born = big_endian<std::uint32_t>(from.subspan<28, 4>());
    made.issued = big_endian<std::uint32_t>(from.subspan<32, 4>());
    made.moves = big_endian<std::uint16_t>(from.subspan<36, 2>());
    std::ranges::copy(from.first<16>(), made.session.bytes.begin());
    return made;
}

cause cause_of(crypto::seal_fault fault) {
    return fault == crypto::seal_fault::unknown_key ? cause::foreign : cause::forged;
}

}  // namespace

token_codec::token_codec(pool_id pool, std::uint16_t mark, crypto::sealer& sealer)
    : sealer_(sealer) {
    const std::span out(associated_);
    out[0] = version;
    put_big_endian(out.subspan<1, 2>(), mark);
    put_big_endian(out.subspan<token_head_size, 8>(), std::to_underlying(pool));
}

void token_codec::seal(const binding& home, wall_time now, std::string& out) {
    std::array<std::uint8_t, token_size> token;
    const std::span bytes(token);
    std::ranges::copy(std::span(associated_).first<token_head_size>(), token.begin());
    sealer_.seal(pack(home), associated_, now, bytes.subspan<token_head_size>());
    crypto::append_base64url(bytes, out);
}

std::expected<binding, cause> token_codec::open(std::string_view text) {
    if (text.size() != token_text_size) return std::unexpected(cause::forged);
    std::array<std::uint8_t, token_size> token;
    if (!crypto::decode_base64url(text, token)) return std::unexpected(cause::forged);

    const std::span<const std::uint8_t, token_size> bytes(token);
    // Told apart only so that the cause is right: the seal covers the same bytes.
    if (!std::ranges::equal(bytes.first<token_head_size>(),
                            std::span(associated_).first<token_head_size>())) {
        return std::unexpected(cause::foreign);
    }
    plain_token plain;
    const auto opened = sealer_.open(bytes.subspan<token_head_size>(), associated_, plain);
    if (!opened) return std::unexpected(cause_of(opened.error()));
    return unpack(plain);
}

}  // namespace hawser::affinity
