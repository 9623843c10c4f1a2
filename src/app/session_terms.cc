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

void read_password(const std::string& name, const session_user& user, const config::node& written,
                   session_terms& into, config::diagnostics& out) {
    const auto at = written.place({"sessions", "resp", "users", name, "password-file"});
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

}  // namespace

session_terms load_session_terms(const configuration& given, const config::node& written,
                                 config::diagnostics& out) {
    session_terms made;
    if (!given.sessions.resp) return made;
    for (const auto& [name, user] : given.sessions.resp->users)
        read_password(name, user, written, made, out);
    if (given.sessions.resp->tls)
        made.tls = make_door_context(
            *given.sessions.resp->tls, tls::client_certificates::required,
            [&](std::string_view field) {
                return written.place({"sessions", "resp", "tls", field});
            },
            out);
    return made;
}

result<session_terms> load_session_terms(const configuration& given, const config::node& written) {
    config::diagnostics problems;
    auto made = load_session_terms(given, written, problems);
    if (problems.has_errors()) return fail(errc::invalid, problems.text());
    return made;
}

}  // namespace hawser::app
