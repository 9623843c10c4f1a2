// SPDX-License-Identifier: Apache-2.0
#include "crypto/key_file.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "base/big_endian.h"
#include "base/limits.h"
#include "crypto/key_text.h"
#include "crypto/private_file.h"
#include "crypto/random.h"

namespace hawser::crypto {

namespace {

constexpr std::string_view preface =
    "# The key ring of Hawser: keep it secret, and give the same file to every node.\n"
    "# ID, the time from which the key seals, and the key. All of them open.\n";

ring_key random_key(wall_time seals_from) {
    std::array<std::uint8_t, 4> id;
    random_bytes(id);
    ring_key made{key_id{big_endian<std::uint32_t>(id)}, seals_from, {}};
    random_bytes(made.bytes.writable());
    return made;
}

std::string_view environment(const char* name) {
    const char* const value = std::getenv(name);
    return value == nullptr ? std::string_view() : std::string_view(value);
}

}  // namespace

result<std::filesystem::path> key_file::default_path() {
    // The service manager gives a list, separated by colons, where a unit names several.
    if (const auto given = environment("STATE_DIRECTORY"); !given.empty()) {
        return std::filesystem::path(given.substr(0, given.find(':'))) / "keys";
    }
    // The base directory specification says to ignore a path that is not absolute.
    const std::filesystem::path state(environment("XDG_STATE_HOME"));
    if (state.is_absolute()) return state / "hawser" / "keys";
    const std::filesystem::path home(environment("HOME"));
    if (home.is_absolute()) return home / ".local" / "state" / "hawser" / "keys";
    return fail(errc::invalid,
                "there is no place for the key ring: name one with `keys:`, or set HOME");
}

result<key_ring> key_file::load() const {
    const auto text = read_private(path_, limits::key_file_max);
    if (!text) return std::unexpected(text.error());
    return parse_keys(text->view(), path_.string());
}

result<key_ring> key_file::load_or_create(wall_time now) const {
    auto there = load();
    if (there || there.error().code != errc::not_found) return there;

    const auto lock = directory_lock::take(path_);
    if (!lock) return std::unexpected(lock.error());
    // Another process may have been faster, and may have started to seal already.
    there = load();
    if (there || there.error().code != errc::not_found) return there;

    secret<32> index;
    random_bytes(index.writable());
    secret_text text;
    text.append(preface);
    text.append(index_line_of(index).view());
    text.append(line_of(random_key(now)).view());
    if (auto written = write_private(path_, text.view()); !written) {
        return std::unexpected(written.error());
    }
    return load();
}

result<key_id> key_file::add(wall_time seals_from) const {
    const auto lock = directory_lock::take(path_);
    if (!lock) return std::unexpected(lock.error());
    auto text = read_private(path_, limits::key_file_max);
    if (!text) return std::unexpected(text.error());
    const auto ring = parse_keys(text->view(), path_.string());
    if (!ring) return std::unexpected(ring.error());
    if (ring->keys().size() == limits::keys_max) {
        return fail(errc::exhausted,
                    path_.string() + ": holds as many keys as are read: remove one");
    }

    auto added = random_key(seals_from);
    while (std::ranges::find(ring->keys(), added.id, &ring_key::id) != ring->keys().end()) {
        added = random_key(seals_from);
    }
    if (!text->view().ends_with('\n')) text->append("\n");
    text->append(line_of(added).view());
    if (auto written = write_private(path_, text->view()); !written) {
        return std::unexpected(written.error());
    }
    return added.id;
}

}  // namespace hawser::crypto
