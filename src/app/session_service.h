// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "app/configuration.h"
#include "app/crew.h"
#include "app/record_handover.h"
#include "app/session_terms.h"
#include "base/result.h"
#include "crypto/key_ring.h"
#include "io/listening_socket.h"
#include "observe/exposition.h"
#include "sessions/api/door.h"
#include "sessions/name_space.h"
#include "sessions/record_link.h"
#include "sessions/resp/door.h"
#include "state/channel.h"

namespace hawser::store {
class embedded;
class memory;
}  // namespace hawser::store

namespace hawser::app {

/// What the session service holds, for a line of a status.
struct session_totals {
    std::uint64_t records = 0;
    std::uint64_t bytes = 0;
    std::uint64_t clients = 0;
    std::string_view store;  ///< `memory`, or how the disk does: `ready`, `opening`, `failing`
};

/// The node's session service: its store, its namespaces, and a door on each worker. Used by the
/// control thread; nothing of it is made before a configuration names it.
class session_service {
  public:
    explicit session_service(std::size_t workers);
    ~session_service();
    session_service(const session_service&) = delete;
    session_service& operator=(const session_service&) = delete;

    /// Whether there is place for the namespaces of `next`, beside all that were named before.
    [[nodiscard]] result<> check(const configuration& next) const;

    /// Has the namespaces of `next`, which is checked, for pools that lead to them; then
    /// `change_to` may come. What namespaces hold stays, also of those that it does not name any
    /// more, until it ends.
    void prepare(const configuration& next, const crypto::key_ring& ring, crew& workers);
    /// Serves by `next` from now on. Without a door in it, clients end.
    void change_to(const configuration& next, const session_terms& read, crew& workers);

    /// To what the application of that pool keeps in its sessions; null: it does not say where.
    [[nodiscard]] std::shared_ptr<const hawser::sessions::record_link> link_of(
        const pool& one) const;
    /// The same of a namespace, whatever pool; null: there is none of that name.
    [[nodiscard]] std::shared_ptr<const hawser::sessions::record_link> link_to(
        std::string_view name) const {
        return make_link(name, {});
    }

    /// How `doors` names the places of ours among those of listeners, which cannot have this name.
    static constexpr std::string_view resp_place = "sessions/resp";
    static constexpr std::string_view api_place = "sessions/api";
    [[nodiscard]] static bool is_ours(std::string_view place) {
        return place == resp_place || place == api_place;
    }

    /// On a worker's thread: accepts on `socket`, for the door of that place.
    void open(unsigned worker, std::string_view place, const std::string& at,
              io::listening_socket socket);
    /// On all workers: accepts no more there.
    void close(std::string_view place, const std::string& at, crew& workers);

    /// Ends all clients, and returns once nothing is under way. Before the workers end.
    void stop(crew& workers);
    /// Lets go of the disk, once it is stopped, for good.
    void close();

    // In an upgrade, once it is stopped in the old process.

    /// Lets go of the disk, and of all that only this memory has: the new process gets it by the
    /// other end that is returned. Nothing: it has none to give.
    [[nodiscard]] std::optional<state::channel> hand_over();
    /// In the new process, before anything else: what the old one has kept is not known here, and
    /// nobody is answered, before `take_over`.
    void await_former() { is_awaited_ = true; }
    /// What its `hand_over` gave; nothing, if it has none to give or has ended. The first call
    /// counts.
    void take_over(std::optional<state::channel> from);

    [[nodiscard]] std::optional<session_totals> totals() const;
    void collect(observe::exposition& into) const;

    /// What was done to sessions at the JSON door since it was taken last.
    [[nodiscard]] std::vector<hawser::sessions::audited> take_audited();

  private:
    std::shared_ptr<hawser::sessions::name_space> space_of(const std::string& name,
                                                           const crypto::key_ring& ring);
    [[nodiscard]] std::shared_ptr<const hawser::sessions::record_link> make_link(
        std::string_view name, hawser::sessions::record_link::settings by) const;
    void open_store(const configuration& given, const crypto::key_ring& ring, crew& workers);
    void keep_on_disk(const configuration& given, const crypto::key_ring& ring);
    [[nodiscard]] store::occupancy& held() const;
    [[nodiscard]] store::residents& records() const;
    [[nodiscard]] store::store::loaded restore_user() const;
    void collect_disk(observe::exposition& into) const;
    /// The namespaces that `next` names, as they are to be from now on.
    void set_up_spaces(const configuration& next, const crypto::key_ring& ring);
    [[nodiscard]] hawser::sessions::resp::setup resp_setup(const configuration& next,
                                                           const session_terms& read) const;
    [[nodiscard]] hawser::sessions::api::setup api_setup(const configuration& next,
                                                         const session_terms& read) const;
    void tell(const store::ending& what) const;

    std::size_t workers_;
    // One of them, or neither: no session service yet.
    std::unique_ptr<store::memory> memory_;
    std::unique_ptr<store::embedded> embedded_;
    std::set<std::string, std::less<>> on_disk_;  ///< namespaces that are kept there
    std::unique_ptr<hawser::sessions::resp::hub> hub_;
    /// For whoever leads to records on his own.
    std::shared_ptr<std::atomic<bool>> is_open_ = std::make_shared<std::atomic<bool>>(false);
    kept_spaces spaces_;
    std::unique_ptr<hawser::sessions::api::hub> api_hub_;
    /// By the number of its space, for whoever is told of one by the store, on any thread.
    std::array<std::atomic<hawser::sessions::name_space*>, store::space::numbers_max> by_number_{};
    /// By worker, each made and destroyed on its thread. The RESP door tends the store too, so it
    /// is there, without a socket, for the other one alone.
    std::vector<std::unique_ptr<hawser::sessions::resp::door>> doors_;
    std::vector<std::unique_ptr<hawser::sessions::api::door>> api_doors_;
    bool is_awaited_ = false;
    std::optional<record_giver> giver_;
    std::optional<record_taker> taker_;
};

}  // namespace hawser::app
