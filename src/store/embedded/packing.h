// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

struct ZSTD_CCtx_s;
struct ZSTD_DCtx_s;
struct ZSTD_CDict_s;
struct ZSTD_DDict_s;

namespace hawser::store {

/// What many records have in common, so that each of them takes less with it. It may hold pieces of
/// any of those that it was trained with, and is wiped at its end. Any thread packs by it.
class dictionary {
  public:
    /// As `train` made it; null: it is none.
    [[nodiscard]] static std::unique_ptr<const dictionary> of(std::string_view bytes);
    /// Takes a quarter of a second, or less. Null: they have nothing in common.
    [[nodiscard]] static std::unique_ptr<const dictionary> train(
        std::span<const std::string> samples);

    ~dictionary();
    dictionary(const dictionary&) = delete;
    dictionary& operator=(const dictionary&) = delete;

    /// What is packed by it names it so; never 0.
    [[nodiscard]] std::uint32_t id() const noexcept { return id_; }
    [[nodiscard]] std::string_view bytes() const noexcept { return bytes_; }

  private:
    friend class packer;
    struct release {
        void operator()(ZSTD_CDict_s* one) const;
        void operator()(ZSTD_DDict_s* one) const;
    };

    explicit dictionary(std::string_view bytes);

    std::string bytes_;
    std::uint32_t id_;
    std::unique_ptr<ZSTD_CDict_s, release> packs_;
    std::unique_ptr<ZSTD_DDict_s, release> unpacks_;
};

/// Makes bytes fewer, and what they were again. For one thread.
class packer {
  public:
    packer();
    ~packer();
    packer(const packer&) = delete;
    packer& operator=(const packer&) = delete;

    /// Appends what becomes of `plain` to `into`, by `with` or alone. False, and nothing is
    /// appended: it is no smaller, or not by enough to be worth it.
    [[nodiscard]] bool pack(std::string_view plain, const dictionary* with, std::string& into);

    /// By which dictionary that was made; 0: by none.
    [[nodiscard]] static std::uint32_t dictionary_of(std::string_view packed);
    /// Fills `into`; false: it was made of something else, or by another dictionary.
    [[nodiscard]] bool unpack(std::string_view packed, const dictionary* with,
                              std::span<char> into);

  private:
    struct release {
        void operator()(ZSTD_CCtx_s* one) const;
        void operator()(ZSTD_DCtx_s* one) const;
    };

    std::unique_ptr<ZSTD_CCtx_s, release> compressor_;
    std::unique_ptr<ZSTD_DCtx_s, release> decompressor_;
};

}  // namespace hawser::store
