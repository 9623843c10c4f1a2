// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

#include "async/task.h"
#include "http/server.h"

namespace hawser::app::demo {

/// An application as there are many: a shop that keeps its customers' carts in its own memory, and
/// knows them by a cookie of its own. If it dies, the carts are gone.
///
///     GET /          the page
///     GET /cart      {"server": "a", "cart": ["tea"], "known": true}
///     POST /cart     adds the body's text to the cart, answers as GET /cart
class shop {
  public:
    explicit shop(std::string name) : name_(std::move(name)) {}

    task<http::served_answer> answer(const http::served_request& asked);

  private:
    struct customer {
        std::string id;
        bool is_known = false;
    };

    customer customer_of(const http::served_request& asked) const;
    [[nodiscard]] std::string cart_as_json(const customer& of) const;

    std::string name_;
    std::map<std::string, std::vector<std::string>, std::less<>> carts_;
};

/// The page of the demo; it asks for the cart and shows who answered.
extern const std::string_view page;

}  // namespace hawser::app::demo
