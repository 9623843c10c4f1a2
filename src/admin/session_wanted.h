// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "base/limits.h"
#include "config/settings.h"

/// Which sessions somebody wants to see, and what is to become of them.
namespace hawser::admin {

/// What is left out is any.
struct session_filter {
    std::optional<std::string> session;
    std::optional<std::string> pool;
    std::optional<std::string> server;
    std::optional<std::string> kind;
    std::optional<std::string> user;
    std::optional<std::string> name_space;
    std::optional<std::string> user_key;
    std::optional<std::chrono::seconds> idle;
    std::optional<std::chrono::seconds> idle_below;
    std::optional<std::chrono::seconds> age;
    std::optional<std::chrono::seconds> age_below;
    std::optional<bool> pinned;
    std::optional<bool> tentative;

    [[nodiscard]] bool is_any() const { return !name_space && !user_key && !selects_by_binding(); }
    /// All that a user of the namespace has, bound here or not.
    [[nodiscard]] bool is_of_user_only() const { return user_key && !selects_by_binding(); }

  private:
    [[nodiscard]] bool selects_by_binding() const {
        return session || pool || server || kind || user || idle || idle_below || age ||
               age_below || pinned || tentative;
    }
};

namespace detail {

template <typename Wanted, typename T>
T Wanted::* part(T session_filter::* of) {
    return of;
}

template <typename Wanted>
void describe_filter(config::fields<Wanted>& field) {
    using all = session_filter;
    field("session", part<Wanted>(&all::session), "By its hash in the access log.");
    field("pool", part<Wanted>(&all::pool), "Of this pool.");
    field("server", part<Wanted>(&all::server), "At home on this server of the pool.");
    field("kind", part<Wanted>(&all::kind), "Named by this kind of affinity.");
    field("user", part<Wanted>(&all::user), "Of this user, by the hash of the user's key.");
    field("namespace", part<Wanted>(&all::name_space),
          "With what the session service keeps in this namespace.");
    field("user-key", part<Wanted>(&all::user_key),
          "Of this user of the namespace, as the application names him at the JSON door.");
    field("idle", part<Wanted>(&all::idle), "Without a request for so long, or longer.");
    field("idle-below", part<Wanted>(&all::idle_below), "With a request within this time.");
    field("age", part<Wanted>(&all::age), "So old, or older.");
    field("age-below", part<Wanted>(&all::age_below), "Younger than this.");
    field("pinned", part<Wanted>(&all::pinned), "Whether they are pinned.");
    field("tentative", part<Wanted>(&all::tentative), "Whether their key has yet to come back.");
}

}  // namespace detail

/// A page of a list.
struct page_wanted : session_filter {
    std::uint32_t limit = limits::admin_page;
    std::optional<std::string> after;

    static void describe(config::fields<page_wanted>& field) {
        detail::describe_filter(field);
        field("limit", &page_wanted::limit, "At most so many.")
            .minimum(1)
            .maximum(limits::admin_page_max);
        field("after", &page_wanted::after, "The `next` of the page before.");
    }
};

struct move_wanted : session_filter {
    std::string to;

    static void describe(config::fields<move_wanted>& field) {
        detail::describe_filter(field);
        field("to", &move_wanted::to, "The server of their pool that is their home from now on.")
            .required();
    }
};

struct pin_wanted : session_filter {
    bool pin = true;

    static void describe(config::fields<pin_wanted>& field) {
        detail::describe_filter(field);
        field("pin", &pin_wanted::pin, "`false` lets go of them again.");
    }
};

struct end_wanted : session_filter {
    static void describe(config::fields<end_wanted>& field) { detail::describe_filter(field); }
};

}  // namespace hawser::admin
