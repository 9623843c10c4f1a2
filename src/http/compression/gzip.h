// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string_view>

#include "config/settings.h"
#include "http/compression/compressor.h"

namespace hawser::http::compression {

/// RFC 1952, by zlib: understood by every client.
class gzip final : public compressor {
  public:
    static constexpr std::string_view name = "gzip";
    static constexpr std::string_view summary = "Understood by every client.";
    struct settings {
        unsigned level = 6;

        static void describe(config::fields<settings>& field);
        bool operator==(const settings&) const = default;
    };

    explicit gzip(const settings& given);
    ~gzip() override;

    step compress(std::span<const char> piece, std::span<char> room, until where) override;
    [[nodiscard]] std::size_t memory_max() const noexcept override { return 272 * 1024; }

  private:
    struct stream;
    std::unique_ptr<stream> stream_;
};

}  // namespace hawser::http::compression
