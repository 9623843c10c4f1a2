# SPDX-License-Identifier: Apache-2.0
"""The run itself: turns of all proxies interleaved, round after round."""

import contextlib
import json
import pathlib
import sys
import tempfile
import time

from . import measure
from .processes import Failed, Process

FAR_NS = 150  # above it the two CPUs share no cache, and every figure is another one
RETRIES_WHEN_FAR = 2


class Bench:
    def __init__(self, settings, peers, scenarios):
        self.settings = settings
        self.peers = list(peers)
        self.scenarios = scenarios
        self.turns, self.syscalls, self.idle, self.notes = [], [], [], []
        self._softirq = measure.ksoftirqd(settings.proxy_cpu)
        self._deadline = time.monotonic() + settings.limit
        self._patience = settings.patience
        self._proxies = {}
        self._closing = contextlib.ExitStack()

    def __enter__(self):
        self._folder = pathlib.Path(self._closing.enter_context(
            tempfile.TemporaryDirectory(prefix="hawser-bench-")))
        # Worker processes of another user (nginx) reach their own files below it.
        self._folder.chmod(0o755)
        origin = self._own(self._start("origin", "--listeners", self.settings.servers))
        self._servers = json.loads(origin.stdout.readline())["ports"]
        return self

    def __exit__(self, *_):
        self._closing.close()

    # ---- what a run consists of

    def run(self):
        self._warm_up()
        if not self.peers:
            raise Failed("no proxy is left to measure")
        for number in range(self.settings.rounds):
            for place, scenario in enumerate(self.scenarios):
                # Nobody always follows the same neighbour.
                first = (number + place) % len(self.peers)
                for peer in self.peers[first:] + self.peers[:first]:
                    if scenario.variant not in peer.variants:
                        continue
                    if time.monotonic() > self._deadline:
                        self.note(f"stopped in round {number + 1}: --limit is reached")
                        return
                    self._turn(number, scenario, peer)
            self._progress(f"round {number + 1} of {self.settings.rounds} done")
        if self.scenarios:
            self._count_syscalls()

    def _scenarios_of(self, peer):
        return [each for each in self.scenarios if each.variant in peer.variants]

    def _warm_up(self):
        """Starts what the scenarios need; what a proxy can't do is left out, aloud."""
        for peer in list(self.peers):
            for scenario in self._scenarios_of(peer):
                if (peer.name, peer.variants[scenario.variant]) in self._proxies:
                    continue
                try:
                    self._load(self._proxy(peer, scenario.variant), scenario, 0.2)
                except Failed as why:
                    del peer.variants[scenario.variant]
                    self.note(f"{peer.name} is left out of {scenario.variant}: {why}", failed=True)
            if self.scenarios and not self._scenarios_of(peer):
                self.peers.remove(peer)

    def _turn(self, number, scenario, peer):
        for _ in range(1 + RETRIES_WHEN_FAR):
            turn = self._measure(scenario, peer, self._bounce_when_near())
            turn["round"] = number
            self.turns.append(turn)
            if not turn["far"] or self._patience <= 0:
                return

    def _bounce_when_near(self):
        """Waits for the host to bring the cores together again, as long as patience lasts."""
        while (bounce := self._bounce()) > FAR_NS and self._patience > 0:
            if self._patience == self.settings.patience:
                self._progress(f"the cores are far apart ({bounce:.0f} ns): waiting for them, "
                               f"{self._patience:.0f} s at most in the whole run")
            time.sleep(0.5)
            self._patience -= 0.5
        return bounce

    def _measure(self, scenario, peer, bounce):
        turn = {"scenario": scenario.name, "proxy": peer.name, "failed": False, "far": False}
        proxy = self._proxy(peer, scenario.variant)
        pids = proxy.process.tree()
        try:
            before = measure.settled_cpu_of(pids, self._softirq)
            core = measure.core(self.settings.proxy_cpu)
            done = self._load(proxy, scenario, self.settings.seconds)
            used = measure.settled_cpu_of(pids, self._softirq) - before
            core = measure.core(self.settings.proxy_cpu) - core
        except (Failed, OSError) as why:
            self.note(f"{peer.name}, {scenario.name}: {why}", failed=True)
            turn["failed"] = True
            return turn
        near = [bounce, self._bounce()]
        self._judge(peer, scenario, done)
        count = max(done["requests"], 1)
        ticks = used.user + used.system
        turn.update(
            bounce_ns=near, far=max(near) > FAR_NS, failed=done["errors"] > 0,
            cpu_us=(used.total + used.softirq) / count, softirq_us=used.softirq / count,
            user_us=used.total * (used.user / ticks if ticks else 0) / count,
            others=max(0.0, core.busy - used.total - used.softirq) / (done["seconds"] * 1e6),
            stolen=core.stolen / (done["seconds"] * 1e6),
            requests_s=count / done["seconds"], load=done)
        return turn

    def _judge(self, peer, scenario, done):
        """Is it the same work? Else its price means nothing."""
        where = f"{peer.name}, {scenario.name}"
        if done["errors"]:
            self.note(f"{where}: {done['errors']} errors, turn dropped", failed=True)
        if done["strays"]:
            self.note(f"{where}: {done['strays']} answers came from another server than the "
                       "session's own", failed=True)
        if scenario.asks_cookies and peer.gives_cookies and not done["cookies"]:
            self.note(f"{where}: no affinity cookie was given", failed=True)

    def _count_syscalls(self):
        way = measure.syscall_counter()
        if not way:
            return self.note("system calls are not counted: neither perf nor strace may trace")
        if way == "strace":
            self.note("system calls are counted by strace, which slows a proxy down and so "
                       "changes how much it does per wakeup")
        for scenario in self.scenarios:
            for peer in self.peers:
                if scenario.variant not in peer.variants:
                    continue
                proxy = self._proxy(peer, scenario.variant)
                try:
                    done, counts = measure.count_syscalls(
                        way, proxy.process.tree(), lambda: self._load(proxy, scenario, 0.3))
                except (Failed, OSError) as why:
                    self.note(f"{peer.name}, {scenario.name}, system calls: {why}", failed=True)
                    continue
                each = {name: round(count / max(done["requests"], 1), 3)
                        for name, count in counts.items()
                        if count / max(done["requests"], 1) >= 0.005}
                self.syscalls.append({"scenario": scenario.name, "proxy": peer.name, "way": way,
                                      "per_request": each})
        self._progress("system calls counted")

    def measure_idle(self, count):
        """Memory that `count` connections hold which have asked once and now do nothing.

        First as mere connections, then with a session behind each.
        """
        for peer in self.peers:
            fitting = min(count, (self.settings.descriptors - 500) // peer.descriptors_each)
            for variant in ("plain", "sticky") if peer.gives_cookies else ("plain",):
                try:
                    self.idle.append(self._idle_of(peer, variant, fitting))
                except (Failed, OSError) as why:
                    self.note(f"{peer.name}, idle, {variant}: {why}", failed=True)
        self._progress("idle connections measured")

    def _idle_of(self, peer, variant, count):
        proxy = peer.start(peer.variants[variant], self._servers, self.settings.proxy_cpu,
                           self._folder, label="-idle")
        try:
            # Buffers and tables that exist once are there before the first reading.
            self._await(self._start_load(proxy, "--users", 64, "--seconds", 0.3))
            pids = proxy.process.tree()
            before = measure.pss_bytes(pids)
            load = self._start_load(proxy, "--mode", "idle", "--users", count)
            try:
                held = json.loads(load.stdout.readline() or "{}").get("held", 0)
                time.sleep(1)
                after = measure.pss_bytes(pids)
                load.close_input()
                done = self._await(load)
            finally:
                load.stop()
            if held < count or done["errors"] or done["closed_on_us"]:
                raise Failed(f"held {held} of {count} connections, {done['errors']} errors, "
                             f"{done['closed_on_us']} closed by it")
            return {"proxy": peer.name, "variant": variant, "connections": count, "pss_before": before,
                    "pss_after": after, "bytes_each": (after - before) / count}
        finally:
            proxy.process.stop()

    # ---- its parts

    def note(self, text, failed=False):
        if not any(note["text"] == text for note in self.notes):
            self.notes.append({"text": text, "failed": failed})
            self._progress(text)

    def _proxy(self, peer, variant):
        variant = peer.variants[variant]
        if (peer.name, variant) not in self._proxies:
            proxy = peer.start(variant, self._servers, self.settings.proxy_cpu, self._folder)
            self._own(proxy.process)
            self._proxies[peer.name, variant] = proxy
        return self._proxies[peer.name, variant]

    def _own(self, process):
        self._closing.callback(process.stop)
        return process

    def _start(self, program, *options):
        path = self.settings.build / f"bench_load_{program}"
        return Process(program, [path, *options], self.settings.load_cpu, self._folder, piped=True)

    def _start_load(self, proxy, *options):
        return self._start("load", "--port", proxy.port, "--head", self.settings.head, *options)

    def _load(self, proxy, scenario, seconds):
        if scenario.generator:
            return self._load_by(scenario.generator, proxy, seconds)
        return self._await(self._start_load(proxy, "--seconds", seconds, *scenario.load), seconds)

    def _load_by(self, generator, proxy, seconds):
        load = Process("load", generator.command(proxy.port, seconds), self.settings.load_cpu,
                       self._folder, piped=True)
        try:
            load.close_input()
            status = load.wait(seconds + 15)
            text = load.stdout.read()
            if status:
                raise Failed(f"the load ended with {status}:\n{text[-500:]}{load.last_words()}")
            return generator.read(text)
        finally:
            load.stop()

    def _await(self, load, seconds=1):
        try:
            load.close_input()
            load.wait(seconds + 10)
            lines = load.stdout.read().splitlines()
            if not lines:
                raise Failed(f"the load ended without a result:\n{load.last_words()}")
            return json.loads(lines[-1])
        finally:
            load.stop()

    def _bounce(self):
        return measure.bounce_ns(self.settings.build / "bench_load_probe",
                                 self.settings.proxy_cpu, self.settings.load_cpu)

    def _progress(self, text):
        if not self.settings.quiet:
            print(f"  {text}", file=sys.stderr, flush=True)
