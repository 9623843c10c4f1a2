// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

#include "http/h1/parser.h"
#include "http/message.h"

namespace hawser::proxy {

/// A request's head with the bytes that it looks into.
class parsed_request {
  public:
    explicit parsed_request(std::string bytes) : bytes_(std::move(bytes)) {
        const auto parsed = http::h1::parse_request_head(bytes_, *head_, {});
        EXPECT_EQ(parsed.state, http::h1::parse_state::complete) << parsed.why.cause;
    }

    [[nodiscard]] const http::request_head& head() const { return *head_; }

  private:
    std::string bytes_;
    std::unique_ptr<http::request_head> head_ = std::make_unique<http::request_head>();
};

/// The same of an answer.
class parsed_response {
  public:
    explicit parsed_response(std::string bytes) : bytes_(std::move(bytes)) {
        const auto parsed = http::h1::parse_response_head(bytes_, {}, *head_, {});
        EXPECT_EQ(parsed.state, http::h1::parse_state::complete) << parsed.why.cause;
    }

    [[nodiscard]] const http::response_head& head() const { return *head_; }

  private:
    std::string bytes_;
    std::unique_ptr<http::response_head> head_ = std::make_unique<http::response_head>();
};

}  // namespace hawser::proxy
