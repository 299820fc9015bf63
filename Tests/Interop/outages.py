"""Servers and what befalls their stores, for the tests of outages."""

import os
import re
import signal
import subprocess
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path

from benchfront.v1 import benchmark_control_pb2 as control_pb2, configuration_pb2

from conftest import BINARIES
from failures import FULL, WELL
from replicas import POSTGRES, PostgresProcess, Program, eventually, free_port, metrics

PASSWORD = "not-a-secret-either"


def probe(url):
    """Status and text of a GET; a status of 0 when nobody answers."""
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()
    except OSError:
        return 0, ""


class WatchedServer(Program):
    """A server with its metrics and its log; its store is named by further flags."""

    def __init__(self, folder, name, *flags, environment=None):
        super().__init__(folder, name)
        port, metrics_port = free_port(), free_port()
        self.address = f"127.0.0.1:{port}"
        self.metrics_address = f"127.0.0.1:{metrics_port}"
        self.run(
            BINARIES / "benchfront-server", "serve", "--listen", self.address,
            "--metrics-listen", self.metrics_address, "--loops", "2", "--lease-duration", "10",
            "--drain-grace", "3", *map(str, flags), env=environment)
        self.told = 0

    def metrics(self):
        """Its metrics; empty while nobody answers."""
        return metrics(self.metrics_address)

    def ready(self):
        """Status and text of its readiness."""
        return probe(f"http://{self.metrics_address}/readyz")

    def causes(self):
        """What its metrics say is wrong with the store; nothing while nobody answers."""
        found = (
            (re.fullmatch(r'benchfront_store_outage\{cause="(\w+)"\}', name), value)
            for name, value in self.metrics().items())
        return {name.group(1) for name, value in found if name and value == 1}

    def is_well(self):
        """Whether it serves, and the store does all its part."""
        now = self.metrics()
        return (
            now.get("benchfront_store_available") == 1 and not self.causes()
            and self.ready() == (200, "ready\n"))

    def new_lines(self):
        """What it has logged since the last call."""
        text = self.log.read_text()
        lines = text[self.told:].splitlines()
        self.told = len(text)
        return lines


def told(lines, part="the store"):
    """The causes that lines tell of, in order, and how often they say that a part is back."""
    pattern = rf"cause=(\w+).* {part} (?:is unavailable|does not do all its part)"
    causes = [found.group(1) for line in lines if (found := re.search(pattern, line))]
    return causes, sum(f"{part} is back" in line for line in lines)


class Database(PostgresProcess):
    """PostgreSQL with a role and a database for servers alone, which can be harmed."""

    def __init__(self, faults):
        self.faults = faults
        self.command = []
        super().__init__()
        self.sql(f"CREATE ROLE app LOGIN PASSWORD '{PASSWORD}'")
        self.sql("CREATE DATABASE app OWNER app")
        self.url = f"postgresql://app@127.0.0.1:{self.port}/app"
        with self.password_file.open("a") as file:
            file.write(f"*:*:*:app:{PASSWORD}\n")

    def run(self, *command, **options):
        """Starts it where its faults reach it."""
        self.command = command
        super().run(*command, env=self.faults.environment, **options)

    def resume(self):
        """Starts it on what its folder holds, and waits until it takes connections."""
        self.run(*self.command)
        ready = [POSTGRES / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(self.port)]
        self.wait_for(lambda: subprocess.run(ready, check=False).returncode == 0)

    def sql(self, statement):
        """What the superuser is answered, a line for each row."""
        return subprocess.run(
            [
                POSTGRES / "psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1",
                "-h", self.folder, "-p", str(self.port), "-U", "benchfront", "-d", "postgres",
                "-c", statement,
            ], env={**os.environ, "PGPASSWORD": "not-a-secret"}, check=True,
            capture_output=True, text=True).stdout.splitlines()

    def signal_all(self, number):
        """Sends a signal to every process of it."""
        pid = self.process.pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        for process in [*map(int, children), pid]:
            os.kill(process, number)

    def alter(self, change):
        """Changes the servers' role, and ends their sessions."""
        self.sql(f"ALTER ROLE app {change}")
        self.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'app'")

    def only_read(self, value):
        """Has new transactions read alone, or write again."""
        self.sql(f"ALTER SYSTEM SET default_transaction_read_only = {value}")
        self.sql("SELECT pg_reload_conf()")


@dataclass
class Outage:
    """What befalls a database, and what it is called."""

    cause: str
    begin: callable
    end: callable
    #: Whether what is stored can still be read.
    reads: bool = False
    #: Whether calls go on, over connections that stand.
    partial: bool = False


OUTAGES = {
    "full": Outage(
        "full", lambda it: it.faults.set(disk=FULL), lambda it: it.faults.set(disk=WELL),
        reads=True),
    "read-only": Outage(
        "read_only", lambda it: it.only_read("on"), lambda it: it.only_read("off"), reads=True),
    "password": Outage(
        "refused", lambda it: it.alter("PASSWORD 'another'"),
        lambda it: it.alter(f"PASSWORD '{PASSWORD}'")),
    "connections": Outage(
        "too_many_connections", lambda it: it.alter("CONNECTION LIMIT 1"),
        lambda it: it.alter("CONNECTION LIMIT -1"), partial=True),
    "frozen": Outage(
        "unreachable", lambda it: it.signal_all(signal.SIGSTOP),
        lambda it: it.signal_all(signal.SIGCONT)),
    "away": Outage(
        "unreachable", lambda it: it.end(signal.SIGINT), lambda it: it.resume()),
}


class Workplace:
    """An agent of a server, and the simulated engine that it measures."""

    def __init__(self, folder, server):
        port = free_port()
        self.engine, self.agent = Program(folder, "engine"), Program(folder, "agent")
        self.engine.run(
            BINARIES / "benchfront-simengine", "--listen", f"127.0.0.1:{port}", "--ttft", "40",
            "--itl", "2")
        self.agent.run(
            BINARIES / "benchfront-agent", "run", "--server", server.address,
            "--spool", folder / "spool", "--hardware", "cpu-x1", "--engine", "simulated",
            "--endpoint", f"http://127.0.0.1:{port}")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        with self.engine, self.agent:
            pass


def matrix():
    """One configuration."""
    return configuration_pb2.Matrix(
        name="outage", model_ids=["HuggingFaceTB/SmolLM2-135M-Instruct"],
        hardware_ids=["cpu-x1"], engine_ids=["simulated"], quantization_ids=["q8_0"],
        workloads=[configuration_pb2.WorkloadPattern(
            name="chat", input_tokens=[64], output_tokens=[8], concurrency=[4])],
    )


def run_now(client, run):
    """A run as it stands."""
    return client.control.GetRun(
        control_pb2.GetRunRequest(run_id=run.id), timeout=30, wait_for_ready=True).run


def wait_for_samples(client, run, count):
    """Waits until so many samples of a run are committed."""
    eventually(
        lambda: run_now(client, run).committed_sample_count >= count, f"{count} samples")


def finish(client, run, requests):
    """Waits for a run's end; all that was measured is there once."""
    eventually(
        lambda: run_now(client, run).state == control_pb2.RUN_STATE_COMPLETED, "the run's end")
    ended = run_now(client, run)
    assert ended.committed_sample_count == requests
    samples = [
        (event.samples.execution_id, sample.request_index)
        for event in client.watch_run(run.id) for sample in event.samples.samples]
    assert len(samples) == len(set(samples)) == requests
    return ended
