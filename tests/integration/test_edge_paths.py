# SPDX-License-Identifier: Apache-2.0
"""E37 where routes match on paths: what is matched is what a server will understand.

And what becomes of a request that no route matches.
"""

import pytest

from carriers import everywhere
from edge import SMUGGLED, Edge, request
from harness import Hawser, RawOrigin

OVER = ("clear", "tls")


@pytest.fixture(scope="module")
def house(tmp_path_factory, carrier):
    """`/admin` has a server of its own; all else goes to the shop."""
    shop, admin = RawOrigin(), RawOrigin()
    hawser = Hawser(tmp_path_factory.mktemp("paths"), {
        "listeners": {"web": {"forwarded-for": "off"}},
        "pools": {"shop": {"servers": {"a": shop.address}, "affinity": []},
                  "admin": {"servers": {"a": admin.address}, "affinity": []}},
        "routes": [{"pool": "shop"}, {"path": "/admin/", "pool": "admin"},
                   {"path": "=/exact", "pool": "admin"}]}, carrier)
    yield hawser, shop, admin
    hawser.stop()


@everywhere
@pytest.mark.parametrize("target", [
    b"/admin/x", b"/admin", b"//admin/x", b"/%61dmin/x", b"/x/../admin/", b"/./admin/",
    b"/admin/../admin/x", b"/x/%2e%2e/admin/", b"/%2e/admin/x", b"///admin//x", b"/admin?x",
    b"/admin/..%2fx", b"/exact", b"/%65xact", b"/x/..//exact", b"/admin/%zz"])
def test_e37_every_spelling_of_a_path_finds_its_route(house, target):
    hawser, shop, admin = house
    shop.forget(), admin.forget()
    line = b"GET " + target + b" HTTP/1.1"
    assert hawser.ask(request(line)).status == 200
    assert admin.received.replace(b"host:", b"Host:") == request(line) and shop.received == b""


@everywhere
@pytest.mark.parametrize("target", [b"/", b"/adminx", b"/admi", b"/admin/../x", b"/Admin/",
                                    b"/x/admin/", b"/admin%2fx", b"/exact/", b"/?/admin/",
                                    b"/admin/%2e%2e/x"])
def test_e37_other_paths_do_not(house, target):
    hawser, shop, admin = house
    shop.forget(), admin.forget()
    line = b"GET " + target + b" HTTP/1.1"
    assert hawser.ask(request(line)).status == 200
    assert shop.received.replace(b"host:", b"Host:") == request(line) and admin.received == b""


@everywhere
@pytest.mark.parametrize("target", [b"/..", b"/../admin/", b"/a/../../admin/", b"/%2e%2e/admin/",
                                    b"/admin/%00", b"/%00", b"/a/..//../x", b"/a/.%2e/%2e./x"])
def test_e37_a_path_above_the_root_or_with_nul_is_refused(house, target):
    hawser, shop, admin = house
    shop.forget(), admin.forget()
    answered = hawser.ask(request(b"GET " + target + b" HTTP/1.1"))
    assert answered.status == 400
    assert answered.value("Connection") == "close" or hawser.carrier == "h2"
    assert shop.received == admin.received == b""


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory, carrier):
    """Serves one path only."""
    made = Edge(tmp_path_factory.mktemp("elsewhere"), carrier=carrier, route={"path": "/sentinel/"})
    yield made
    made.stop()


HIDDEN = request(b"GET /sentinel/ HTTP/1.1")


@pytest.mark.parametrize("fields,body", [
    ((b"Content-Length: %d" % len(HIDDEN),), HIDDEN), ((b"Content-Length: 9",), b""),
    ((b"Transfer-Encoding: chunked",), b"0\r\n\r\n")])
def test_e17_a_body_that_no_route_wants_is_never_the_next_request(elsewhere, fields, body):
    elsewhere.origin.forget()
    with elsewhere.connect() as client:
        client.send(request(b"POST /nowhere HTTP/1.1", *fields, body=body) + SMUGGLED)
        assert client.read_answer().status == 404
        assert client.read_to_end() == b""
    elsewhere.saw_nothing()


def test_e28_a_404_in_a_pipeline_does_not_end_it(elsewhere):
    with elsewhere.connect() as client:
        client.send(request() + request(b"GET /sentinel/x HTTP/1.1") + request())
        assert [client.read_answer().status for _ in range(3)] == [404, 200, 404]
