// SPDX-License-Identifier: Apache-2.0
#include "state/snapshot_file.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

#include "base/ensure.h"
#include "base/limits.h"
#include "crypto/random.h"

namespace hawser::state {

namespace {

constexpr std::string_view purpose = "hawser snapshot";
constexpr std::array<std::uint8_t, 8> mark = {'H', 'a', 'w', 's', 'e', 'r', 'S', 'n'};
constexpr std::uint32_t version = 2;
constexpr std::uint32_t oldest_version = 1;  // knows no endings, and no words of servers
constexpr std::size_t number_size = 16;
constexpr std::size_t head_size = mark.size() + 4 + number_size;
constexpr std::size_t size_size = 4;

std::string_view text_of(const bytes& from) {
    return {reinterpret_cast<const char*>(from.data()), from.size()};
}

void put_place(bytes& associated, std::uint32_t place) {
    put_big_endian(std::span(associated).last<4>(), place);
}

/// One reading of the file.
class pass {
  public:
    pass(crypto::private_reader& from, crypto::sealer& opener) : from_(from), opener_(opener) {}

    /// Empty: it is whole. Else what is wrong with it.
    [[nodiscard]] std::string_view run(const snapshot_visitor& visit) {
        associated_.resize(head_size + 4);
        if (!fill(std::span(associated_).first(head_size))) return "it is cut";
        if (!std::ranges::equal(std::span(associated_).first(mark.size()), mark))
            return "it is no snapshot";
        const auto its =
            big_endian<std::uint32_t>(std::span(associated_).subspan<mark.size(), 4>());
        if (its < oldest_version || its > version) return "it is of another version";
        for (std::uint32_t place = 0; !is_over_; ++place) {
            put_place(associated_, place);
            if (const auto wrong = take_block(visit); !wrong.empty()) return wrong;
        }
        std::array<std::uint8_t, 1> beyond;
        return fill(beyond) ? "there is more behind its end" : "";
    }

    [[nodiscard]] std::uint64_t sessions() const noexcept { return sessions_; }

  private:
    [[nodiscard]] bool fill(std::span<std::uint8_t> into) {
        const auto got = from_.read(into);
        return got && *got == into.size();
    }

    std::string_view take_block(const snapshot_visitor& visit) {
        std::array<std::uint8_t, size_size> size_text;
        if (!fill(size_text)) return "it is cut";
        const auto size = big_endian<std::uint32_t>(std::span(size_text));
        if (size <= crypto::sealer::overhead || size > limits::state_block_max)
            return "a block has an impossible size";
        sealed_.resize(size);
        if (!fill(sealed_)) return "it is cut";
        plain_.resize(size - crypto::sealer::overhead);
        if (const auto opened = opener_.open(sealed_, associated_, plain_); !opened)
            return opened.error() == crypto::seal_fault::unknown_key
                       ? "it is sealed with a key that is not on the ring"
                       : "a block was changed";
        return tell(visit) ? "" : "a block holds what cannot be";
    }

    bool tell(const snapshot_visitor& visit) {
        const auto text = std::span<const std::uint8_t>(plain_).subspan(1);
        switch (block{plain_.front()}) {
            case block::servers: {
                const auto all = read_servers(text);
                if (all && visit.servers) visit.servers(*all);
                return all.has_value();
            }
            case block::sessions: {
                const auto all = read_sessions(text);
                if (!all) return false;
                sessions_ += all->size();
                if (visit.sessions) visit.sessions(*all);
                return true;
            }
            case block::endings: {
                const auto all = read_endings(text);
                if (all && visit.endings) visit.endings(*all);
                return all.has_value();
            }
            case block::end: {
                reader from(text);
                is_over_ = true;
                return from.number<std::uint64_t>() == sessions_ && from.is_whole();
            }
        }
        return false;
    }

    crypto::private_reader& from_;
    crypto::sealer& opener_;
    bytes associated_;
    bytes sealed_;
    bytes plain_;
    std::uint64_t sessions_ = 0;
    bool is_over_ = false;
};

}  // namespace

result<snapshot_writer> snapshot_writer::begin(const std::filesystem::path& path,
                                               const crypto::key_ring& ring, wall_time now) {
    auto to = crypto::private_writer::begin(path);
    if (!to) return std::unexpected(std::move(to.error()));
    snapshot_writer made(std::move(*to), ring, now);
    const auto head = text_of(made.associated_).substr(0, head_size);
    if (auto written = made.to_.append(head); !written)
        return std::unexpected(std::move(written.error()));
    return made;
}

snapshot_writer::snapshot_writer(crypto::private_writer to, const crypto::key_ring& ring,
                                 wall_time now)
    : to_(std::move(to)), sealer_(std::make_unique<crypto::sealer>(ring, purpose)), now_(now) {
    std::array<std::uint8_t, number_size> number;
    crypto::random_bytes(number);
    writer head(associated_);
    head.raw(mark);
    head.number(version);
    head.raw(number);
    head.number(next_);
}

template <typename Record>
result<> snapshot_writer::add_all(std::span<const Record> all, std::size_t size, block what) {
    const std::size_t most = limits::state_block_sessions * session_size / size;
    for (; !all.empty(); all = all.subspan(std::min(most, all.size()))) {
        for (const auto& one : all.first(std::min(most, all.size()))) append(one, plain_);
        if (auto done = seal(what); !done) return done;
    }
    return {};
}

result<> snapshot_writer::add(std::span<const server_record> servers) {
    return add_all(servers, server_size, block::servers);
}

result<> snapshot_writer::add(std::span<const registry::ending> endings) {
    return add_all(endings, ending_size, block::endings);
}

result<> snapshot_writer::add(std::span<const registry::record> sessions) {
    ensure(sessions.size() <= limits::state_block_sessions, "a block holds so many sessions");
    for (const auto& one : sessions) append(one, plain_);
    sessions_ += sessions.size();
    return seal(block::sessions);
}

result<> snapshot_writer::finish() {
    writer(plain_).number(sessions_);
    if (auto done = seal(block::end); !done) return done;
    return to_.finish();
}

/// Writes what has been gathered, and begins anew.
result<> snapshot_writer::seal(block what) {
    plain_.insert(plain_.begin(), std::to_underlying(what));
    put_place(associated_, next_++);
    sealed_.resize(size_size + plain_.size() + crypto::sealer::overhead);
    const std::span out(sealed_);
    put_big_endian(out.first<size_size>(), static_cast<std::uint32_t>(out.size() - size_size));
    sealer_->seal(plain_, associated_, now_, out.subspan(size_size));
    plain_.clear();
    return to_.append(text_of(sealed_));
}

result<std::uint64_t> read_snapshot(const std::filesystem::path& path, const crypto::key_ring& ring,
                                    const snapshot_visitor& visit) {
    auto from = crypto::private_reader::open(path);
    if (!from) return std::unexpected(std::move(from.error()));
    crypto::sealer opener(ring, purpose);
    pass first(*from, opener);
    if (const auto wrong = first.run({}); !wrong.empty())
        return fail(errc::invalid, path.string() + ": " + std::string(wrong));
    if (auto back = from->rewind(); !back) return std::unexpected(std::move(back.error()));
    pass second(*from, opener);
    if (const auto wrong = second.run(visit); !wrong.empty())
        return fail(errc::invalid, path.string() + ": " + std::string(wrong));
    return second.sessions();
}

}  // namespace hawser::state
