// SPDX-License-Identifier: Apache-2.0
#include "app/configuration/addresses.h"

#include <algorithm>

#include "base/ensure.h"

namespace hawser::app {

listen_address listen_address::of(std::string_view text) {
    auto where = io::endpoint::parse_listening(text);
    ensure(where.has_value(), "a default is an address");
    return {std::string(text), *where};
}

bool is_token(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               std::string_view("!#$%&'*+-.^_`|~").contains(c);
    });
}

}  // namespace hawser::app

namespace hawser::config {

shape text_shape(std::string words) {
    auto made = codec<std::string>::type();
    made.words = std::move(words);
    return made;
}

bool codec<app::listen_address>::read(const node& given, app::listen_address& into,
                                      diagnostics& out) {
    if (!detail::expect_scalar(given, "an address to listen on", out)) return false;
    auto where = io::endpoint::parse_listening(given.text());
    if (!where) {
        out.error(given.at(), "`" + given.text() + "` is no address to listen on (" +
                                  where.error().context +
                                  "): write `:8080`, `127.0.0.1:8080`, `[::1]:8080` or "
                                  "`unix:/run/hawser/web.sock`");
        return false;
    }
    into = {given.text(), *where};
    return true;
}
node codec<app::listen_address>::show(const app::listen_address& value) {
    return node::quoted(value.text);
}
shape codec<app::listen_address>::type() { return text_shape("address"); }

bool codec<app::server_address>::read(const node& given, app::server_address& into,
                                      diagnostics& out) {
    if (!detail::expect_scalar(given, "a server's address", out)) return false;
    const auto& text = given.text();
    result<> fine;
    if (text.starts_with("unix:")) {
        if (auto parsed = io::endpoint::parse(text); !parsed)
            fine = fail(errc::invalid, parsed.error().context);
    } else if (auto parts = io::split_host_and_port(text); !parts) {
        fine = fail(errc::invalid, parts.error().context);
    } else if (parts->host.empty()) {
        fine = fail(errc::invalid, "the host is missing");
    }
    if (!fine) {
        out.error(given.at(),
                  "`" + text + "` is no server's address (" + fine.error().context +
                      "): write `10.0.0.1:8000`, `app.internal:8000`, `[2001:db8::1]:8000` "
                      "or `unix:/run/app.sock`");
        return false;
    }
    into = {text};
    return true;
}
node codec<app::server_address>::show(const app::server_address& value) {
    return node::quoted(value.text);
}
shape codec<app::server_address>::type() { return text_shape("address"); }

bool codec<clients::network>::read(const node& given, clients::network& into, diagnostics& out) {
    if (!detail::expect_scalar(given, "an address or a network", out)) return false;
    const auto found = clients::network::parse(given.text());
    if (!found) {
        out.error(given.at(), "`" + given.text() +
                                  "` is no network: write `10.0.0.0/8`, `2001:db8::/32`, one "
                                  "address, or `unix:`");
        return false;
    }
    into = *found;
    return true;
}
node codec<clients::network>::show(const clients::network& value) {
    return node::quoted(value.text());
}
shape codec<clients::network>::type() { return text_shape("network"); }

}  // namespace hawser::config
