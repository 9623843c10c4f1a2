# SPDX-License-Identifier: Apache-2.0
"""Debian's HAProxy and nginx in the place of a Hawser, for what tools/edge_peers.py compares.

EDGE_SUBJECT names one of them. What a peer cannot be asked (its log, a setting that it has not)
skips the test: not comparable. Both are configured as their manuals advise for a front end.
"""

import os
import pathlib
import subprocess

import pytest

from harness import Hawser, RawClient, free_port, wait_for
from messages import Answer
from processes import own_user

SUBJECT = os.environ.get("EDGE_SUBJECT", "hawser")
PATIENCE = 2.0  # seconds; a peer that fails a test often does so by keeping silent
LISTENER_KEYS = {"forwarded-for", "timeouts"}
POOL_KEYS = {"servers", "affinity", "health", "retries", "timeouts"}


def subject_of(folder: pathlib.Path, settings: dict, carrier: str):
    if SUBJECT == "hawser":
        return Hawser(folder, settings, carrier)
    return {"haproxy": HAProxy, "nginx": Nginx}[SUBJECT](folder, settings)


class Peer:
    """One process before one server, with the timeouts of a Hawser's settings."""

    def __init__(self, folder: pathlib.Path, settings: dict):
        listener, pool = settings["listeners"]["web"], settings["pools"]["shop"]
        if (set(listener) - LISTENER_KEYS or set(pool) - POOL_KEYS or len(settings) > 3
                or settings["routes"] != [{"pool": "shop"}]
                or listener.get("forwarded-for") != "off" or pool.get("affinity")):
            pytest.skip("not comparable: settings of ours")
        self.folder, self.port = folder, free_port()
        (server,) = pool["servers"].values()
        client = {"head": "10s", "body": "60s", "idle": "60s", "write": "60s"}
        waits = {"connect": "5s", "response": "60s", "body": "60s"}
        path = folder / "peer.conf"
        path.write_text(self.configuration(server, client | listener.get("timeouts", {}),
                                           waits | pool.get("timeouts", {}), pool.get("retries",
                                                                                      2)))
        self.process = subprocess.Popen(self.command(path), stdin=subprocess.DEVNULL,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_for(self._accepts, "the peer accepts connections")

    def connect(self) -> RawClient:
        return RawClient(self.port, PATIENCE)

    def ask(self, request: bytes) -> Answer:
        with self.connect() as client:
            return client.send(request).read_answer()

    def assert_alive(self) -> None:
        assert self.process.poll() is None

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait()

    def __getattr__(self, name: str):
        pytest.skip(f"not comparable: {name} of ours")

    def _accepts(self) -> bool:
        try:
            RawClient(self.port, PATIENCE).close()
            return True
        except OSError:
            return False


class HAProxy(Peer):
    @staticmethod
    def command(path: pathlib.Path) -> list[str]:
        return ["/usr/sbin/haproxy", "-db", "-f", str(path)]

    def configuration(self, server: str, client: dict, waits: dict, retries: int) -> str:
        return f"""
global
    maxconn 2000
    nbthread 1
defaults
    mode http
    retries {retries}
    timeout http-request {client["head"]}
    timeout http-keep-alive {client["idle"]}
    timeout client {client["body"]}
    timeout connect {waits["connect"]}
    timeout server {waits["response"]}
    timeout tunnel 1h
listen web
    bind 127.0.0.1:{self.port}
    server a {server}
"""


class Nginx(Peer):
    @staticmethod
    def command(path: pathlib.Path) -> list[str]:
        return ["/usr/sbin/nginx", "-p", str(path.parent), "-c", str(path)]

    def configuration(self, server: str, client: dict, waits: dict, retries: int) -> str:
        folder = self.folder
        return f"""
daemon off; worker_processes 1; {own_user()} pid {folder}/nginx.pid; error_log {folder}/nginx.log;
events {{ worker_connections 2000; }}
http {{
    access_log off; client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
    client_header_timeout {client["head"]}; client_body_timeout {client["body"]};
    keepalive_timeout {client["idle"]}; send_timeout {client["write"]};
    client_max_body_size 0; proxy_request_buffering off; proxy_http_version 1.1;
    proxy_connect_timeout {waits["connect"]}; proxy_read_timeout {waits["response"]};
    {"proxy_next_upstream off;" if not retries else ""}
    map $http_upgrade $wanted {{ default ""; websocket upgrade; }}
    upstream shop {{ server {server} max_fails=0; keepalive 16; }}
    server {{
        listen 127.0.0.1:{self.port};
        location / {{
            proxy_pass http://shop; proxy_set_header Host $http_host;
            proxy_set_header Connection $wanted; proxy_set_header Upgrade $http_upgrade;
        }}
    }}
}}
"""
