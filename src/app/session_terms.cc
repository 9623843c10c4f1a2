// SPDX-License-Identifier: Apache-2.0
#include "app/session_terms.h"

#include <string_view>
#include <vector>

#include "app/door_context.h"
#include "crypto/digest.h"
#include "crypto/private_file.h"
#include "sessions/limits.h"

namespace hawser::app {

namespace {

void read_password(const std::string& name, const session_user& user, const config::position& at,
                   session_door_terms& into, config::diagnostics& out) {
    const auto text =
        crypto::read_private(user.password_file.path, limits::session_password_file_max);
    if (!text) return out.error(at, text.error().context);
    // An editor's newline is no part of it.
    const auto password = text->view().substr(0, text->view().find_last_not_of("\r\n") + 1);
    if (password.size() < limits::session_password_min)
        return out.error(at, "a password has at least " +
                                 std::to_string(limits::session_password_min) + " characters");
    into.passwords[name] = crypto::sha256(password);
}

/// `key` is the door's in the file.
template <typename Door>
session_door_terms load_door(const Door& door, std::string_view key, const config::node& written,
                             config::diagnostics& out) {
    session_door_terms made;
    for (const auto& [name, user] : door.users)
        read_password(name, user, written.place({"sessions", key, "users", name, "password-file"}),
                      made, out);
    if (door.tls)
        made.tls = make_door_context(
            *door.tls, tls::client_certificates::required,
            [&](std::string_view field) { return written.place({"sessions", key, "tls", field}); },
            out);
    return made;
}

/// A token says by itself whose it is.
void check_tokens(const session_door_terms& read, const config::node& written,
                  config::diagnostics& out) {
    std::map<std::array<std::uint8_t, 32>, std::string> owners;
    for (const auto& [name, password] : read.passwords)
        if (const auto [other, is_new] = owners.emplace(password, name); !is_new)
            out.error(written.place({"sessions", "api", "users", name, "password-file"}),
                      "`" + other->second + "` has the same token");
}

}  // namespace

session_terms load_session_terms(const configuration& given, const config::node& written,
                                 config::diagnostics& out) {
    session_terms made;
    if (given.sessions.resp) made.resp = load_door(*given.sessions.resp, "resp", written, out);
    if (given.sessions.api) made.api = load_door(*given.sessions.api, "api", written, out);
    check_tokens(made.api, written, out);
    return made;
}

result<session_terms> load_session_terms(const configuration& given, const config::node& written) {
    config::diagnostics problems;
    auto made = load_session_terms(given, written, problems);
    if (problems.has_errors()) return fail(errc::invalid, problems.text());
    return made;
}

}  // namespace hawser::app
