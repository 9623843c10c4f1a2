// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <filesystem>
#include <string_view>

#include "base/result.h"
#include "crypto/secret_text.h"

namespace hawser::crypto {

/// All of the file `path`: `not_found` if there is none; refused if it is no plain file, larger
/// than `size_max`, or if anybody but its owner can read or write it.
[[nodiscard]] result<secret_text> read_private(const std::filesystem::path& path,
                                               std::size_t size_max);

/// Puts `text` in the place of the file `path`, readable by its owner only; after a crash there is
/// the old file or the new one, whole.
[[nodiscard]] result<> write_private(const std::filesystem::path& path, std::string_view text);

/// Holds other processes that do the same off the directory of a file; ends with the process, so
/// no stale lock stays behind.
class directory_lock {
  public:
    /// Locks the directory of `file`; makes it, and those above it, if they are missing: for their
    /// owner only.
    [[nodiscard]] static result<directory_lock> take(const std::filesystem::path& file);

    directory_lock(directory_lock&& other) noexcept;
    directory_lock& operator=(directory_lock&&) = delete;
    ~directory_lock();

  private:
    explicit directory_lock(int descriptor) : descriptor_(descriptor) {}
    int descriptor_;
};

}  // namespace hawser::crypto
