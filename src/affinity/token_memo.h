// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>

#include "affinity/binding.h"
#include "affinity/session_key.h"
#include "affinity/token.h"

namespace hawser::affinity {

/// The token that a client connection verified last, so that the next request of the connection
/// costs a comparison instead of opening the same token again.
///
/// One pointer until a token has verified, some 200 bytes after. It remembers what was proven once,
/// never whether it is still in time: limits are checked on every request.
class token_memo {
  public:
    struct remembered {
        std::uint64_t owner;  ///< the affinity object that verified it: no other may believe it
        session_key key;
        binding opened;
        std::array<char, token_text_size> text;
    };

    /// What `owner` learned when it verified `text`, or nothing.
    [[nodiscard]] const remembered* recall(std::uint64_t owner, std::string_view text) const {
        if (!last_ || last_->owner != owner || text.size() != token_text_size) return nullptr;
        return std::memcmp(last_->text.data(), text.data(), token_text_size) == 0 ? last_.get()
                                                                                  : nullptr;
    }

    /// Remembers that `owner` has verified `text`, in place of what was remembered before.
    const remembered& keep(std::uint64_t owner, std::string_view text, const session_key& key,
                           const binding& opened) {
        if (!last_) last_ = std::make_unique<remembered>();
        last_->owner = owner;
        last_->key = key;
        last_->opened = opened;
        std::memcpy(last_->text.data(), text.data(), token_text_size);
        return *last_;
    }

  private:
    std::unique_ptr<remembered> last_;
};

}  // namespace hawser::affinity
