# SPDX-License-Identifier: Apache-2.0
"""Many sessions go from one process to the next, while others begin (E176).

HAWSER_UPGRADE_SESSIONS says how many; `-s` shows how long it took, and what requests felt of it.
"""

import os
import pathlib
import re
import threading
import time

import pytest

from processes import Nginx
from raw_client import RawClient
from upgrades import upgradable  # noqa: F401  (a fixture)

COUNT = int(os.environ.get("HAWSER_UPGRADE_SESSIONS", "5000"))
AT_ONCE = 100
FROM_ONE_ADDRESS = 500
BODY = re.compile(rb"\r\n\r\n([ab])")


def request_of(user: str) -> bytes:
    return f"GET / HTTP/1.1\r\nHost: shop.example\r\nX-User: {user}\r\n\r\n".encode()


def homes_of(client: RawClient, users: list[str]) -> list[bytes]:
    """Who answered each of them, asked one behind the other over one connection."""
    homes: list[bytes] = []
    for begin in range(0, len(users), AT_ONCE):
        some = users[begin:begin + AT_ONCE]
        client.send(b"".join(map(request_of, some)))
        got = b""
        while len(found := BODY.findall(got)) < len(some):
            more = client.socket.recv(1 << 16)
            assert more, f"ended after {len(homes) + len(found)} answers"
            got += more
        homes += found
    return homes


def connect(node, number: int) -> RawClient:
    """From an address of its own: one address may begin but so many sessions at once."""
    source = f"127.1.{number // 250}.{1 + number % 250}"
    return RawClient(node.hawser.port, source=source)


def settle(node, users: list[str]) -> list[bytes]:
    """Begins their sessions: each is established by a second request, soon after its first."""
    homes: list[bytes] = []
    for begin in range(0, len(users), FROM_ONE_ADDRESS):
        some = users[begin:begin + FROM_ONE_ADDRESS]
        with connect(node, begin // FROM_ONE_ADDRESS) as client:
            first = homes_of(client, some)
            assert homes_of(client, some) == first
        homes += first
    return homes


class Newcomers:
    """One after the other, each a session that nobody knew, until the end of the block."""

    def __init__(self, node):
        self.node = node
        self.homes: dict[str, bytes] = {}
        self.times: list[float] = []
        self.failures: list[str] = []
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._come)

    def _come(self) -> None:
        client = self.node.connect()
        while not self._over.is_set():
            number = len(self.homes)
            if number % FROM_ONE_ADDRESS == 0:
                client.close()
                client = connect(self.node, 20_000 + number // FROM_ONE_ADDRESS)
            user = f"new-{number}"
            for _ in range(2):
                began = time.monotonic()
                told = client.send(request_of(user)).read_answer()
                self.times.append(time.monotonic() - began)
                home = self.homes.setdefault(user, told.body)
                if told.status != 200 or told.body != home:
                    self.failures.append(f"{user}: {told.status} by {told.body}, before {home}")
                if told.value("Connection") == "close":
                    client.close()
                    client = connect(self.node, 20_000 + number // FROM_ONE_ADDRESS)
        client.close()

    def __enter__(self) -> "Newcomers":
        self._thread.start()
        return self

    def __exit__(self, *_) -> None:
        self._over.set()
        self._thread.join()


@pytest.fixture
def servers(tmp_path):
    made = {}
    for name in "ab":
        folder = tmp_path / f"nginx-{name}"
        folder.mkdir()
        made[name] = Nginx(folder, folder, f"location / {{ return 200 {name}; }}")
    yield {name: each.address for name, each in made.items()}
    for each in made.values():
        each.stop()


def resident(pid: int) -> int:
    """MiB."""
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+)", status).group(1)) // 1024


def test_every_one_of_many_sessions_is_known_to_the_next_process(upgradable, servers):  # noqa: F811
    room = {"capacity": 2 * COUNT + 100_000, "tentative-capacity": 2 * COUNT + 100_000}
    node = upgradable("", servers=servers, workers=2, sessions=room,
                      pool={"affinity": [{"header": {"name": "X-User", "learn": False}}]})
    users = [f"user-{number}" for number in range(COUNT)]
    before = settle(node, users)
    assert set(before) == {b"a", b"b"}

    node.hawser.settings["workers"] = 3
    node.hawser.write_settings()
    with Newcomers(node) as newcomers:
        began = time.monotonic()
        node.upgrade()
        took = time.monotonic() - began
        held = [resident(pid) for pid in node.pids]
        node.wait_for_end_of(node.pids[0])
    assert newcomers.failures == []

    with node.connect() as client:
        assert homes_of(client, users) == before
        assert homes_of(client, list(newcomers.homes)) == list(newcomers.homes.values())
    assert sum(node.sessions_of(name) for name in "ab") == COUNT + len(newcomers.homes)
    assert node.status()["workers"] == 3
    times = sorted(newcomers.times)
    print(f"\n{COUNT} sessions, {took:.2f} s until the new process serves; of {len(times)} requests "
          f"meanwhile the longest took {1000 * times[-1]:.1f} ms, one of a hundred "
          f"{1000 * times[len(times) * 99 // 100]:.1f}; {held[0]} and {held[1]} MiB")
