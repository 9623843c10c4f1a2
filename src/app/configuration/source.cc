// SPDX-License-Identifier: Apache-2.0
#include "app/configuration/source.h"

#include <charconv>
#include <string>
#include <string_view>

#include "app/configuration/addresses.h"

namespace hawser::app {

namespace {

std::optional<std::uint16_t> port_of(std::string_view text) {
    std::uint16_t port = 0;
    const auto [stop, wrong] = std::from_chars(text.begin(), text.end(), port);
    if (wrong != std::errc() || stop != text.end() || port == 0) return std::nullopt;
    return port;
}

std::optional<port_range> range_of(std::string_view text) {
    const auto dash = text.find('-');
    if (dash == text.npos) return std::nullopt;
    const auto first = port_of(text.substr(0, dash));
    const auto last = port_of(text.substr(dash + 1));
    if (!first || !last || *first > *last) return std::nullopt;
    return port_range{*first, *last};
}

}  // namespace

void source::describe(config::fields<source>& field) {
    field(
        "address", &source::address,
        "An address of this machine, or `client`: the client's own, which needs CAP_NET_ADMIN and "
        "routing rules (docs/clients.md).")
        .required();
    field("ports", &source::ports,
          "`20000-29999`: the ports of that address; left out, the kernel takes one.");
    field.shorthand("address");
}

io::source source::begin() const noexcept {
    return {.address = address.address,
            .first_port = ports.first,
            .last_port = ports.last,
            .is_foreign = address.is_client};
}

}  // namespace hawser::app

namespace hawser::config {

bool codec<app::port_range>::read(const node& given, app::port_range& into, diagnostics& out) {
    if (!detail::expect_scalar(given, "a range of ports", out)) return false;
    const auto found = app::range_of(given.text());
    if (!found) {
        out.error(given.at(), "`" + given.text() + "` is no range of ports: write `20000-29999`");
        return false;
    }
    into = *found;
    return true;
}
node codec<app::port_range>::show(const app::port_range& value) {
    if (value.first == 0) return node::quoted("");
    return node::quoted(std::to_string(value.first) + "-" + std::to_string(value.last));
}
shape codec<app::port_range>::type() { return text_shape("range of ports"); }

bool codec<app::source_address>::read(const node& given, app::source_address& into,
                                      diagnostics& out) {
    if (!detail::expect_scalar(given, "an address, or `client`", out)) return false;
    if (given.text() == "client") {
        into = {.address = {}, .is_client = true};
        return true;
    }
    const auto found = io::ip_address::parse(given.text());
    const auto nobody = io::ip_address::parse("0.0.0.0");
    if (!found || found->is_none() || found == nobody) {
        out.error(given.at(), "`" + given.text() +
                                  "` is no address of a machine: write `10.0.0.5`, "
                                  "`2001:db8::5` or `client`");
        return false;
    }
    into = {.address = *found, .is_client = false};
    return true;
}
node codec<app::source_address>::show(const app::source_address& value) {
    return node::quoted(value.is_client ? "client" : value.address.text());
}
shape codec<app::source_address>::type() { return text_shape("address, or `client`"); }

}  // namespace hawser::config
