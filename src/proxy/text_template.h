// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "proxy/request_texts.h"

namespace hawser::proxy {

/// A text with places for what a request says: `https://{host}{uri}`. `{{` is a brace.
///
/// Whatever a request says, the filled text is one line of bytes that a URI may hold, and where
/// the template begins with a path so does the text: `//` at its front would name another host.
class text_template {
  public:
    /// `invalid` with what is wrong: an unknown name, or a group that the pattern does not have.
    [[nodiscard]] static result<text_template> parse(std::string_view text, std::size_t groups);

    [[nodiscard]] std::string fill(const request_texts& from) const;

    /// It holds a host, which a request may lack (E43).
    [[nodiscard]] bool needs_host() const noexcept;
    [[nodiscard]] bool has_groups() const noexcept;
    /// Nothing but groups is filled in, if anything.
    [[nodiscard]] bool has_groups_alone() const noexcept;

  private:
    enum class variable : std::uint8_t {
        none,
        scheme,
        authority,
        host,
        path,
        rest,
        query,
        uri,
        group
    };
    struct part {
        std::string text = {};  ///< before the variable
        variable then = variable::none;
        std::size_t group = 0;
    };

    [[nodiscard]] static result<part> variable_named(std::string_view name, std::size_t groups);

    std::vector<part> parts_;
};

}  // namespace hawser::proxy
