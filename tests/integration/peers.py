# SPDX-License-Identifier: Apache-2.0
"""Debian's HAProxy and nginx in the place of a Hawser, for what tools/edge_peers.py compares.

EDGE_SUBJECT names one of them, EDGE_CARRIER what clients speak by. What a peer cannot be asked (its log, a setting that it has not)
skips the test: not comparable. Both are configured as their manuals advise for a front end.
"""

import os
import pathlib
import subprocess

import pytest

import carriers
from h2_client import H2Client
from h2_messages import H2Messages
from harness import Hawser, RawClient, free_port, wait_for
from messages import Answer
from processes import own_user

SUBJECT = os.environ.get("EDGE_SUBJECT", "hawser")
CARRIER = os.environ.get("EDGE_CARRIER", "clear")  # what a peer is spoken to by
PATIENCE = 2.0  # seconds; a peer that fails a test often does so by keeping silent
LISTENER_KEYS = {"forwarded-for", "timeouts"}
POOL_KEYS = {"servers", "affinity", "health", "retries", "timeouts"}


def subject_of(folder: pathlib.Path, settings: dict, carrier: str):
    if SUBJECT == "hawser":
        return Hawser(folder, settings, carrier)
    return PEERS[SUBJECT](folder, settings, carrier)


def announced_peer(folder: pathlib.Path, server: str):
    """One that asks its clients for a PROXY header, and tells the server whom that names."""
    return PEERS[SUBJECT](folder, {
        "listeners": {"web": {"forwarded-for": "off"}}, "pools": {"shop": {"servers": {"a": server}}},
        "routes": [{"pool": "shop"}]}, "clear", is_announced=True)


class Peer:
    """One process before one server, with the timeouts of a Hawser's settings."""

    def __init__(self, folder: pathlib.Path, settings: dict, carrier: str,
                 is_announced: bool = False):
        listener, pool = settings["listeners"]["web"], settings["pools"]["shop"]
        if (set(listener) - LISTENER_KEYS or set(pool) - POOL_KEYS or len(settings) > 3
                or settings["routes"] != [{"pool": "shop"}]
                or listener.get("forwarded-for") != "off" or pool.get("affinity")):
            pytest.skip("not comparable: settings of ours")
        self.folder, self.port, self.carrier = folder, free_port(), carrier
        self.is_announced = is_announced
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
        if self.carrier == "h2":
            return H2Messages(self.connect_h2())
        return RawClient(self.port, PATIENCE)

    def connect_h2(self, **more) -> H2Client:
        made = carriers.h2_client(self.carrier, self.port, **more)
        made.socket.settimeout(PATIENCE)
        return made

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

    def speaks(self) -> str:
        words = " accept-proxy" if self.is_announced else ""
        if self.carrier != "clear":
            both = self.folder / "shop.pem"
            shop = carriers.shop().settings
            both.write_text("".join(pathlib.Path(shop[part]).read_text()
                                    for part in ("certificate", "key")))
            words += f" ssl crt {both} alpn h2,http/1.1"
        return words

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
    bind 127.0.0.1:{self.port}{self.speaks()}
    {"option forwardfor" if self.is_announced else ""}
    server a {server}
"""


class Nginx(Peer):
    @staticmethod
    def command(path: pathlib.Path) -> list[str]:
        return ["/usr/sbin/nginx", "-p", str(path.parent), "-c", str(path)]

    def configuration(self, server: str, client: dict, waits: dict, retries: int) -> str:
        folder = self.folder
        shop = carriers.shop().settings
        secured = f"ssl_certificate {shop['certificate']}; ssl_certificate_key {shop['key']};"
        announced = """set_real_ip_from 127.0.0.1; real_ip_header proxy_protocol;
            proxy_set_header X-Forwarded-For $remote_addr;"""
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
        listen 127.0.0.1:{self.port} {"proxy_protocol" if self.is_announced else ""}
            {"ssl http2" if self.carrier == "h2" else ""};
        {secured if self.carrier == "h2" else ""}
        location / {{
            {announced if self.is_announced else ""}
            proxy_pass http://shop; proxy_set_header Host $http_host;
            proxy_set_header Connection $wanted; proxy_set_header Upgrade $http_upgrade;
        }}
    }}
}}
"""


PEERS = {"haproxy": HAProxy, "nginx": Nginx}
