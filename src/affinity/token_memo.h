// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
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
    /// What only a token with a fingerprint has.
    struct printed {
        fingerprint print;
        std::array<char, printed_text_size - token_text_size> text_end;
    };
    struct remembered {
        std::uint64_t owner;  ///< the affinity object that verified it: no other may believe it
        session_key key;
        binding opened;
        std::array<char, token_text_size> text;
        std::unique_ptr<printed> more;

        [[nodiscard]] fingerprint print() const { return more ? more->print : fingerprint(); }
    };

    /// What `owner` learned when it verified `whole`, or nothing.
    [[nodiscard]] const remembered* recall(std::uint64_t owner, std::string_view whole) const {
        if (!last_ || last_->owner != owner) return nullptr;
        if (whole.size() != (last_->more ? printed_text_size : token_text_size)) return nullptr;
        if (std::memcmp(last_->text.data(), whole.data(), token_text_size) != 0) return nullptr;
        return !last_->more || whole.substr(token_text_size) == end_of(*last_->more) ? last_.get()
                                                                                     : nullptr;
    }

    /// Remembers that `owner` has verified `whole`, in place of what was remembered before.
    const remembered& keep(std::uint64_t owner, std::string_view whole, const session_key& key,
                           const token& opened) {
        if (!last_) last_ = std::make_unique<remembered>();
        last_->owner = owner;
        last_->key = key;
        last_->opened = opened.home;
        std::memcpy(last_->text.data(), whole.data(), token_text_size);
        last_->more.reset();
        if (whole.size() != printed_text_size) return *last_;
        last_->more = std::make_unique<printed>(printed{opened.print, {}});
        std::ranges::copy(whole.substr(token_text_size), last_->more->text_end.begin());
        return *last_;
    }

  private:
    static std::string_view end_of(const printed& one) {
        return {one.text_end.data(), one.text_end.size()};
    }

    std::unique_ptr<remembered> last_;
};

}  // namespace hawser::affinity
