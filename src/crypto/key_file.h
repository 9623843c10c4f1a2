// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <utility>

#include "base/clock.h"
#include "base/result.h"
#include "crypto/key_ring.h"

namespace hawser::crypto {

/// The file of the key ring: readable by its owner only, one line a key.
///
/// Errors name file and line, all of them, a line each, and never a byte of a key.
class key_file {
  public:
    explicit key_file(std::filesystem::path path) : path_(std::move(path)) {}

    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

    /// Reads the ring. A file that others can read, or that does not exist, is an error.
    [[nodiscard]] result<key_ring> load() const;

    /// Reads the ring, or makes file and directories with one new key if there is none.
    [[nodiscard]] result<key_ring> load_or_create(wall_time now) const;

    /// Adds a new random key that seals from `seals_from` on; the file changes at once as a whole.
    /// Comments and lines are kept as they are.
    [[nodiscard]] result<key_id> add(wall_time seals_from) const;

  private:
    std::filesystem::path path_;
};

}  // namespace hawser::crypto
