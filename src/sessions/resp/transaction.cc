// SPDX-License-Identifier: Apache-2.0
#include "sessions/resp/transaction.h"

#include "sessions/limits.h"

namespace hawser::sessions::resp {

bool transaction::add(const command& what, std::span<const std::string_view> arguments) {
    std::size_t bytes = bytes_ + sizeof(queued);
    for (const auto each : arguments) bytes += sizeof(std::string) + each.size();
    if (commands_.size() == limits::transaction_commands || bytes > limits::transaction_bytes)
        return false;
    bytes_ = bytes;
    commands_.push_back({.what = &what, .arguments = {arguments.begin(), arguments.end()}});
    return true;
}

std::vector<transaction::queued> transaction::take() {
    auto all = std::move(commands_);
    close();
    return all;
}

void transaction::abandon() {
    const bool was_open = is_open_;
    close();
    is_open_ = was_open;
    is_spoilt_ = was_open;
}

bool transaction::watch(std::string_view key, const std::optional<state>& is) {
    if (watched_.size() == limits::keys_watched) return false;
    if (watched_bytes_ + key.size() > limits::watched_bytes) return false;
    watched_bytes_ += key.size();
    watched_.push_back({.key = std::string(key), .was = is});
    return true;
}

}  // namespace hawser::sessions::resp
