// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/big_endian.h"

namespace hawser::state {

using bytes = std::vector<std::uint8_t>;

/// Appends numbers in network order, and texts.
class writer {
  public:
    explicit writer(bytes& out) : out_(out) {}

    template <std::unsigned_integral Number>
    void number(Number value) {
        std::array<std::uint8_t, sizeof(Number)> text;
        put_big_endian(std::span(text), value);
        raw(text);
    }
    void raw(std::span<const std::uint8_t> text) {
        out_.insert(out_.end(), text.begin(), text.end());
    }
    /// With its length before it.
    void text(std::string_view value) {
        number(static_cast<std::uint32_t>(value.size()));
        raw({reinterpret_cast<const std::uint8_t*>(value.data()), value.size()});
    }

  private:
    bytes& out_;
};

/// Reads what a `writer` wrote. What is not there reads as nothing, and is remembered as missing.
class reader {
  public:
    explicit reader(std::span<const std::uint8_t> from) : left_(from) {}

    template <std::unsigned_integral Number>
    Number number() {
        const auto text = raw(sizeof(Number));
        return text.empty() ? Number{} : big_endian<Number>(text.template first<sizeof(Number)>());
    }
    /// So many bytes; empty if they are missing.
    std::span<const std::uint8_t> raw(std::size_t size) {
        if (left_.size() < size) {
            is_cut_ = true;
            left_ = {};
            return {};
        }
        return std::exchange(left_, left_.subspan(size)).first(size);
    }
    std::string text() {
        const auto read = raw(number<std::uint32_t>());
        return {read.begin(), read.end()};
    }

    [[nodiscard]] std::size_t left() const noexcept { return left_.size(); }
    /// Something was missing.
    [[nodiscard]] bool is_cut() const noexcept { return is_cut_; }
    /// Everything was there, and nothing is left.
    [[nodiscard]] bool is_whole() const noexcept { return !is_cut_ && left_.empty(); }

  private:
    std::span<const std::uint8_t> left_;
    bool is_cut_ = false;
};

}  // namespace hawser::state
