// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "http/compression/kinds.h"
#include "proxy/body_part.h"

namespace hawser::proxy {

/// One answer's body on its way into a coding: each part can be read as soon as it has come.
class answer_coding {
  public:
    /// `room` is where parts are written, one after the other; `memory` counts what all hold.
    answer_coding(const http::compression::choice& chosen, std::vector<char>& room,
                  std::size_t& memory);
    ~answer_coding();
    answer_coding(const answer_coding&) = delete;
    answer_coding& operator=(const answer_coding&) = delete;

    /// The part in its coding, valid until the next wait.
    [[nodiscard]] body_part encode(body_part part);

  private:
    std::unique_ptr<http::compression::compressor> by_;
    std::vector<char>& room_;
    std::size_t& memory_;
};

}  // namespace hawser::proxy
