# SPDX-License-Identifier: Apache-2.0
"""Debian's nginx as its manual advises. Its free edition knows no cookie affinity: a random id in a
cookie and a consistent hash over it do the work."""

import os
import pathlib
import signal
import subprocess

from harness import wait_for
from peer import SECONDS_TO_STOP, Peer, bury
from processes import own_user


class Nginx(Peer):
    title = "nginx"
    program = "/usr/sbin/nginx"
    cannot = dict.fromkeys(
        ("drain", "deploy"), "a server that gets no new sessions loses those that it has")

    def configuration(self) -> str:
        servers = "\n".join(
            f"        server {address} max_fails=3 fail_timeout=2s"
            f"{' down' if self.states.get(name) == 'maintenance' else ''};"
            for name, address in self.addresses.items())
        paths = "".join(f"    {kind}_temp_path {self.folder}/{kind};\n" for kind in
                        ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        return f"""
{own_user()}
worker_processes 2;
worker_rlimit_nofile 20000;
worker_shutdown_timeout {SECONDS_TO_STOP}s;
pid {self.pid_path};
error_log {self.folder}/errors.log;
events {{ worker_connections 9000; }}
http {{
    access_log off;
    keepalive_timeout 60s;
    keepalive_requests 1000000;
{paths}
    map $http_upgrade $wanted {{ default ""; websocket upgrade; }}
    map $cookie_srv $key {{ "" $request_id; default $cookie_srv; }}
    map $cookie_srv $given {{ "" "srv=$request_id; Path=/; HttpOnly"; default ""; }}
    upstream shop {{
        hash $key consistent;
{servers}
        keepalive 256;
    }}
    upstream other{self.reloads} {{ server {next(iter(self.addresses.values()))}; }}
    server {{
        listen 127.0.0.1:{self.port} backlog=4096;
        listen 127.0.0.1:{self.h2_port} http2;
        location / {{
            proxy_pass http://shop;
            proxy_http_version 1.1;
            proxy_read_timeout 60s;
            proxy_set_header Host $http_host;
            proxy_set_header Connection $wanted;
            proxy_set_header Upgrade $http_upgrade;
            add_header Set-Cookie $given;
        }}
    }}
}}
"""

    @property
    def pid_path(self) -> pathlib.Path:
        return self.folder / "nginx.pid"

    def launch(self) -> None:
        """As a daemon: one that has a parent beside it refuses to be upgraded."""
        self.write()
        subprocess.run([self.program, "-p", str(self.folder), "-c", str(self.path)],
                       stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
        wait_for(self._has_pid, "nginx has started")
        self.wait_until_it_accepts()

    def master(self) -> int:
        return int(self.pid_path.read_text())

    def _has_pid(self, former: int = 0) -> bool:
        """Of a master, another one than that."""
        try:
            return self.master() != former
        except (FileNotFoundError, ValueError):  # it is being written
            return False

    def set_state(self, server: str, state: str) -> None:
        self.states[server] = state
        self.read_again()

    def read_again(self) -> None:
        """Its master replaces all workers; those before end when they are idle."""
        self.write()
        before = self._serving()
        self.signal(signal.SIGHUP)
        wait_for(lambda: self._serving() - before, "nginx has new workers")

    def _serving(self) -> set[int]:
        """Processes of workers that are not shutting down."""
        shown = subprocess.run(["ps", "-o", "pid=,args=", "--ppid", str(self.master())],
                               capture_output=True, text=True, check=False).stdout
        return {int(line.split()[0]) for line in shown.splitlines()
                if line.endswith("worker process")}

    def upgrade(self) -> None:
        former = self.master()
        os.kill(former, signal.SIGUSR2)
        wait_for(lambda: self._has_pid(former) and self._serving(), "a new nginx serves")
        os.kill(former, signal.SIGQUIT)
        bury(former)

    def restart(self) -> None:
        self._end(signal.SIGQUIT)
        self.launch()

    def crash(self) -> None:
        self.kill()
        self.pid_path.unlink()
        self.launch()

    def stop(self) -> None:
        self._end(signal.SIGTERM)

    def _end(self, number: signal.Signals) -> None:
        master = self.master()
        os.kill(master, number)
        bury(master)
