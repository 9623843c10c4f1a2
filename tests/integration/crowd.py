# SPDX-License-Identifier: Apache-2.0
"""Clients that go on asking while something is done to the balancer, and complain of everything."""

import threading
import time

from fleet import Fleet, Visitor

POST = "POST /order HTTP/1.1"


class Crowd:
    """Each client is a visitor with a cookie, in a thread of its own. What it complains of stands in
    `failures`: a connection refused, reset or ended without a word, an answer that is not 200, an
    answer of another server than its home."""

    def __init__(self, fleet: Fleet, keep: int = 3, post: int = 3, come: int = 2):
        self.fleet = fleet
        self.failures: list[str] = []
        self.answers = 0
        self.visitors: list[Visitor] = []
        self._over = threading.Event()
        self._lock = threading.Lock()
        kinds = [self._keeps] * keep + [self._posts] * post + [self._comes] * come
        self._threads = [threading.Thread(target=self._run, args=(kind,)) for kind in kinds]

    def __enter__(self) -> "Crowd":
        for each in self._threads:
            each.start()
        self.wait_for_answers(20)
        return self

    def __exit__(self, *_) -> None:
        self._over.set()
        for each in self._threads:
            each.join()

    def wait_for_answers(self, more: int) -> None:
        """Returns once so many more have come; fails if anybody complains meanwhile."""
        wanted = self.answers + more
        end = time.monotonic() + 30
        while self.answers < wanted:
            assert not self.failures and time.monotonic() < end, self.failures[:3]
            time.sleep(0.002)

    def _run(self, kind) -> None:
        visitor = self.fleet.visitor()
        with self._lock:
            self.visitors.append(visitor)
        try:
            kind(visitor)
        except Exception as wrong:  # whatever it is, a user saw it
            self.failures.append(f"{kind.__name__}: {wrong!r}")

    def _take(self, visitor: Visitor, told) -> None:
        home = getattr(visitor, "home", told.body)
        visitor.home = told.body
        if told.status != 200 or told.body != home or not told.is_whole:
            self.failures.append(f"{told.status} {told.body!r}, at home on {home!r}")
        with self._lock:
            self.answers += 1

    def _keeps(self, visitor: Visitor, line: str = "GET / HTTP/1.1", body: bytes = b"") -> None:
        """Connects anew only when it is told to."""
        fields = [f"Content-Length: {len(body)}"] if body else []
        while not self._over.is_set():
            with self.fleet.hawser.connect() as client:
                leaves = False
                while not leaves and not self._over.is_set():
                    told = visitor.ask(line, *fields, body=body, over=client)
                    leaves = told.value("Connection") == "close"
                    self._take(visitor, told)

    def _posts(self, visitor: Visitor) -> None:
        self._keeps(visitor, POST, b"x" * 3000)

    def _comes(self, visitor: Visitor) -> None:
        while not self._over.is_set():
            self._take(visitor, visitor.ask())
