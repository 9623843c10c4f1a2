# SPDX-License-Identifier: Apache-2.0
"""Where applications could keep their sessions: each a process on one CPU, asked over the loopback."""

import json
import os
import re
import shutil
import socket
import subprocess
import time

from . import measure
from .processes import Failed, Process, free_port

KEY = "sess:__rand_int__"
BYTES = 1024
# What is asked, as redis-benchmark has it; a mix is one of each, its parts sent one after the other.
COMMANDS = {"GET": ["get", KEY], "SETEX": ["setex", KEY, "1800", "__data__"]}
_TICK_US = 1e6 / os.sysconf("SC_CLK_TCK")


def _number_in(text, name):
    """A number out of what INFO and `stats` answer."""
    return int(re.search(rf"\b{name}[:= ](\d+)", text)[1])


class Store:
    """`background`: some of its work comes after its answers, and is waited for."""
    background = False
    protocol = "resp"
    greeting = b"GET sess:none\r\n", "$"  # and what the answer to it holds

    def __init__(self, name, command, port, settings, folder):
        self.name, self.port, self.settings = name, port, settings
        self.process = Process(name, command, settings.cpu, folder)
        end = time.monotonic() + 20
        while not self.answers():
            if time.monotonic() > end or not self.process.is_alive():
                self.process.stop()
                raise Failed(f"{name} does not answer:\n{self.process.last_words()}")
            time.sleep(0.05)

    def says(self, words, end):
        with socket.create_connection(("127.0.0.1", self.port), timeout=5) as link:
            link.sendall(words)
            heard = b""
            while not heard.endswith(end):
                came = link.recv(65536)
                if not came:
                    break
                heard += came
        return heard.decode(errors="replace")

    def answers(self):
        question, answer = self.greeting
        try:
            return answer in self.says(question, b"\r\n")
        except OSError:
            return False

    def records(self):
        return int(self.says(b"DBSIZE\r\n", b"\r\n")[1:])

    def cpu_us(self):
        """CPU time so far, of all threads, and of children that have ended."""
        if self.background:
            time.sleep(0.5)  # what was answered is on the disk, and synced
        total = measure.settled_cpu_of(self.process.tree(), None).total
        with open(f"/proc/{self.process.pid}/stat") as text:
            fields = text.read().rpartition(")")[2].split()
        return total + (int(fields[13]) + int(fields[14])) * _TICK_US

    def load(self, name, pipeline):
        """CPU microseconds of the store for each `name` of COMMANDS."""
        before = self.cpu_us()
        self._run_load(name, pipeline)
        return (self.cpu_us() - before) / self.settings.requests

    def _run_load(self, name, pipeline):
        # No two saves are the same, as such a one would be a touch.
        data = "__rand_int__" + "x" * (BYTES - len("__rand_int__"))
        words = [word.replace("__data__", data) for word in COMMANDS[name]]
        done = subprocess.run(
            ["redis-benchmark", "-p", str(self.port), "-n", str(self.settings.requests), "-r",
             str(self.settings.keys), "-c", "50", "-P", str(pipeline), "-q", *words],
            capture_output=True, text=True, check=False)
        if done.returncode != 0 or "ERR" in done.stdout + done.stderr:
            raise Failed(f"redis-benchmark against {self.name}: {done.stdout}{done.stderr}")

    def ask(self, *options):
        """By the load of our own."""
        done = subprocess.run(
            [self.settings.build / "bench_load_records", "--port", str(self.port), "--protocol",
             self.protocol, "--bytes", str(BYTES), *map(str, options)],
            capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise Failed(f"the load against {self.name}: {done.stdout}{done.stderr}")
        return json.loads(done.stdout)

    def fill(self, keys, data="random"):
        """Bytes of memory that a session takes, and bytes that are in it."""
        before = measure.pss_bytes([self.process.pid])
        done = self.ask("--ask", "fill", "--keys", keys, "--data", data, "--pipeline", 16)
        if self.records() < keys:
            raise Failed(f"{self.name} keeps no more than {self.records()} sessions")
        taken = measure.pss_bytes([self.process.pid]) - before
        return taken / keys, done["stored"] / keys


class Hawser(Store):
    def __init__(self, kind, settings, folder):
        self.background = kind == "embedded"
        place = folder / f"hawser-{kind}"
        place.mkdir(exist_ok=True)
        port, web = free_port(), free_port()
        (place / "hawser.yaml").write_text(f"""
listeners: {{web: {{bind: "127.0.0.1:{web}"}}}}
pools: {{app: {{servers: {{a: "127.0.0.1:1"}}, health: {{passive: off}}}}}}
routes: [{{pool: app}}]
sessions:
  store: {kind}
  memory: 16GiB
  resp: "127.0.0.1:{port}"
  namespaces: {{default: {{limits: {{sessions: 2000000, bytes: 16GiB}}}}}}
workers: 1
admin: "off"
state: {place}/state
keys: {place}/keys
log: {{access: "off", errors: "{place}/log"}}
""")
        super().__init__("hawser", [settings.hawser, "run", "-f", place / "hawser.yaml"], port,
                         settings, folder)


class Redis(Store):
    def __init__(self, settings, folder, appends=False):
        self.background = appends
        place = folder / ("redis-aof" if appends else "redis")
        place.mkdir(exist_ok=True)
        port = free_port()
        kept = ["--appendonly", "yes", "--appendfsync", "everysec"] if appends else []
        super().__init__("redis", ["redis-server", "--port", port, "--bind", "127.0.0.1", "--save",
                                   "", *kept, "--dir", place], port, settings, folder)


class Memcached(Store):
    protocol = "memcached"
    greeting = b"version\r\n", "VERSION"

    def __init__(self, settings, folder):
        if not shutil.which("memcached"):
            raise Failed("memcached is not installed")
        port = free_port()
        super().__init__("memcached", ["memcached", "-l", "127.0.0.1", "-p", port, "-U", "0", "-t",
                                       "1", "-m", "16384", "-u", "root"], port, settings, folder)

    def records(self):
        return _number_in(self.says(b"stats\r\n", b"END\r\n"), "curr_items")

    def _run_load(self, name, pipeline):
        self.ask("--ask", "get" if name == "GET" else "set", "--keys", self.settings.keys,
                 "--requests", self.settings.requests, "--pipeline", pipeline)
