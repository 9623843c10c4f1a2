// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "admin/level.h"
#include "base/result.h"
#include "http/server.h"

namespace hawser::admin {

using token_digest = std::array<std::uint8_t, 32>;  ///< SHA-256

/// A secret by which somebody is known. Only its hash is kept; as a token is long and random, the
/// hash gives nothing away.
struct token {
    std::string name;
    level may = level::none;
    token_digest digest{};
};

/// The tokens in the text of a file: one line each, `NAME LEVEL TOKEN` or `NAME LEVEL
/// sha256:HEX`; empty lines and those that begin with `#` are skipped. All that is wrong is told, a
/// line each, and never a byte of a token.
[[nodiscard]] result<std::vector<token>> parse_tokens(std::string_view text, std::string_view name);

/// By what people and programs are known at the endpoint.
struct access_terms {
    std::vector<token> tokens = {};
    std::map<uid_t, level> users = {};                        ///< at a unix socket
    std::map<std::string, level, std::less<>> subjects = {};  ///< of certificates, RFC 2253
    uid_t own_uid = 0;
    bool trusts_loopback = true;  ///< whoever reaches it there is an admin
};

struct identity {
    std::string who;  ///< `uid 0`, a token's name, a certificate's subject; `local`: the loopback
    level may = level::none;
};

/// Who asks. A right that was claimed and not proved counts as none, wherever it comes from.
///
/// At a unix socket the kernel says whose process it is (SO_PEERCRED): root and the user of this
/// process are admins. Elsewhere a certificate counts, else a token (`Authorization: Bearer`, RFC
/// 6750), else the loopback where it is trusted.
[[nodiscard]] identity identify(const access_terms& terms, const http::served_request& asked);

}  // namespace hawser::admin
