# SPDX-License-Identifier: Apache-2.0
"""Where applications keep their sessions: Hawser's RESP door, or Debian's redis-server."""

import pathlib
import subprocess

from harness import Hawser, free_port, wait_for
from raw_origin import RawOrigin


class HawserStore:
    """A Hawser with a RESP door. `sessions` is the whole block but the door's address."""

    name = "hawser"

    def __init__(self, folder: pathlib.Path, sessions: dict | None = None, workers: int = 2,
                 wait: bool = True, **settings):
        self.port = free_port()
        self.origin = RawOrigin()
        block = dict(sessions or {})
        block["resp"] = {"bind": f"127.0.0.1:{self.port}"} | block.get("resp", {})
        self.hawser = Hawser(folder, {
            "workers": workers, "listeners": {"web": {}}, "sessions": block,
            "pools": {"app": {"servers": {"a": f"127.0.0.1:{self.origin.port}"}}},
            "routes": [{"pool": "app"}]} | settings)
        if wait:
            self.wait_until_open()

    def wait_until_open(self) -> None:
        """What was kept is read; until then clients are told LOADING."""
        block = self.hawser.settings["sessions"]
        if block.get("store") == "memory":
            return
        spaces = block.get("namespaces") or {"default": {}}
        kept = [name for name, each in spaces.items() if each.get("durability") != "memory"
                or each.get("valuable")]
        wait_for(lambda: all(f"namespace {name}: " in self.hawser.errors() for name in kept),
                 "the store is open")

    def stop(self) -> None:
        self.hawser.assert_alive()
        self.hawser.stop()
        self.origin.stop()


class RedisStore:
    """redis-server, without a file."""

    name = "redis"

    def __init__(self, folder: pathlib.Path):
        self.port = free_port()
        self.process = subprocess.Popen(
            ["/usr/bin/redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--save", "",
             "--appendonly", "no", "--dir", str(folder)],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        wait_for(lambda: redis_cli(self.port, "ping", check=False) == "PONG", "redis answers")

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait()


def redis_cli(port: int, *arguments: str, text: str | None = None, check: bool = True) -> str:
    """What Debian's redis-cli prints; with `text`, of the commands on its standard input."""
    done = subprocess.run(["/usr/bin/redis-cli", "-p", str(port), *arguments], text=True,
                          capture_output=True, timeout=60, input=text if text is not None else "")
    assert done.returncode == 0 or not check, done.stderr
    return done.stdout.strip()
