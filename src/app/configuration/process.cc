// SPDX-License-Identifier: Apache-2.0
#include "app/configuration/process.h"

#include "app/configuration/list_checks.h"

namespace hawser::app {
namespace {

using namespace std::chrono_literals;
using namespace literals;

constexpr std::size_t capacity_max = 1'000'000'000;  // what 128 GB of entries would hold

/// A typo such as `stduot` must not become a file in the working directory.
std::string wrong_output(const std::string& value) {
    const bool is_stream = value == "stdout" || value == "stderr" || value == "off";
    if (is_stream || value.contains('/')) return {};
    return "must be `stdout`, `stderr`, `off` or a path with a `/`, not `" + value + "`";
}

std::string wrong_error_output(const std::string& value) {
    if (value == "off") return "cannot be off; raise `level` instead";
    return wrong_output(value);
}

}  // namespace

void sessions::describe(config::fields<sessions>& field) {
    using self = sessions;
    field("idle-timeout", &self::idle_timeout,
          "How long a session lives without a request; also a cookie's default `ttl`.")
        .minimum(1s);
    field("absolute-timeout", &self::absolute_timeout,
          "How long a session lives at most; also a cookie's default `absolute`.")
        .minimum(1s);
    field("capacity", &self::capacity,
          "Sessions that the registry holds; beyond it the longest idle make room.")
        .minimum(1)
        .maximum(capacity_max);
    field("tentative-capacity", &self::tentative_capacity,
          "Sessions whose key has not come back yet, which have a place of their own.")
        .minimum(1)
        .maximum(capacity_max);
    field("store", &self::store,
          "Where applications' sessions are kept; another one needs a restart.");
    field("memory", &self::memory,
          "What all applications together may keep in their sessions here (docs/sessions.md).");
    field("namespaces", &self::namespaces,
          "Applications whose sessions are kept here, by name. Left out with a door: one, "
          "`default`.")
        .check(no_more_than<limits::namespaces_max>());
    field("resp", &self::resp,
          "The door for libraries that keep their sessions in Redis: they use it unchanged.");
    field("api", &self::api,
          "The door for applications that work with sessions by themselves, in JSON over HTTP.");
}

void process_limits::describe(config::fields<process_limits>& field) {
    using self = process_limits;
    field("connections", &self::connections,
          "Connections of clients at once, over all listeners; more get 503. From nine tenths on "
          "only requests of established sessions are served. Default: half of the descriptors that "
          "the process may open, less 128.")
        .minimum(1);
    field("memory", &self::memory,
          "Resident memory near which (95 %) only requests of established sessions are served, and "
          "idle connections closed, and nearer (98 %) nobody is accepted. Default: what the "
          "process's control group may use, if that is limited; `off`: any.")
        .check([](const std::optional<config::switchable<byte_count>>& given) {
            const bool is_little = given && *given && **given < 1_MiB;
            return is_little ? "must be at least 1MiB, or `off`" : "";
        });
}

void log::describe(config::fields<log>& field) {
    field("access", &log::access, "One line a request: `stdout`, `stderr`, `off` or a file.")
        .check(wrong_output);
    field("format", &log::format, "How such a line looks.");
    field(
        "ends", &log::ends,
        "Whether each line tells both ends of both connections; of pools with a `source` it always "
        "does.");
    field("errors", &log::errors, "What the process has to say: `stderr`, `stdout` or a file.")
        .check(wrong_error_output);
    field("level", &log::level, "How much of it.");
}

}  // namespace hawser::app

namespace hawser::config {

bool codec<app::worker_count>::read(const node& given, app::worker_count& into, diagnostics& out) {
    if (given.is_scalar() && given.text() == "auto") {
        into = {};
        return true;
    }
    std::size_t number = 0;
    if (!codec<std::size_t>::read(given, number, out)) return false;
    if (number == 0 || number > limits::workers_max) {
        out.error(given.at(),
                  "`workers` must be `auto` or 1 to " + std::to_string(limits::workers_max));
        return false;
    }
    into = {number};
    return true;
}
node codec<app::worker_count>::show(app::worker_count value) {
    return node::plain(value.number == 0 ? "auto" : std::to_string(value.number));
}
shape codec<app::worker_count>::type() {
    auto made = codec<std::string>::type();
    made.words = "number, or `auto`";
    return made;
}

}  // namespace hawser::config
