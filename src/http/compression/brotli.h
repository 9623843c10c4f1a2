// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "config/settings.h"
#include "http/compression/compressor.h"

struct BrotliEncoderStateStruct;

namespace hawser::http::compression {

/// RFC 7932: texts become smaller than by gzip; browsers take it over TLS.
class brotli final : public compressor {
  public:
    static constexpr std::string_view name = "br";
    static constexpr std::string_view summary = "Brotli: smaller texts than by gzip.";
    struct settings {
        unsigned level = 4;

        static void describe(config::fields<settings>& field);
        bool operator==(const settings&) const = default;
    };

    explicit brotli(const settings& given);
    ~brotli() override;

    step compress(std::span<const char> piece, std::span<char> room, until where) override;
    [[nodiscard]] std::size_t memory_max() const noexcept override { return 3 * 1024 * 1024; }

  private:
    BrotliEncoderStateStruct* state_;
};

}  // namespace hawser::http::compression
