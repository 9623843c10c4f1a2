# SPDX-License-Identifier: Apache-2.0
"""Hawser as the subject: two workers, and health checks as quick as its neighbours'."""

import json
import pathlib
import re
import subprocess
from collections import defaultdict

import harness
from operators import AdminEndpoint, command
from orphans import Orphan, adopt_orphans
from subject import DRAIN_DEADLINE, Figures, Subject

POOL = "shop"
MOVES = re.compile(r'hawser_session_moves_total\{pool="shop",cause="([^"]*)"\}')


class Hawser(AdminEndpoint, Subject):
    title = "Hawser"
    writes_sessions = True
    leaves = 12.0
    pool: dict = {
        "health": {"http": {"path": "/healthz"}, "interval": "1s", "timeout": "2s", "rise": 1,
                   "fall": 2, "passive": {"out-for": "1s", "out-for-at-most": "2s"}},
        "drain": {"deadline": f"{DRAIN_DEADLINE:.0f}s", "cut-within": "500ms"}}

    def __init__(self, folder: pathlib.Path, addresses: dict[str, str]):
        adopt_orphans()
        self.admin_port = harness.free_port()
        self.node = harness.Hawser(folder, {
            "workers": 2,
            "listeners": {"web": {}},
            "pools": {POOL: {"servers": dict(addresses)} | self.pool},
            "routes": [{"pool": POOL}],
            "admin": {"bind": f"127.0.0.1:{self.admin_port}"},
            "debug-header": "Hawser-Verdict",
            "stop-timeout": "10s",
            # As long as a user thinks that sends a last request over a connection it has kept.
            "upgrade-timeout": "10s",
        })
        self.port = self.h2_port = self.node.port
        self.addresses = addresses

    @property
    def started(self) -> float:
        return self.node.started

    def change_servers(self, addresses: dict[str, str]) -> None:
        self.addresses = addresses
        self.node.settings["pools"][POOL]["servers"] = dict(addresses)
        self._read_again()

    def set_state(self, server: str, state: str) -> None:
        self._order(state, f"{POOL}/{server}")

    def drain(self, server: str) -> None:
        self._order("drain", f"{POOL}/{server}", "--deadline", "1h")

    def begin_to_empty(self, server: str) -> None:
        self._order("drain", f"{POOL}/{server}")

    def _order(self, *arguments: str) -> None:
        told = command(*arguments, "--admin", f"127.0.0.1:{self.admin_port}")
        assert told.returncode == 0, told

    def wait_until_empty(self, server: str) -> None:
        harness.wait_for(lambda: self._server(server)["state"] == "drained", f"{server} is empty",
                         3 * DRAIN_DEADLINE)

    def _servers(self) -> list[dict]:
        return next(each["servers"] for each in self.status()["pools"] if each["name"] == POOL)

    def _server(self, name: str) -> dict:
        return next(each for each in self._servers() if each["name"] == name)

    def reload(self) -> None:
        """A pool and its route come, or go."""
        pools, routes = self.node.settings["pools"], self.node.settings["routes"]
        if pools.pop("other", None):
            routes.pop()
        else:
            pools["other"] = {"servers": {"x": next(iter(self.addresses.values()))}}
            routes.append({"host": "other.example", "pool": "other"})
        self._read_again()

    def _read_again(self) -> None:
        self.node.write_settings()
        told = self.act("/v1/reload")
        assert told.status == 200, told

    def restart(self) -> None:
        self.node.stop_and_start_again()

    def crash(self) -> None:
        self.node.kill_and_start_again()

    def upgrade(self) -> None:
        former = self.node.process
        self._order("upgrade")
        self.node.process = Orphan(self.upgrade_state()["pid"])
        assert former.wait(2 * self.leaves) == 0

    def figures(self) -> Figures:
        servers = self._servers()
        metrics = self.metrics()
        moves: dict[str, int] = defaultdict(int)
        for series, value in metrics.items():
            if found := MOVES.fullmatch(series):
                moves[found[1]] += int(value)
        return Figures(
            sessions={each["name"]: sum(each["sessions"].values()) for each in servers},
            moves=dict(moves),
            sockets=int(metrics.get(f'hawser_websocket_connections{{pool="{POOL}"}}', 0)),
            detours=sum(json.loads(line)["attempts"] - 1
                        for line in self._log_lines('"verdict":"moved"')))

    def lines_of(self, asked: str) -> list[str]:
        return self._log_lines(json.dumps(asked))

    def _log_lines(self, text: str) -> list[str]:
        found = subprocess.run(["grep", "-F", text, str(self.node.access_path)],
                               capture_output=True, text=True, check=False)
        return found.stdout.splitlines()

    def stop(self) -> None:
        self.node.stop()
