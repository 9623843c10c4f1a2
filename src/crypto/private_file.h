// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <utility>

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

/// Such a file that is too large to be held, from its beginning to its end.
class private_reader {
  public:
    [[nodiscard]] static result<private_reader> open(const std::filesystem::path& path);

    private_reader(private_reader&& other) noexcept;
    private_reader& operator=(private_reader&&) = delete;
    ~private_reader();

    /// Fills `into`; returns how much, which is less only at the end of the file.
    [[nodiscard]] result<std::size_t> read(std::span<std::uint8_t> into);
    /// Goes back to the beginning.
    [[nodiscard]] result<> rewind();

  private:
    private_reader(int descriptor, std::filesystem::path path)
        : descriptor_(descriptor), path_(std::move(path)) {}

    int descriptor_;
    std::filesystem::path path_;
};

/// Writes such a file piece by piece beside the one that is there; it takes that one's place, as a
/// whole, with `finish`. Dropped before: nothing has changed.
class private_writer {
  public:
    [[nodiscard]] static result<private_writer> begin(const std::filesystem::path& path);

    private_writer(private_writer&& other) noexcept;
    private_writer& operator=(private_writer&&) = delete;
    ~private_writer();

    [[nodiscard]] result<> append(std::string_view text);
    /// Returns once it would survive a loss of power.
    [[nodiscard]] result<> finish();

  private:
    private_writer(int descriptor, std::filesystem::path path, std::string beside)
        : descriptor_(descriptor), path_(std::move(path)), beside_(std::move(beside)) {}

    int descriptor_;
    std::filesystem::path path_;
    std::string beside_;  ///< empty: it has taken its place
};

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
