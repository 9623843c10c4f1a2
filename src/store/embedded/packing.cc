// SPDX-License-Identifier: Apache-2.0
#include "store/embedded/packing.h"

#include <string.h>

#include <vector>

#include <zdict.h>
#include <zstd.h>

namespace hawser::store {

namespace {

constexpr int level = 1;
/// Of sessions of one application this much is common; more is pieces of single ones
/// (docs/decisions/0011).
constexpr std::size_t dictionary_bytes = 8 * 1024;

}  // namespace

void dictionary::release::operator()(ZSTD_CDict_s* one) const { ZSTD_freeCDict(one); }
void dictionary::release::operator()(ZSTD_DDict_s* one) const { ZSTD_freeDDict(one); }

dictionary::dictionary(std::string_view bytes)
    : bytes_(bytes),
      id_(ZDICT_getDictID(bytes_.data(), bytes_.size())),
      packs_(ZSTD_createCDict(bytes_.data(), bytes_.size(), level)),
      unpacks_(ZSTD_createDDict(bytes_.data(), bytes_.size())) {}

dictionary::~dictionary() { ::explicit_bzero(bytes_.data(), bytes_.size()); }

std::unique_ptr<const dictionary> dictionary::of(std::string_view bytes) {
    std::unique_ptr<const dictionary> made(new dictionary(bytes));
    const bool is_one = made->id_ != 0 && made->packs_ != nullptr && made->unpacks_ != nullptr;
    return is_one ? std::move(made) : nullptr;
}

std::unique_ptr<const dictionary> dictionary::train(std::span<const std::string> samples) {
    std::string all;
    std::vector<std::size_t> sizes;
    for (const auto& each : samples) {
        all += each;
        sizes.push_back(each.size());
    }
    std::string made(dictionary_bytes, '\0');
    const std::size_t size = ZDICT_trainFromBuffer(made.data(), made.size(), all.data(),
                                                   sizes.data(), unsigned(sizes.size()));
    auto trained = ZDICT_isError(size) != 0 ? nullptr : of(std::string_view(made).substr(0, size));
    ::explicit_bzero(all.data(), all.size());
    ::explicit_bzero(made.data(), made.size());
    return trained;
}

void packer::release::operator()(ZSTD_CCtx_s* one) const { ZSTD_freeCCtx(one); }
void packer::release::operator()(ZSTD_DCtx_s* one) const { ZSTD_freeDCtx(one); }

packer::packer() : compressor_(ZSTD_createCCtx()), decompressor_(ZSTD_createDCtx()) {}
packer::~packer() = default;

bool packer::pack(std::string_view plain, const dictionary* with, std::string& into) {
    const std::size_t before = into.size();
    const std::size_t most = plain.size() - plain.size() / 8;
    into.resize(before + most);
    char* const begin = into.data() + before;
    const std::size_t took =
        with != nullptr
            ? ZSTD_compress_usingCDict(compressor_.get(), begin, most, plain.data(), plain.size(),
                                       with->packs_.get())
            : ZSTD_compressCCtx(compressor_.get(), begin, most, plain.data(), plain.size(), level);
    const bool is_worth_it = ZSTD_isError(took) == 0;
    into.resize(before + (is_worth_it ? took : 0));
    return is_worth_it;
}

std::uint32_t packer::dictionary_of(std::string_view packed) {
    return ZSTD_getDictID_fromFrame(packed.data(), packed.size());
}

bool packer::unpack(std::string_view packed, const dictionary* with, std::span<char> into) {
    const std::size_t took =
        with != nullptr
            ? ZSTD_decompress_usingDDict(decompressor_.get(), into.data(), into.size(),
                                         packed.data(), packed.size(), with->unpacks_.get())
            : ZSTD_decompressDCtx(decompressor_.get(), into.data(), into.size(), packed.data(),
                                  packed.size());
    return took == into.size();
}

}  // namespace hawser::store
