# SPDX-License-Identifier: Apache-2.0
"""Sessions of Tomcat and of PHP, by the cookies and paths in which these carry them."""

import collections
import re
import urllib.request
from http.cookiejar import CookieJar
from typing import NamedTuple

import pytest

from fleet import Fleet
from processes import Php, Tomcat


class Page(NamedTuple):
    """What the programs tell of the session."""

    items: str
    name: str
    id: str
    process: str
    next: str

    @staticmethod
    def of(text: str) -> "Page":
        told = dict(word.split("=", 1) for word in text.split())
        return Page(*(told.get(each, "") for each in Page._fields))


class Site:
    """A fleet, and visitors by name who keep cookies as browsers do."""

    def __init__(self, folder, servers: dict, **pool):
        self.fleet = Fleet(folder, "", workers=2, pool={"balance": "round-robin"} | pool,
                           servers={name: each.address for name, each in servers.items()})
        self.jars: dict[str, CookieJar] = collections.defaultdict(CookieJar)

    def ask(self, path: str, visitor: str = "") -> Page:
        """Without a name: by somebody who keeps none."""
        jar = self.jars[visitor] if visitor else CookieJar()
        opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
        with opener.open(f"http://127.0.0.1:{self.fleet.hawser.port}{path}") as told:
            return Page.of(told.read().decode())

    def __enter__(self) -> "Site":
        return self

    def __exit__(self, *_) -> None:
        self.fleet.stop()


# ---- Tomcat -----------------------------------------------------------------------------------

@pytest.fixture(scope="module")
def tomcats(tmp_path_factory):
    made = {route: Tomcat(tmp_path_factory.mktemp(route), route) for route in ("node1", "node2")}
    yield made
    for each in made.values():
        each.stop()


SERVLETS = [{"application-cookie": "JSESSIONID"}, {"path-parameter": "jsessionid"}]


def test_tomcats_sessions_stay_through_a_login_by_their_cookie(tomcats, tmp_path):
    with Site(tmp_path, tomcats, affinity=SERVLETS) as site:
        processes = set()
        for visitor in ("ann", "bob", "cy", "dee"):
            first = site.ask("/cart.jsp?item=a", visitor)
            assert site.ask("/cart.jsp?item=b", visitor).items == "ab"
            changed = site.ask(f"/login.jsp?name={visitor}", visitor)
            assert changed.id != first.id
            for _ in range(4):
                told = site.ask("/cart.jsp", visitor)
                assert (told.items, told.name, told.id) == ("ab", visitor, changed.id)
                assert told.process == first.process
            processes.add(told.process)
        assert len(processes) == 2


def test_tomcats_sessions_stay_through_a_login_by_their_path(tomcats, tmp_path):
    """A client without cookies follows the links that Tomcat writes."""
    with Site(tmp_path, tomcats, affinity=SERVLETS) as site:
        for name in ("ann", "bob", "cy", "dee"):
            first = site.ask("/cart.jsp?item=a")
            assert re.fullmatch(r"/cart\.jsp;jsessionid=[0-9A-F]+\.node[12]", first.next)
            assert site.ask(f"{first.next}?item=b").items == "ab"
            login = first.next.replace("/cart.jsp", "/login.jsp") + f"?name={name}"
            changed = site.ask(login)
            assert changed.id != first.id and changed.id in changed.next
            for _ in range(4):
                told = site.ask(changed.next)
                assert (told.items, told.name, told.process) == ("ab", name, first.process)


def test_tomcats_sessions_are_found_by_both_at_once(tomcats, tmp_path):
    with Site(tmp_path, tomcats, affinity=SERVLETS) as site:
        for visitor in ("ann", "bob"):
            first = site.ask("/cart.jsp?item=a", visitor)
            assert site.ask(first.next + "?item=b").items == "ab", "the path, without the cookie"
            assert site.ask("/cart.jsp", visitor).items == "ab", "the cookie, without the path"


def test_a_restarted_balancer_follows_the_route_of_tomcats_ids(tomcats, tmp_path):
    routes = [{"application-cookie": {"name": "JSESSIONID", "carrier": "route"}}]
    with Site(tmp_path, tomcats, affinity=routes) as site:
        before = {visitor: site.ask("/cart.jsp?item=a", visitor) for visitor in ("ann", "bob", "cy")}
        site.fleet.hawser.kill_and_start_again()
        assert not (tmp_path / "state" / "snapshot").exists(), "it could not write anything down"
        for visitor, told in before.items():
            assert site.ask("/cart.jsp", visitor)[:4] == told[:4]


# ---- PHP --------------------------------------------------------------------------------------

@pytest.fixture(scope="module")
def php(tmp_path_factory):
    folder = tmp_path_factory.mktemp("php")
    made = {name: Php(folder / name) for name in ("p1", "p2", "p3")}
    yield made
    for each in made.values():
        each.stop()


@pytest.mark.parametrize("carrier", ["learn", "shadow"])
def test_sessions_of_php_stay_through_a_login_and_end_with_a_logout(php, tmp_path, carrier):
    by = [{"application-cookie": {"name": "PHPSESSID", "carrier": carrier}}]
    with Site(tmp_path, php, affinity=by) as site:
        for visitor in ("ann", "bob", "cy"):
            first = site.ask("/cart.php?item=a", visitor)
            assert site.ask("/cart.php?item=b", visitor).items == "ab"
            site.ask(f"/cart.php?name={visitor}", visitor)
            for _ in range(4):
                told = site.ask("/cart.php", visitor)
                assert (told.items, told.name) == ("ab", visitor)
                assert told.id != first.id and told.process == first.process
            site.ask("/cart.php?logout", visitor)
            assert len(site.jars[visitor]) == 0, "neither the application's cookie nor its shadow"
            assert site.ask("/cart.php", visitor).items == ""
