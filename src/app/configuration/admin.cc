// SPDX-License-Identifier: Apache-2.0
#include "app/configuration/admin.h"

#include "http/uri.h"

namespace hawser::app {
namespace {

std::string wrong_allowed_hosts(const std::vector<std::string>& all) {
    for (const auto& one : all) {
        if (!http::split_authority(one)) return "`" + one + "` is no host";
    }
    return {};
}

std::string wrong_audit(const std::string& place) {
    const bool is_known = place == "log" || place.contains('/');
    return is_known ? std::string() : "must be `log` or a path with a `/`, not `" + place + "`";
}

}  // namespace

void certificate_grant::describe(config::fields<certificate_grant>& field) {
    using self = certificate_grant;
    field("subject", &self::subject, "The certificate's subject, such as `CN=ops,O=Example`.")
        .required();
    field("level", &self::may, "What its owner may do.").required();
}

void admin::describe(config::fields<admin>& field) {
    using self = admin;
    field("bind", &self::bind, "Where operators reach this process: an address, `unix:PATH`.");
    field("allowed-hosts", &self::allowed_hosts,
          "Hosts by which it may be asked besides those of the loopback.")
        .check(wrong_allowed_hosts);
    field("tls", &self::tls,
          "It speaks TLS. Clients may show certificates of `client-ca`; who they are is said by "
          "`certificates`.");
    field("certificates", &self::certificates,
          "What owners of certificates may do; needs `client-ca`.");
    field(
        "tokens", &self::tokens,
        "File of tokens, `NAME LEVEL TOKEN` a line, readable by its owner only. With it everybody "
        "at an address needs one, at the loopback too.");
    field("users", &self::users,
          "USER: level of who may ask at a unix socket besides root and this process's own user.");
    field("require-if-match", &self::require_if_match,
          "A change without `If-Match` is refused (428).");
    field("confirm-above", &self::confirm_above,
          "A change that would move more sessions than this is refused unless it is forced.");
    field("audit", &self::audit, "Where each change is recorded: `log`, the error log, or a file.")
        .check(wrong_audit);
    field.shorthand("bind");
}

std::string why_open(const admin& given) {
    if (!given.bind) return {};
    const auto& where = given.bind->where;
    if (where.family() == io::endpoint::kind::unix_path || where.ip().is_loopback()) return {};
    const bool asks =
        !given.tokens.path.empty() || (given.tls && !given.tls->client_ca.path.empty());
    if (asks) return {};
    return "whoever reaches `" + given.bind->text +
           "` could change this node: name `tokens`, or `tls` with a `client-ca`, or listen on the "
           "loopback or a unix socket";
}

}  // namespace hawser::app
