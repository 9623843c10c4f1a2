// SPDX-License-Identifier: Apache-2.0
#include "crypto/key_file.h"

#include <algorithm>
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

}  // namespace

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
