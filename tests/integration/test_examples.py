# SPDX-License-Identifier: Apache-2.0
"""The examples, started by the lines of their READMEs, while everything is killed with -9 in turn."""

import os
import pathlib
import re
import signal
import subprocess

import pytest

from harness import ROOT, binary, free_port, wait_for
from processes import APPS, accepts

ITEMS = 40


class Example:
    """The lines of a README that go on running, each as a process group of its own."""

    def __init__(self, name: str, folder: pathlib.Path):
        self.home = ROOT / "examples" / name
        self.output = folder / "output"
        ports = {"WEB_PORT": free_port(), "SESSIONS_PORT": free_port(), "A_PORT": free_port(),
                 "B_PORT": free_port()}
        self.url = f"http://127.0.0.1:{ports['WEB_PORT']}/"
        self.environment = os.environ | {key: str(port) for key, port in ports.items()} | {
            "STATE": str(folder / "state"),
            "PATH": f"{pathlib.Path(binary()).parent}:{os.environ['PATH']}"}
        block = re.search(r"```sh\n(.*?)```", (self.home / "README.md").read_text(), re.DOTALL)[1]
        lines = [line.split(" #")[0].strip().replace("9001", str(ports["A_PORT"]))
                 .replace("9002", str(ports["B_PORT"])) for line in block.splitlines()]
        # What installs or exports was done, or stands in the environment.
        served = [line for line in lines if line.startswith(("hawser ", "php ", "PORT="))]
        self.lines = dict(zip((ports["WEB_PORT"], ports["A_PORT"], ports["B_PORT"]), served,
                              strict=True))
        self.running: dict[int, subprocess.Popen] = {}

    def start(self, port: int) -> None:
        with self.output.open("ab") as output:
            self.running[port] = subprocess.Popen(
                ["sh", "-c", f"exec env {self.lines[port]}"], cwd=self.home, env=self.environment,
                stdin=subprocess.DEVNULL, stdout=output, stderr=output)
        wait_for(lambda: accepts(port), self.lines[port], 20)

    def kill(self, port: int) -> None:
        self.running[port].send_signal(signal.SIGKILL)
        self.running[port].wait()

    def stop(self) -> None:
        for port in self.running:
            self.kill(port)


@pytest.mark.parametrize("name", ["express-shop", "php-page"])
def test_a_cart_is_filled_while_every_process_is_killed_in_turn(name, tmp_path):
    example = Example(name, tmp_path)
    killed, down, seen, browser = list(example.lines) * 2, [], [], None
    try:
        for port in example.lines:
            example.start(port)
        browser = subprocess.Popen(
            ["node", str(APPS / "fill_cart.js"), example.url, str(ITEMS)],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for line in browser.stdout:
            had = int(line.removeprefix("has "))
            if seen and had == seen[-1]:
                continue
            seen.append(had)
            if down:
                example.start(down.pop())
            elif killed and had % 3 == 1:
                down.append(killed.pop(0))
                example.kill(down[0])
                if example.url.endswith(f":{down[0]}/"):  # nobody else could serve the browser
                    example.start(down.pop())
        assert browser.wait(20) == 0, browser.stderr.read() + example.output.read_text()[-3000:]
        assert seen[-1] == ITEMS
        assert not killed, "each process was to be killed twice"
    finally:
        if browser:
            browser.kill()
            browser.wait()
        example.stop()
