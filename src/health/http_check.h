// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/settings.h"
#include "config/text_pairs.h"
#include "health/check.h"
#include "health/status_range.h"
#include "http/client.h"
#include "http/pattern.h"

namespace hawser::health {

/// Fit is whoever answers one request as expected: with a status, and maybe with a text in it.
///
/// It is asked by what the pool speaks: HTTP/1.1 or HTTP/2, in clear or over TLS. The answer may
/// announce the server's instance (`Hawser-Instance`), as every answer may.
class http_check final : public check {
  public:
    static constexpr std::string_view name = "http";
    static constexpr std::string_view summary = "Answers a request as expected.";
    struct settings {
        std::string path = "/";
        std::string method = "GET";
        std::string host;  ///< empty: the server's own
        std::vector<status_range> status{{200, 399}};
        std::string contains;  ///< empty: whatever it is
        std::string matches;   ///< a pattern; empty: the same
        config::text_pairs headers;

        static void describe(config::fields<settings>& field);
        bool operator==(const settings&) const = default;
    };

    explicit http_check(const settings& given);

    [[nodiscard]] task<outcome> run(visit at) const override;

  private:
    [[nodiscard]] http::client_request request_to(const way& to) const;
    [[nodiscard]] static std::optional<unsigned> reported_weight(const http::client_answer& told,
                                                                 const way& from);
    [[nodiscard]] outcome judge(const http::client_answer& told) const;

    settings settings_;
    std::optional<http::pattern> matches_;
    std::string lines_;
};

}  // namespace hawser::health
