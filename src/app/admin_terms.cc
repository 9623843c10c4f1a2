// SPDX-License-Identifier: Apache-2.0
#include "app/admin_terms.h"

#include <pwd.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <optional>
#include <utility>
#include <vector>

#include "app/door_context.h"
#include "base/limits.h"
#include "crypto/private_file.h"

namespace hawser::app {

namespace {

/// A user's name, or a number that is taken as it is.
std::optional<uid_t> uid_of(const std::string& user) {
    uid_t number = 0;
    const char* const end = user.data() + user.size();
    if (const auto [stop, wrong] = std::from_chars(user.data(), end, number);
        wrong == std::errc() && stop == end)
        return number;
    passwd found{};
    passwd* there = nullptr;
    std::array<char, 16 * 1024> room;
    if (::getpwnam_r(user.c_str(), &found, room.data(), room.size(), &there) != 0 ||
        there == nullptr)
        return std::nullopt;
    return there->pw_uid;
}

void read_tokens(const admin& given, const config::node& written, hawser::admin::access_terms& into,
                 config::diagnostics& out) {
    if (given.tokens.path.empty()) return;
    const auto at = written.place({"admin", "tokens"});
    const auto text = crypto::read_private(given.tokens.path, limits::admin_tokens_file_max);
    if (!text) return out.error(at, text.error().context);
    auto read = hawser::admin::parse_tokens(text->view(), given.tokens.path);
    if (!read) return out.error(at, "\n" + read.error().context);
    into.tokens = std::move(*read);
}

void find_users(const admin& given, const config::node& written, hawser::admin::access_terms& into,
                config::diagnostics& out) {
    for (const auto& [name, may] : given.users) {
        if (const auto uid = uid_of(name))
            into.users[*uid] = may;
        else
            out.error(written.place({"admin", "users", name}), "there is no user `" + name + "`");
    }
}

}  // namespace

admin_terms load_admin_terms(const admin& given, const config::node& written,
                             config::diagnostics& out) {
    admin_terms made;
    read_tokens(given, written, made.access, out);
    find_users(given, written, made.access, out);
    for (const auto& each : given.certificates) made.access.subjects[each.subject] = each.may;
    made.access.own_uid = ::geteuid();
    made.access.trusts_loopback =
        given.tokens.path.empty() && !(given.tls && !given.tls->client_ca.path.empty());
    if (given.tls)
        made.tls = make_door_context(
            *given.tls, tls::client_certificates::optional,
            [&](std::string_view field) { return written.place({"admin", "tls", field}); }, out);
    return made;
}

result<admin_terms> load_admin_terms(const admin& given, const config::node& written) {
    config::diagnostics problems;
    auto made = load_admin_terms(given, written, problems);
    if (problems.has_errors()) return fail(errc::invalid, problems.text());
    return made;
}

}  // namespace hawser::app
