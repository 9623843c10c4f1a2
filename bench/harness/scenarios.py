# SPDX-License-Identifier: Apache-2.0
"""What is measured. `goal` is the ratio to the cheaper of HAProxy and nginx that we aim for."""

import dataclasses

from .generators import H2load, Handshakes, Wrk


@dataclasses.dataclass(frozen=True)
class Scenario:
    name: str
    title: str
    variant: str
    load: tuple
    goal: float
    asks_cookies: bool = True
    rate: int = 0  # requests a second; 0: as fast as answers come
    generator: object = None  # of load; None: our own, with `load` as its options


def all_of(rate, users):
    return [
        Scenario("sticky", f"keep-alive, affinity cookie, {users} connections", "sticky",
                 ("--users", users), 0.55),
        Scenario("plain", f"keep-alive, round robin, {users} connections", "plain",
                 ("--users", users, "--cookie", "none"), 0.55, asks_cookies=False),
        Scenario("first", "first request of a session", "sticky",
                 ("--users", users, "--cookie", "none"), 0.58, asks_cookies=False),
        Scenario("close", "connection per request", "sticky",
                 ("--users", users, "--mode", "close"), 0.88),
        Scenario("alone", "one connection alone", "sticky", ("--users", 1), 0.83),
        Scenario("rate", f"fixed {rate:,} requests a second", "sticky",
                 ("--users", users, "--rate", rate), 0.84, rate=rate),
        Scenario("16k", "16 KiB bodies", "bodies", ("--users", users, "--body", 16 << 10), 0.50),
        Scenario("1m", "1 MiB bodies", "bodies", ("--users", 16, "--body", 1 << 20), 0.72),
        Scenario("tls", f"TLS, keep-alive, {users} connections", "tls", (), 0.75,
                 asks_cookies=False, generator=Wrk(users)),
        Scenario("tls-full", "TLS, connection per request, full handshakes", "tls", (), 0.97,
                 asks_cookies=False, generator=Wrk(users, close=True)),
        Scenario("tls-resumed", "TLS, connection per request, resumed", "tls", (), 0.97,
                 asks_cookies=False, generator=Handshakes()),
        Scenario("h2", "HTTP/2 over TLS, 8 connections of 100 streams", "tls", (), 0.80,
                 asks_cookies=False, generator=H2load(8, 100)),
    ]


IDLE = "idle"  # memory, not CPU: measured apart
