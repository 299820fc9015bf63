"""Samples from agents' streams into committed rows, beside a bare COPY of the same rows.

Agents stream samples of 128 gaps to benchfront-server, as frames that were laid out before, since
all share the machine's cores; the rows that came of it are read out, and copied by one binary COPY
into the same table, emptied, indexes and all. Both in turns; figures are medians. Prints a table
with ratios and writes .build/bench/ingest.json. `make bench-ingest` sets up what this needs.

Environment: RUNS (3), SAMPLES (400000) of all agents together, AGENTS (8), CASES (all), OUT
(.build/bench), SERVER (a benchfront-server that is built; else it is built).
"""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from ingestbench.agents import Fleet
from ingestbench.samples import PER_MESSAGE, answers
from ingestbench.servers import Postgres, Server
from rpcbench.processes import built_server
from rpcbench.report import Report, refuse_unknown
from rpcbench.settings import ROOT

COPIED = "benchfront.request_sample"
# What stands still while a store hangs: agents in all, and messages that each could send.
CROWD, CROWD_MESSAGES = 1000, 16
# What the server holds of requests, unless told otherwise.
REQUEST_BUFFER_KIB = 32_768


class Settings:
    """The environment."""

    def __init__(self, environment):
        self.runs = int(environment.get("RUNS") or 3)
        self.samples = int(environment.get("SAMPLES") or 400_000)
        self.agents = int(environment.get("AGENTS") or 8)
        self.crowd = int(environment.get("CROWD") or CROWD)
        self.cases = (environment.get("CASES") or "").replace(",", " ").split()
        self.out = Path(environment.get("OUT") or ROOT / ".build" / "bench")
        self.out.mkdir(parents=True, exist_ok=True)
        self.server = environment.get("SERVER") or built_server()


class Bench:
    """One database for all cases."""

    def __init__(self, settings):
        self.settings = settings
        self.bodies = answers(7)
        self.postgres = Postgres()

    def stop(self):
        self.postgres.stop()

    def start(self, name, *store):
        return Server(self.settings.server, store, self.settings.out / f"{name}.log")

    def streamed(self, server, samples, interval_s=0, times=1):
        """Streams the same samples so many times; how many they are, and figures of each time."""
        per_agent = samples // self.settings.agents // PER_MESSAGE * PER_MESSAGE
        count = per_agent * self.settings.agents
        fleet = Fleet(server.address, self.settings.agents, per_agent)
        try:
            fleet.encode(self.bodies, per_agent)
            return count, [self.figures(server, fleet, count, interval_s) for _ in range(times)]
        finally:
            fleet.close()

    def figures(self, server, fleet, count, interval_s):
        """Figures of the server and of what its agents saw."""
        used = self.used_us(server)
        took = fleet.stream(interval_s)
        used = [after - before for before, after in zip(used, self.used_us(server))]
        latencies = fleet.latencies()
        names = ("server_cpu_us", "postgres_cpu_us", "agents_cpu_us")
        return {
            "rows_per_s": count / took,
            **{name: us / count for name, us in zip(names, used)},
            "ack_p50_ms": latencies[len(latencies) // 2] * 1e3,
            "ack_p99_ms": latencies[len(latencies) * 99 // 100] * 1e3,
            "peak_mb": server.peak_bytes() / 1e6,
        }

    def used_us(self, server):
        """CPU so far of the server, PostgreSQL, and the agents, which are this process."""
        return server.cpu_us(), self.postgres.cpu_us(), time.process_time() * 1e6


def stream_to_commit(bench, report):
    """As fast as the store takes them; then once more, when none is new, which shows what a sample
    costs before the store; then the same rows by COPY alone."""
    postgres = bench.postgres
    server = bench.start("ingest-server", "--postgres", postgres.url)
    try:
        postgres.psql(f"TRUNCATE {COPIED}")
        count, (figures, again) = bench.streamed(server, bench.settings.samples, times=2)
    finally:
        server.stop()
    stored = int(postgres.psql(f"SELECT count(*) FROM {COPIED}"))
    if stored != count:
        raise RuntimeError(f"{stored} rows of {count} acknowledged samples")
    report.add("stream-to-commit", "benchfront", figures)
    report.add("resent", "benchfront", again)
    with tempfile.TemporaryDirectory(dir=bench.settings.out) as folder:
        rows = Path(folder) / "rows"
        postgres.psql(f"\\copy (SELECT * FROM {COPIED}) TO '{rows}' (FORMAT binary)")
        postgres.psql(f"TRUNCATE {COPIED}", "CHECKPOINT")
        used, began = postgres.cpu_us(), time.monotonic()
        postgres.psql(f"\\copy {COPIED} FROM '{rows}' (FORMAT binary)")
        took = time.monotonic() - began
        report.add("stream-to-commit", "copy-binary", {
            "rows_per_s": count / took, "postgres_cpu_us": (postgres.cpu_us() - used) / count})
    postgres.psql(f"TRUNCATE {COPIED}", "CHECKPOINT")


def paced(bench, report):
    """A fifth of the samples, 20,000 a second: what an acknowledgement takes when nothing queues."""
    server = bench.start("ingest-server", "--postgres", bench.postgres.url)
    try:
        interval_s = PER_MESSAGE * bench.settings.agents / 20_000
        _, [figures] = bench.streamed(server, bench.settings.samples // 5, interval_s)
    finally:
        server.stop()
    report.add("paced-20000", "benchfront", figures)


def sqlite(bench, report):
    """The embedded store."""
    with tempfile.TemporaryDirectory(dir=bench.settings.out) as folder:
        server = bench.start("ingest-sqlite", "--data-dir", folder)
        try:
            _, [figures] = bench.streamed(server, bench.settings.samples)
        finally:
            server.stop()
    report.add("stream-to-sqlite", "benchfront", figures)


def crowd(bench, report):
    """Very many agents push while the database commits nothing, then it goes on."""
    count = bench.settings.crowd
    per_agent = CROWD_MESSAGES * PER_MESSAGE
    # As tight for each as a thousand have it.
    room = REQUEST_BUFFER_KIB * count // CROWD
    server = bench.start(
        "ingest-crowd", "--postgres", bench.postgres.url,
        "--limit", f"max-request-buffer-bytes={room}KiB")
    try:
        fleet = Fleet(server.address, count, per_agent)
        try:
            fleet.encode(bench.bodies, per_agent)
            before = server.peak_bytes()
            # The lock that every commit needs.
            blocker = subprocess.Popen(
                ["psql", "-X", "-q", bench.postgres.url], stdin=subprocess.PIPE, text=True)
            blocker.stdin.write("BEGIN; LOCK TABLE benchfront.run_commit;\nSELECT pg_sleep(10);\n")
            blocker.stdin.close()
            took = fleet.stream(while_running=blocker)
        finally:
            fleet.close()
        report.add(f"crowd-{count}", "benchfront", {
            "rows_per_s": count * per_agent / took, "peak_mb": server.peak_bytes() / 1e6,
            "grown_mb": (server.peak_bytes() - before) / 1e6})
    finally:
        server.stop()
    bench.postgres.psql(f"TRUNCATE {COPIED}", "CHECKPOINT")


CASES = {
    "stream-to-commit": stream_to_commit, "paced-20000": paced, "stream-to-sqlite": sqlite,
    "crowd": crowd,
}


def main():
    settings = Settings(os.environ)
    refuse_unknown(settings.cases, CASES)
    report = Report(baseline="copy-binary")
    problems = []
    bench = Bench(settings)
    try:
        for run in range(settings.runs):
            for name, case in CASES.items():
                if settings.cases and name not in settings.cases or run and case is crowd:
                    continue
                print(f"run {run + 1} of {settings.runs}: {name}", flush=True)
                try:
                    case(bench, report)
                except (OSError, RuntimeError, subprocess.CalledProcessError) as error:
                    problems.append(f"{name} failed: {error}")
    except KeyboardInterrupt:
        problems.append("interrupted: the figures are those of the cases until then")
    finally:
        bench.stop()
    return report.finish(settings.out / "ingest.json", problems)


if __name__ == "__main__":
    sys.exit(main())
