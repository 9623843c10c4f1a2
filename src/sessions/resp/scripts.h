// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace hawser::sessions::resp {

/// What a script does, of those that libraries send to free and to prolong their locks, and to keep
/// what they cache (R5.2).
enum class script : std::uint8_t {
    delete_if_equal,   ///< ends KEYS[1] if its value is ARGV[1]
    expire_if_equal,   ///< has it expire in ARGV[2] seconds
    pexpire_if_equal,  ///< in ARGV[2] milliseconds
    setex_if_absent,   ///< keeps ARGV[1] for ARGV[2] seconds where nothing is
    set_cached,        ///< keeps ARGV[1], [2] and [4] as fields, for ARGV[3] seconds unless `-1`
    fields_of,         ///< the fields ARGV of the hash KEYS[1]
    add_if_present,    ///< counts KEYS[1] up by ARGV[1], if it is there
    pexpire_all,       ///< has all KEYS expire in ARGV[1] milliseconds, under the condition ARGV[2]
};

/// What `text` does, whatever its blanks, comments, quotes and case of commands; nothing: it is not
/// one that is served. Nothing of it is executed.
[[nodiscard]] std::optional<script> recognize(std::string_view text);

/// The scripts that have been sent here, by their SHA-1, for all workers.
class known_scripts {
  public:
    using name = std::array<std::uint8_t, 20>;
    /// So many ways to write the few of them; of more each is sent whole every time.
    static constexpr std::size_t most = 1024;

    void add(const name& digest, script what);
    [[nodiscard]] std::optional<script> find(const name& digest) const;
    void clear();

  private:
    mutable std::mutex lock_;
    std::map<name, script> all_;
};

}  // namespace hawser::sessions::resp
