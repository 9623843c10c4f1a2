# SPDX-License-Identifier: Apache-2.0
"""What every library is asked, in the same words, on Hawser and on redis-server.

A promise is a function of a `Site`. It asserts what must hold anywhere, and returns "yes", or in a
word how it is otherwise: where libraries differ by their nature, or redis-server does not keep it.
"""

from concurrent.futures import ThreadPoolExecutor

from harness import wait_for
from libraries import LIFETIME
from session_stores import redis_cli
from site_under_test import Gate, Site

AT_ONCE = 4


def begins(site: Site) -> str:
    """a first change makes one record, which the next request reads"""
    visitor, _ = site.begin()
    assert visitor.items() == ["tea"]
    assert site.visitor().items() == [], "somebody else's"
    return "yes"


def changes(site: Site) -> str:
    """a change is read by the next request"""
    visitor, key = site.begin()
    assert visitor.add("milk") == ["tea", "milk"]
    assert visitor.items() == ["tea", "milk"]
    assert key in site.sessions()
    return "yes"


def survives(site: Site) -> str:
    """kill -9 of the application's process loses nothing"""
    visitor, _ = site.begin()
    site.kill_and_start_again()
    assert visitor.items() == ["tea"]
    assert visitor.add("milk") == ["tea", "milk"]
    return "yes"


def lifetime(site: Site) -> str:
    """`TTL` tells what the application said"""
    _, key = site.begin()
    more = site.ttl(key) - LIFETIME
    assert -20 <= more <= 0 or 280 <= more <= 300, more
    return "yes" if more <= 0 else "5 min more"


def touch(site: Site) -> str:
    """a request that only reads puts the end off"""
    visitor, key = site.begin()
    redis_cli(site.store.port, "expire", key, str(LIFETIME // 2))
    visitor.items()
    if site.ttl(key) > LIFETIME // 2:
        return "yes"
    visitor.add("milk")
    return "by saves" if site.ttl(key) > LIFETIME // 2 else "never"


def ends(site: Site) -> str:
    """when its time is over, it is nobody's"""
    visitor, key = site.begin()
    redis_cli(site.store.port, "pexpire", key, "1")
    wait_for(lambda: key not in site.sessions(), "the session ends")
    assert visitor.items() == []
    assert visitor.add("milk") == ["milk"]
    return "yes"


def regenerates(site: Site) -> str:
    """a log-in gives a new id, and the old one is gone"""
    visitor, key = site.begin()
    before = visitor.copy()
    assert visitor.ask("/login?name=ann") == "in"
    assert visitor.ask("/me") == "ann" and visitor.items() == ["tea"]
    if visitor.carries() == before.carries():
        return "-"
    stays = key in site.sessions()  # a library may begin a new session under an old id
    assert before.ask("/me") == "nobody"
    return "the old id stays" if stays else "yes"


def logout(site: Site) -> str:
    """a log-out ends it"""
    visitor, _ = site.begin()
    visitor.ask("/login?name=ann")
    before = visitor.copy()
    assert visitor.ask("/logout") == "out"
    assert visitor.ask("/me") == "nobody" and visitor.items() == []
    assert before.ask("/me") == "nobody" and before.items() == []
    return "yes"


def logout_is_final(site: Site) -> str:
    """a slower request that changes the session does not bring it back"""
    visitor, _ = site.begin()
    visitor.ask("/login?name=ann")
    before = visitor.copy()
    with ThreadPoolExecutor() as others, Gate() as gate:
        slow = others.submit(visitor.copy().ask, f"/add?item=late&gate={gate.port}", any_status=True)
        gate.wait_for(1)
        out = others.submit(visitor.ask, "/logout")
        if not site.tested.locks:
            assert out.result() == "out"
        gate.open()
        slow.result()
        assert out.result() == "out"
    return "yes" if before.ask("/me") == "nobody" else "undone"


def parallel(site: Site) -> str:
    """requests of many sessions at once are not mixed up"""
    def shops(at: int) -> list[str]:
        visitor = site.visitor()
        for step in range(10):
            visitor.add(f"{at}-{step}")
        return visitor.items()

    with ThreadPoolExecutor(AT_ONCE) as people:
        for at, items in enumerate(people.map(shops, range(AT_ONCE))):
            assert items == [f"{at}-{step}" for step in range(10)]
    return "yes"


def crossing(site: Site) -> str:
    """of two requests that change one session at the same time none is lost"""
    visitor, _ = site.begin()
    with ThreadPoolExecutor() as others, Gate() as gate:
        first = others.submit(visitor.copy().add, "first", gate)
        gate.wait_for(1)
        second = others.submit(visitor.copy().add, "second", None)
        if not site.tested.locks:
            second.result()
        gate.open()
        first.result()
        second.result()
    left = sorted(visitor.items())
    if left == ["first", "second", "tea"]:
        return "yes"
    assert left in (["first", "tea"], ["second", "tea"]), left
    return "one lost"


def locks(site: Site) -> str:
    """by the library's lock none of many changes is lost, and no lock stays"""
    if not site.tested.locks:
        return "-"
    visitor, _ = site.begin()
    with ThreadPoolExecutor(AT_ONCE) as others:
        copies = [visitor.copy() for _ in range(3 * AT_ONCE)]
        list(others.map(lambda at: copies[at].add(str(at)), range(len(copies))))
    assert sorted(visitor.items()) == sorted(["tea", *map(str, range(len(copies)))])
    assert site.records() == site.sessions(), "a lock is left"
    return "yes"


def unknown(site: Site) -> str:
    """a command that nobody serves is an error that names it, and the client goes on"""
    visitor, _ = site.begin()
    told = visitor.ask("/command?word=NOSUCH")
    assert "unknown command" in told.lower() and "nosuch" in told.lower(), told
    assert visitor.add("milk") == ["tea", "milk"]
    return "yes"


def lists(site: Site) -> str:
    """all sessions are listed, or all of a user"""
    if site.tested.lists == "all":
        for key in site.sessions():
            redis_cli(site.store.port, "del", key)
        wanted = sorted([f"{at}"] for at in range(25))
        for (item,) in wanted:
            site.visitor().add(item)
        assert sorted(site.visitor().json("/all")) == wanted
        return "yes"
    if site.tested.lists == "user":
        people = [site.visitor() for _ in range(3)]
        for each in people:
            each.ask("/login?name=bob")
        assert site.visitor().json("/of?name=bob") == 3
        people[0].ask("/logout")
        assert site.visitor().json("/of?name=bob") == 2
        return "by user"
    return "-"


PROMISES = [begins, changes, lifetime, touch, ends, regenerates, logout, logout_is_final, parallel,
            crossing, locks, lists, unknown, survives]
