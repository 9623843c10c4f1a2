// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string>

#include "sessions/resp/command.h"
#include "sessions/resp/door.h"

/// What a client says of itself, and how it is spoken to.
namespace hawser::sessions::resp {

namespace {

using store::resp::protocol;

constexpr std::string_view version_spoken = "7.2.0";  // whose commands these are
constexpr std::string_view name_by_default = "default";
constexpr std::size_t client_name_max = 256;

/// A name that may stand in a list of clients.
bool is_printable(std::string_view name) {
    return name.size() <= client_name_max &&
           std::ranges::all_of(name, [](char c) { return c >= '!' && c <= '~'; });
}

/// False: it has been answered why not.
bool log_in(call& asked, std::string_view name, std::string_view password) {
    switch (asked.from.log_in(name, password)) {
        case connection::login::welcome: return true;
        case connection::login::wrong:
            asked.refuse("WRONGPASS invalid username-password pair or user is disabled.");
            return false;
        case connection::login::too_many:
            asked.refuse("ERR too many failed attempts, try again later");
            asked.from.end();
            return false;
    }
    std::unreachable();
}

struct greeting {
    std::optional<protocol> form;
    std::optional<std::pair<std::string_view, std::string_view>> login;
    std::optional<std::string_view> name;
};

/// What HELLO asks for; false: it has been answered what is wrong with it.
bool read_greeting(call& asked, greeting& into) {
    if (asked.size() == 1) return true;
    const auto form = number_of(asked[1]);
    if (!form || *form < 2 || *form > 3) {
        asked.refuse(form ? "NOPROTO unsupported protocol version"
                          : "ERR Protocol version is not an integer or out of range");
        return false;
    }
    into.form = protocol(*form);
    for (std::size_t at = 2; at < asked.size();) {
        const std::size_t left = asked.size() - at;
        if (is_word(asked[at], "auth") && left >= 3) {
            into.login = {asked[at + 1], asked[at + 2]};
            at += 3;
        } else if (is_word(asked[at], "setname") && left >= 2) {
            into.name = asked[at + 1];
            at += 2;
        } else {
            asked.refuse("ERR Syntax error in HELLO option '" +
                         std::string(is_word(asked[at], "auth") ? "auth" : "setname") + "'");
            return false;
        }
    }
    return true;
}

void describe_server(call& asked) {
    auto& out = asked.out;
    out.map(7);
    out.bulk("server");
    out.bulk("redis");
    out.bulk("version");
    out.bulk(version_spoken);
    out.bulk("proto");
    out.number(std::int64_t(out.form()));
    out.bulk("id");
    out.number(asked.from.number());
    out.bulk("mode");
    out.bulk("standalone");
    out.bulk("role");
    out.bulk("master");
    out.bulk("modules");
    out.array(0);
}

void refuse_name(call& asked) {
    asked.refuse("ERR Client names cannot contain spaces, newlines or special characters.");
}

}  // namespace

task<> serve_hello(call& asked) {
    greeting said;
    if (!read_greeting(asked, said)) co_return;
    if (said.login && !log_in(asked, said.login->first, said.login->second)) co_return;
    if (!asked.from.is_in())
        co_return asked.refuse(
            "NOAUTH HELLO must be called with the client already authenticated, otherwise the "
            "HELLO <proto> AUTH <user> <pass> option can be used to authenticate the client and "
            "select the RESP protocol version at the same time");
    if (said.name && !is_printable(*said.name)) co_return refuse_name(asked);
    if (said.name) asked.from.set_name(*said.name);
    if (said.form) asked.from.set_protocol(*said.form);
    describe_server(asked);
}

task<> serve_auth(call& asked) {
    if (asked.from.settings().users.empty())
        co_return asked.refuse(
            "ERR AUTH <password> called without any password configured for the default user. Are "
            "you sure your configuration is correct?");
    const auto name = asked.size() == 3 ? asked[1] : name_by_default;
    if (log_in(asked, name, asked.arguments.back())) asked.out.ok();
}

task<> serve_ping(call& asked) {
    if (asked.from.is_confined()) {
        asked.out.array(2);
        asked.out.bulk("pong");
        asked.out.bulk(asked.size() == 2 ? asked[1] : std::string_view());
    } else if (asked.size() == 2) {
        asked.out.bulk(asked[1]);
    } else {
        asked.out.status("PONG");
    }
    co_return;
}

task<> serve_echo(call& asked) {
    asked.out.bulk(asked[1]);
    co_return;
}

task<> serve_select(call& asked) {
    const auto number = number_of(asked[1]);
    if (!number)
        asked.refuse_number();
    else if (*number == 0)
        asked.out.ok();
    else
        asked.refuse("ERR DB index is out of range");
    co_return;
}

task<> serve_reset(call& asked) {
    if (asked.from.is_in()) co_await asked.records().free_locks();
    asked.from.reset();
    asked.out.status("RESET");
    co_return;
}

task<> serve_quit(call& asked) {
    asked.out.ok();
    asked.from.end();
    co_return;
}

task<> serve_client(call& asked) {
    const auto what = asked[1];
    if (is_word(what, "setname") && asked.size() == 3) {
        if (!is_printable(asked[2])) co_return refuse_name(asked);
        asked.from.set_name(asked[2]);
        asked.out.ok();
    } else if (is_word(what, "getname") && asked.size() == 2) {
        if (asked.from.name().empty())
            asked.out.null();
        else
            asked.out.bulk(asked.from.name());
    } else if (is_word(what, "id") && asked.size() == 2) {
        asked.out.number(asked.from.number());
    } else if (is_word(what, "setinfo") && asked.size() == 4) {
        const bool is_known = is_word(asked[2], "lib-name") || is_word(asked[2], "lib-ver");
        if (!is_known || !is_printable(asked[3]))
            co_return asked.refuse(is_known ? "ERR lib-name and lib-ver cannot contain spaces, "
                                              "newlines or special characters."
                                            : "ERR Unrecognized option for CLIENT SETINFO");
        asked.out.ok();
    } else {
        // What is acknowledged but not done would be waited for (R2.4).
        asked.refuse("ERR unknown subcommand '" + shown_word(what) + "'. Try CLIENT HELP.");
    }
}

}  // namespace hawser::sessions::resp
