// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "config/settings.h"
#include "http/compression/compressor.h"

struct ZSTD_CCtx_s;

namespace hawser::http::compression {

/// RFC 8878: about as small as gzip at a fraction of its time.
class zstd final : public compressor {
  public:
    static constexpr std::string_view name = "zstd";
    static constexpr std::string_view summary = "As small as gzip at a fraction of its time.";
    struct settings {
        unsigned level = 3;

        static void describe(config::fields<settings>& field);
        bool operator==(const settings&) const = default;
    };

    explicit zstd(const settings& given);
    ~zstd() override;

    step compress(std::span<const char> piece, std::span<char> room, until where) override;
    [[nodiscard]] std::size_t memory_max() const noexcept override { return 3 * 1024 * 1024; }

  private:
    ZSTD_CCtx_s* state_;
};

}  // namespace hawser::http::compression
