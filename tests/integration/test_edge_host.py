# SPDX-License-Identifier: Apache-2.0
"""E41-E44: one Host, well formed, compared as hosts are and forwarded as received."""

import pytest

from carriers import everywhere
from edge import request
from harness import Hawser, RawOrigin

OVER = ("clear", "tls")


@pytest.mark.parametrize("fields", [
    (), (b"Host: shop.example", b"Host: shop.example"), (b"Host: shop.example",
    b"Host: evil.example"),
    (b"Host: shop.example", b"hOST: shop.example"), (b"Host: shop.example", b"HOST:"),
    (b"Host:", b"Host: shop.example"), (b"Host: shop.example", b"A: b", b"host: shop.example"),
    (b"X-Host: shop.example",), (b"Hos: t",), (b"Host : shop.example",),
    (b"Host: shop.example", b"Host : shop.example"), (b"Host_: shop.example",)])
def test_e41_no_host_or_two_are_refused(edge, fields):
    edge.refuses(request(b"GET / HTTP/1.1", *fields, host=None), 400)


def test_e41_two_hosts_are_refused_in_http_1_0_too(edge):
    edge.refuses(request(b"GET / HTTP/1.0", b"Host: a", b"Host: a", host=None), 400)


@everywhere
@pytest.mark.parametrize("host", [
    b"shop.example", b"shop.example:80", b"shop.example:65535", b"shop.example:0", b"[::1]",
    b"[::1]:80", b"[2001:db8::1]:443", b"10.0.0.1", b"10.0.0.1:8080", b"localhost", b"a_b.example",
    b"xn--bcher-kva.example", b"sh%6fp.example", b"SHOP.Example", b"shop.example.",
    b"a-b.c~d!e$f&g'h(i)j*k+l;m=n"])
def test_e42_a_wellformed_host_goes_on_as_it_came(edge, host):
    edge.forwards(request(host=host))


@everywhere
@pytest.mark.parametrize("host", [
    b"shop example", b"shop.example evil", b"a,b", b"a, b", b"shop.example/", b"shop.example/x",
    b"user@shop.example", b"@shop.example", b"shop.example?x", b"shop.example#x", b"sh\x00op",
    b"sh\x01op", b"shop.example:", b"sh%20op", b"sh%00op", b"sh%2fop", b"sh%40op",
    b"shop.example:65536", b"shop.example:99999", b"shop.example:80:80", b"shop.example:x",
    b"shop.example:-1", b"shop.example:+80", b"shop.example: 80", b":80", b"[::1", b"::1]", b"::1",
    b"[::1]x", b"[::1]80", b"[]", b"[zz::1]", b"[1.2.3.4]", b"sh\\op", b"sh<op", b'"shop"',
    b"sh%op", b"sh%2", b"sh%zzop", b"sh\xc3\xbcp", b"\xff", b"http://shop.example", b"{shop}",
    b"sh|op", b"sh^op", b"sh`op", b"shop.example:4294967376"])
def test_e42_a_malformed_host_is_refused(edge, host):
    edge.refuses(request(host=host), 400)


@everywhere
@pytest.mark.parametrize("host", [b"", b" ", b"\t \t"])
def test_e43_an_empty_host_is_refused(edge, host):
    edge.refuses(request(host=host), 400)


@pytest.fixture(scope="module")
def houses(tmp_path_factory, carrier):
    """Routes by host: shop.example, every name under wild.example, and the rest."""
    named, wild, rest = RawOrigin(), RawOrigin(), RawOrigin()

    def pool(origin):
        return {"servers": {"a": origin.address}, "affinity": []}
    hawser = Hawser(tmp_path_factory.mktemp("hosts"), {
        "listeners": {"web": {"forwarded-for": "off"}},
        "pools": {"named": pool(named), "wild": pool(wild), "rest": pool(rest)},
        "routes": [{"host": "shop.example", "pool": "named"},
                   {"host": "*.wild.example", "pool": "wild"}, {"pool": "rest"}]}, carrier)
    yield hawser, named, wild, rest
    hawser.stop()


def test_e43_http_1_0_without_host_is_served_by_routes_without_one(houses):
    hawser, named, wild, rest = houses
    for each in (named, wild, rest):
        each.forget()
    assert hawser.ask(request(b"GET / HTTP/1.0", host=None)).status == 200
    (seen,) = rest.requests
    assert seen.value("Host"), "forwarded with a Host of ours"
    assert named.received == wild.received == b""


@everywhere
@pytest.mark.parametrize("host,place", [
    (b"shop.example", 0), (b"SHOP.EXAMPLE", 0), (b"Shop.Example.", 0), (b"shop.example:80", 0),
    (b"shop.example.:80", 0), (b"a.wild.example", 1), (b"A.B.WILD.example.", 1), (b"wild.example",
    2),
    (b"xwild.example", 2), (b"shop.example..", 2), (b"shop.example.evil", 2), (b"xshop.example", 2),
    (b"shop.example:81", 0)])
def test_e44_hosts_are_compared_without_case_dot_and_port_and_forwarded_as_received(houses, host,
place):
    hawser, *origins = houses
    for each in origins:
        each.forget()
    assert hawser.ask(request(host=host)).status == 200
    assert [each.received.replace(b"host:", b"Host:") for each in origins] == [
        request(host=host) if i == place else b"" for i in range(3)]
