# SPDX-License-Identifier: Apache-2.0
"""E37 where routes match on paths: what is matched is what a server will understand."""

import pytest

from edge import request
from harness import Hawser, RawOrigin


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    """`/admin` has a server of its own; all else goes to the shop."""
    shop, admin = RawOrigin(), RawOrigin()
    hawser = Hawser(tmp_path_factory.mktemp("paths"), {
        "listeners": {"web": {"forwarded-for": "off"}},
        "pools": {"shop": {"servers": {"a": shop.address}, "affinity": []},
                  "admin": {"servers": {"a": admin.address}, "affinity": []}},
        "routes": [{"pool": "shop"}, {"path": "/admin/", "pool": "admin"},
                   {"path": "=/exact", "pool": "admin"}]})
    yield hawser, shop, admin
    hawser.stop()


@pytest.mark.parametrize("target", [
    b"/admin/x", b"/admin", b"//admin/x", b"/%61dmin/x", b"/x/../admin/", b"/./admin/",
    b"/admin/../admin/x", b"/x/%2e%2e/admin/", b"/%2e/admin/x", b"///admin//x", b"/admin?x",
    b"/admin/..%2fx", b"/exact", b"/%65xact", b"/x/..//exact", b"/admin/%zz"])
def test_e37_every_spelling_of_a_path_finds_its_route(house, target):
    hawser, shop, admin = house
    shop.forget(), admin.forget()
    line = b"GET " + target + b" HTTP/1.1"
    assert hawser.ask(request(line)).status == 200
    assert admin.received == request(line) and shop.received == b""


@pytest.mark.parametrize("target", [b"/", b"/adminx", b"/admi", b"/admin/../x", b"/Admin/",
                                    b"/x/admin/", b"/admin%2fx", b"/exact/", b"/?/admin/",
                                    b"/admin/%2e%2e/x"])
def test_e37_other_paths_do_not(house, target):
    hawser, shop, admin = house
    shop.forget(), admin.forget()
    line = b"GET " + target + b" HTTP/1.1"
    assert hawser.ask(request(line)).status == 200
    assert shop.received == request(line) and admin.received == b""


@pytest.mark.parametrize("target", [b"/..", b"/../admin/", b"/a/../../admin/", b"/%2e%2e/admin/",
                                    b"/admin/%00", b"/%00", b"/a/..//../x", b"/a/.%2e/%2e./x"])
def test_e37_a_path_above_the_root_or_with_nul_is_refused(house, target):
    hawser, shop, admin = house
    shop.forget(), admin.forget()
    answered = hawser.ask(request(b"GET " + target + b" HTTP/1.1"))
    assert answered.status == 400 and answered.value("Connection") == "close"
    assert shop.received == admin.received == b""
