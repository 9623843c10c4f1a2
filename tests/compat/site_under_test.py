# SPDX-License-Identifier: Apache-2.0
"""An application around a session library, its store, its visitors, and a gate to hold them at."""

import copy
import fnmatch
import json
import os
import pathlib
import signal
import socket
import subprocess
import urllib.error
import urllib.request
from http.cookiejar import CookieJar

from harness import ROOT, free_port, wait_for
from libraries import LIFETIME, Library
from processes import accepts
from session_stores import redis_cli

HERE = pathlib.Path(__file__).parent
BUILT = ROOT / "build" / "compat"


class Gate:
    """Requests wait at it, each by a connection, until it opens."""

    def __enter__(self) -> "Gate":
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.socket.settimeout(20)
        self.port = self.socket.getsockname()[1]
        self.waiting: list[socket.socket] = []
        return self

    def wait_for(self, count: int) -> None:
        while len(self.waiting) < count:
            self.waiting.append(self.socket.accept()[0])

    def open(self) -> None:
        for each in self.waiting:
            each.sendall(b"!")

    def __exit__(self, *_) -> None:
        for each in [*self.waiting, self.socket]:
            each.close()


class Visitor:
    """A browser: it keeps cookies."""

    def __init__(self, site: "Site"):
        self.site = site
        self.jar = CookieJar()

    def copy(self) -> "Visitor":
        """Another one with the same cookies."""
        twin = Visitor(self.site)
        for each in self.jar:
            twin.jar.set_cookie(copy.copy(each))
        return twin

    def carries(self) -> dict[str, str]:
        return {each.name: each.value for each in self.jar}

    def ask(self, path: str, any_status: bool = False) -> str:
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}),
                                             urllib.request.HTTPCookieProcessor(self.jar))
        try:
            with opener.open(f"http://127.0.0.1:{self.site.port}{path}", timeout=30) as told:
                return told.read().decode()
        except urllib.error.HTTPError as refused:
            text = refused.read().decode(errors="replace")
            assert any_status, f"{path}: {refused.code} {text}\n{self.site.log()}"
            return text

    def json(self, path: str):
        return json.loads(self.ask(path))

    def items(self) -> list[str]:
        return self.json("/items")

    def add(self, item: str, gate: Gate | None = None) -> list[str]:
        return self.json(f"/add?item={item}" + (f"&gate={gate.port}" if gate else ""))


class Site:
    """The processes of one library's application, with their sessions in `store`."""

    def __init__(self, library: Library, store, folder: pathlib.Path):
        self.tested, self.store = library, store
        self.output = folder / "application.log"
        self.port = free_port()
        self.process: subprocess.Popen | None = None

    def start(self) -> None:
        words = [each.format(port=self.port, built=BUILT) for each in self.tested.start]
        environment = os.environ | self.tested.environment | {
            "PORT": str(self.port), "STORE_PORT": str(self.store.port), "LIFETIME": str(LIFETIME),
            "PHP_CLI_SERVER_WORKERS": "8", "PYTHONDONTWRITEBYTECODE": "1", "RACK_ENV": "production"}
        with self.output.open("ab") as output:
            self.process = subprocess.Popen(
                words, cwd=HERE / self.tested.folder, env=environment, stdin=subprocess.DEVNULL,
                stdout=output, stderr=output, start_new_session=True)
        wait_for(self.listens, f"{self.tested.name} listens", 120)

    def listens(self) -> bool:
        assert self.process.poll() is None, self.log()
        return accepts(self.port)

    def kill(self) -> None:
        """kill -9, its workers too."""
        if self.process is None or self.process.returncode is not None:
            return
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        wait_for(lambda: not accepts(self.port), "nobody listens")

    def kill_and_start_again(self) -> None:
        self.kill()
        self.start()

    def log(self) -> str:
        return self.output.read_text(errors="replace")[-4000:]

    def visitor(self) -> Visitor:
        return Visitor(self)

    def begin(self) -> tuple[Visitor, str]:
        """A visitor with an item, and the record that this made."""
        before = self.sessions()
        visitor = self.visitor()
        assert visitor.add("tea") == ["tea"]
        (key,) = self.sessions() - before
        return visitor, key

    def records(self) -> set[str]:
        return set(redis_cli(self.store.port, "--scan").split("\n")) - {""}

    def sessions(self) -> set[str]:
        locks = self.tested.namespace.get("lock-keys", [])
        return {each for each in self.records() if fnmatch.fnmatchcase(each, self.tested.keys)
                and not any(fnmatch.fnmatchcase(each, lock) for lock in locks)}

    def ttl(self, key: str) -> int:
        return int(redis_cli(self.store.port, "ttl", key))
