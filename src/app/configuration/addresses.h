// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "clients/network.h"
#include "config/codec.h"
#include "config/text_pairs.h"
#include "io/endpoint.h"

namespace hawser::app {

/// `:8080`, `127.0.0.1:80`, `[::1]:80`, `unix:PATH`: the text that was written and what it means.
struct listen_address {
    std::string text;
    io::endpoint where;

    /// Of a text that is known to be one.
    [[nodiscard]] static listen_address of(std::string_view text);
    friend bool operator==(const listen_address& a, const listen_address& b) {
        return a.text == b.text;
    }
};

/// `host:port`, `[v6]:port` or `unix:PATH`. A name is looked up when it is used, not when it is
/// read: `io::resolve(text)`.
struct server_address {
    std::string text;
    friend bool operator==(const server_address&, const server_address&) = default;
};

using config::text_pairs;

/// A token of RFC 9110 5.6.2: the name of a header field or a method.
[[nodiscard]] bool is_token(std::string_view text);

}  // namespace hawser::app

namespace hawser::config {

/// Of a scalar that is no mere string; `words` name it in the reference.
[[nodiscard]] shape text_shape(std::string words);

template <>
struct codec<app::listen_address> {
    static bool read(const node& given, app::listen_address& into, diagnostics& out);
    static node show(const app::listen_address& value);
    static shape type();
};

template <>
struct codec<app::server_address> {
    static bool read(const node& given, app::server_address& into, diagnostics& out);
    static node show(const app::server_address& value);
    static shape type();
};

/// `10.0.0.0/8`, `2001:db8::/32`, or one address.
template <>
struct codec<clients::network> {
    static bool read(const node& given, clients::network& into, diagnostics& out);
    static node show(const clients::network& value);
    static shape type();
};

}  // namespace hawser::config
