# SPDX-License-Identifier: Apache-2.0
"""Turns become medians and ratios, and these a table that a person can read."""

import pathlib
import statistics

NEIGHBOURS = ("haproxy", "nginx")  # the ratio is to the cheaper of them
QUIET = 0.03  # share of the proxy's core that others may take before the report warns


def _median(values):
    values = [value for value in values if value is not None]
    return statistics.median(values) if values else None


class Report:
    def __init__(self, bench):
        self.bench = bench
        self.proxies = [peer.name for peer in bench.peers]
        self.ours = [peer.name for peer in bench.peers if peer.is_ours]
        self.rows = [self._row(scenario) for scenario in bench.scenarios]

    # ---- medians

    def _kept(self, scenario, proxy):
        """Turns by round. Far ones count only where no proxy of the row had a near one."""
        good = [turn for turn in self.bench.turns
                if turn["scenario"] == scenario and not turn["failed"]]
        if any(not turn["far"] for turn in good):
            good = [turn for turn in good if not turn["far"]]
        return {turn["round"]: turn for turn in good if turn["proxy"] == proxy}

    def _row(self, scenario):
        kept = {proxy: self._kept(scenario.name, proxy) for proxy in self.proxies}
        cost = {proxy: _median(turn["cpu_us"] for turn in turns.values())
                for proxy, turns in kept.items()}
        measured = [proxy for proxy in self.proxies if cost[proxy] is not None]
        base = min((proxy for proxy in measured if proxy in NEIGHBOURS), key=cost.get,
                   default=measured[0] if measured else None)
        row = {"scenario": scenario.name, "title": scenario.title, "goal": scenario.goal,
               "base": base, "far": self._is_far(kept), "proxies": {}}
        for proxy in measured:
            turns = kept[proxy]
            ratios = [turn["cpu_us"] / kept[base][number]["cpu_us"]
                      for number, turn in turns.items() if number in kept[base]]
            row["proxies"][proxy] = {
                "cpu_us": cost[proxy],
                "ratio": _median(ratios),
                "ratio_min": min(ratios, default=None), "ratio_max": max(ratios, default=None),
                # Ticks are coarse: all turns together, not a median of them.
                "user_us": sum(turn["user_us"] * turn["load"]["requests"]
                               for turn in turns.values())
                / sum(turn["load"]["requests"] for turn in turns.values()),
                "p50_us": _median(turn["load"]["p50_us"] for turn in turns.values()),
                "p99_us": _median(turn["load"]["p99_us"] for turn in turns.values()),
                "requests_s": _median(turn["requests_s"] for turn in turns.values()),
                "syscalls": self._syscalls(scenario.name, proxy).get("all"),
                "turns": len(turns),
            }
        return row

    @staticmethod
    def _is_far(kept):
        return any(turn["far"] for turns in kept.values() for turn in turns.values())

    def _syscalls(self, scenario, proxy):
        for entry in self.bench.syscalls:
            if entry["scenario"] == scenario and entry["proxy"] == proxy:
                return entry["per_request"]
        return {}

    # ---- text

    def text(self):
        parts = []
        if self.rows:
            parts += [self._summary(), self._details()]
        if self.bench.idle:
            parts.append(self._idle())
        parts.append(self._remarks())
        return "\n\n".join(part for part in parts if part)

    def _summary(self):
        lead = [proxy for proxy in self.proxies if proxy not in NEIGHBOURS]
        table = [["CPU us per request"] + self.proxies
                 + [f"{proxy} ratio (min-max)" for proxy in lead]
                 + (["goal"] if self.ours else [])]
        for row in self.rows:
            line = [row["title"] + (" (far)" if row["far"] else "")]
            line += [_number(row["proxies"].get(proxy, {}).get("cpu_us")) for proxy in self.proxies]
            line += [_ratio(row["proxies"].get(proxy)) for proxy in lead]
            if len(line) < len(table[0]):
                line.append(_number(row["goal"]))
            table.append(line)
        return _draw(table)

    def _details(self):
        table = [["scenario", "proxy", "CPU us", "user us", "calls", "p50 us", "p99 us",
                  "requests/s", "ratio (min-max)", "turns"]]
        for row in self.rows:
            for proxy, found in row["proxies"].items():
                table.append([row["scenario"], proxy, _number(found["cpu_us"]),
                              _number(found["user_us"]), _number(found["syscalls"]),
                              _number(found["p50_us"]), _number(found["p99_us"]),
                              f"{found['requests_s']:,.0f}", _ratio(found), str(found["turns"])])
        return _draw(table)

    def _idle(self):
        table = [["idle connections", "connections", "PSS before", "bytes per connection",
                  "with a session each"]]
        for proxy in self.proxies:
            found = {entry["variant"]: entry for entry in self.bench.idle
                     if entry["proxy"] == proxy}
            if "plain" in found:
                table.append([proxy, f"{found['plain']['connections']:,}",
                              f"{found['plain']['pss_before'] / (1 << 20):.1f} MiB",
                              f"{found['plain']['bytes_each']:,.0f}",
                              f"{found['sticky']['bytes_each']:,.0f}" if "sticky" in found
                              else "-"])
        return _draw(table)

    def _remarks(self):
        measured = [turn for turn in self.bench.turns if "bounce_ns" in turn]
        far = sum(turn["far"] for turn in measured)
        lines = []
        if measured:
            seen = [value for turn in measured for value in turn["bounce_ns"]]
            lines.append(f"A cache line between the two cores: median {statistics.median(seen):.0f}"
                         f" ns, {min(seen):.0f}-{max(seen):.0f}. "
                         + (f"{far} of {len(measured)} turns were in the far state"
                            " and dropped where the row has others." if far else "No turn was in the far state."))
            lines += self._noise(measured) + self._missed_rates() + self._pacing()
        if any(row["far"] for row in self.rows):
            lines.append("Rows marked (far) had no near turn at all: compare inside the row only.")
        lines += ["! " + note["text"] for note in self.bench.notes]
        return "\n".join(lines)

    def _missed_rates(self):
        """A proxy that can't keep up answers late: its latency is then the length of a queue."""
        return [f"! {proxy} gave only {found['requests_s']:,.0f} answers a second of "
                f"{scenario.rate:,} asked for: its core is full, its latency is a queue's."
                for scenario, row in zip(self.bench.scenarios, self.rows) if scenario.rate
                for proxy, found in row["proxies"].items()
                if found["requests_s"] < 0.98 * scenario.rate]

    @staticmethod
    def _pacing():
        """A paced sender sets a timer of the kernel's for each of its sends, whoever it is."""
        in_force = pathlib.Path("/proc/sys/net/ipv4/tcp_congestion_control").read_text().strip()
        if in_force != "bbr":
            return []
        return ["! TCP is paced here (bbr), which doubles what large bodies cost everybody; Debian's "
                "default is cubic: sysctl -w net.ipv4.tcp_congestion_control=cubic"]

    @staticmethod
    def _noise(turns):
        """A core that was shared makes every figure dearer, not equally so."""
        said = []
        for what, who in (("others", "other processes"), ("stolen", "the host")):
            share = statistics.median(turn[what] for turn in turns)
            if share > QUIET:
                said.append(f"! {who} took {share:.0%} of the proxy's core (median turn): "
                            "repeat this on a quiet machine.")
        return said


def _number(value):
    return "-" if value is None else f"{value:.2f}" if value < 100 else f"{value:.0f}"


def _ratio(found):
    if not found or found["ratio"] is None:
        return "-"
    return f"{found['ratio']:.2f} ({found['ratio_min']:.2f}-{found['ratio_max']:.2f})"


def _draw(table):
    """Markdown, aligned: reads well on a terminal and in a README."""
    widths = [max(len(line[place]) for line in table) for place in range(len(table[0]))]
    lines = ["| " + " | ".join(
        cell.ljust(width) if place == 0 else cell.rjust(width)
        for place, (cell, width) in enumerate(zip(line, widths))) + " |" for line in table]
    rule = "|" + "|".join("-" * (width + 2) if place == 0 else "-" * (width + 1) + ":"
                          for place, width in enumerate(widths)) + "|"
    return "\n".join([lines[0], rule, *lines[1:]])
