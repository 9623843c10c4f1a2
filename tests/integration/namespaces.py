# SPDX-License-Identifier: Apache-2.0
"""Networks of the kernel's own namespaces, with stateful firewalls between their hosts."""

import ctypes
import os
import pathlib
import re
import subprocess
import threading
from typing import Callable, TypeVar

from harness import Hawser, binary, wait_for
from raw_client import PATIENCE, RawClient

Made = TypeVar("Made")
CLONE_NEWNET = 0x40000000


def run(*command: str, text: str | None = None) -> str:
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{' '.join(command)}: {done.stderr}"
    return done.stdout


def why_impossible() -> str:
    """Why no namespaces can be made here; empty: they can."""
    if os.geteuid() != 0:
        return "network namespaces need root"
    name = f"hw{os.getpid()}-try"
    try:
        run("ip", "netns", "add", name)
        try:
            run("ip", "netns", "exec", name, "ip", "link", "add", "name", "one", "type", "veth",
                "peer", "name", "two")
            run("ip", "netns", "exec", name, "nft", "-f", "-",
                text="table inet t {\nchain c {\ntype filter hook forward priority 0;\n"
                     "ct state established accept\n}\n}\n")
        finally:
            run("ip", "netns", "del", name)
    except (AssertionError, FileNotFoundError) as why:
        return f"no network namespaces with nftables here: {why}"
    return ""


def inside(namespace: str, make: Callable[[], Made]) -> Made:
    """What `make` returns, called there: sockets that it makes belong to that namespace."""
    made: list = []

    def enter() -> None:
        libc = ctypes.CDLL(None, use_errno=True)
        with pathlib.Path(f"/run/netns/{namespace}").open("rb") as place:
            if libc.setns(place.fileno(), CLONE_NEWNET) != 0:
                made.append(OSError(ctypes.get_errno(), "setns"))
                return
        try:
            made.append(make())
        except Exception as why:  # pylint: disable=broad-exception-caught  # raised below
            made.append(why)

    thread = threading.Thread(target=enter)
    thread.start()
    thread.join()
    if isinstance(made[0], Exception):
        raise made[0]
    return made[0]


class Street:
    """client - fw1 - balancer - fw2 - server: each pair a network of its own, 10.77.N.0/24 or
    fd77:0:0:N::/64."""

    HOSTS = ("client", "fw1", "balancer", "fw2", "server")

    def __init__(self, version: int = 4):
        self.version = version
        self.width = 24 if version == 4 else 64
        self.balancer, self.server = self.address(2, 2), self.address(4, 2)
        self.names = {host: f"hw{os.getpid()}-{host}" for host in self.HOSTS}
        made = []
        try:
            for name in self.names.values():
                run("ip", "netns", "add", name)
                made.append(name)
            self._lay()
        except BaseException:
            for name in made:
                run("ip", "netns", "del", name)
            raise

    def address(self, net: int, host: int) -> str:
        return f"10.77.{net}.{host}" if self.version == 4 else f"fd77:0:0:{net}::{host:x}"

    def network(self, net: int) -> str:
        return f"{self.address(net, 0)}/{self.width}" if self.version == 4 else f"fd77:0:0:{net}::/64"

    @property
    def everywhere(self) -> str:
        return "0.0.0.0/0" if self.version == 4 else "::/0"

    def from_(self, what: str) -> str:
        """As nftables says it."""
        return f"{'ip' if self.version == 4 else 'ip6'} saddr {what}"

    def _ip(self, host: str, *command: str) -> None:
        self.on(host, "ip", f"-{self.version}", *command)

    def add_address(self, host: str, address: str, link: str) -> None:
        self._ip(host, "addr", "add", f"{address}/{self.width}", "dev", link)

    def _lay(self) -> None:
        for host in self.HOSTS:
            self.on(host, "ip", "link", "set", "lo", "up")
            if self.version == 6:  # else addresses are of no use for a second
                for each in ("all", "default"):
                    self.on(host, "sh", "-c",
                            f"echo 0 > /proc/sys/net/ipv6/conf/{each}/accept_dad")
        links = (("client", 2, "fw1", 1), ("fw1", 1, "balancer", 2), ("balancer", 2, "fw2", 1),
                 ("fw2", 1, "server", 2))
        for net, (left, low, right, high) in enumerate(links, 1):
            self.on(left, "ip", "link", "add", "name", f"to-{right}", "type", "veth", "peer", "name",
                    f"to-{left}", "netns", self.names[right])
            for host, other, last in ((left, right, low), (right, left, high)):
                self.on(host, "ip", "link", "set", f"to-{other}", "up")
                self.add_address(host, self.address(net, last), f"to-{other}")
        for host, net, last in (("client", 1, 1), ("fw1", 2, 2), ("fw2", 3, 2), ("server", 4, 1)):
            self._ip(host, "route", "add", "default", "via", self.address(net, last))
        self._ip("balancer", "route", "add", self.network(1), "via", self.address(2, 1))
        self._ip("balancer", "route", "add", self.network(4), "via", self.address(3, 1))
        forwards = "ipv4/ip_forward" if self.version == 4 else "ipv6/conf/all/forwarding"
        for host in ("fw1", "fw2"):
            self.on(host, "sh", "-c", f"echo 1 > /proc/sys/net/{forwards}")

    def on(self, host: str, *command: str, text: str | None = None) -> str:
        return run("ip", "netns", "exec", self.names[host], *command, text=text)

    def inside(self, host: str, make: Callable[[], Made]) -> Made:
        return inside(self.names[host], make)

    def client_at(self, address: str) -> None:
        """The client's host has this address too."""
        self.add_address("client", address, "to-fw1")

    def guard(self, host: str, new: str, blocked: str = "") -> None:
        """A stateful firewall: connections may begin as `new` says, and go on; all else is dropped
        and counted. `blocked` is an address whose packets are counted apart."""
        rule = f"{self.from_(blocked)} counter name blocked drop" if blocked else ""
        self.on(host, "nft", "-f", "-", text=f"""
            table inet gate {{
                counter dropped {{ }}
                counter blocked {{ }}
                chain forward {{
                    type filter hook forward priority 0; policy drop;
                    {rule}
                    ct state invalid counter name dropped drop
                    ct state established,related accept
                    ct state new tcp flags & (fin|syn|rst|ack) == syn {new} accept
                    counter name dropped drop
                }}
            }}""")

    def counted(self, host: str, counter: str) -> int:
        """Packets."""
        told = self.on(host, "nft", "list", "counter", "inet", "gate", counter)
        return int(re.search(r"packets (\d+)", told)[1])

    def lead_replies_to_the_balancer(self) -> None:
        """As docs/clients.md says: what comes for a connection of ours is ours, whatever its
        address."""
        self.on("balancer", "nft", "-f", "-", text="""
            table inet hawser {
                chain prerouting {
                    type filter hook prerouting priority mangle;
                    meta l4proto tcp socket transparent 1 meta mark set 1
                }
            }""")
        self._ip("balancer", "rule", "add", "fwmark", "1", "lookup", "100")
        self._ip("balancer", "route", "add", "local", self.everywhere, "dev", "lo", "table", "100")
        for place in ("all", "to-fw2"):
            self.on("balancer", "sh", "-c", f"echo 0 > /proc/sys/net/ipv4/conf/{place}/rp_filter")

    def stop(self) -> None:
        for name in self.names.values():
            run("ip", "netns", "del", name)


class HawserThere(Hawser):
    """One process in a namespace, reached from another one."""

    def __init__(self, street: Street, folder: pathlib.Path, settings: dict):
        self.street = street
        super().__init__(folder, settings)

    def _start(self) -> None:
        self.process = subprocess.Popen(
            ["ip", "netns", "exec", self.street.names["balancer"], binary(), "run", "-f",
             str(self.config_path)], stdin=subprocess.DEVNULL, stdout=self._errors,
            stderr=self._errors, cwd=self.folder)
        wait_for(self._listens, "hawser listens")

    def _listens(self) -> bool:
        self.assert_alive()
        return f":{self.port} " in self.street.on("balancer", "ss", "-Hltn")

    def visit(self, source: str, patience: float = PATIENCE) -> RawClient:
        return self.street.inside(
            "client", lambda: RawClient(self.port, patience, source, self.street.balancer))
