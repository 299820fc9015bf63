"""The topology of deploy/compose as processes of this machine, on free ports."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from pathlib import Path

import pytest
from benchfront import BenchfrontError
from benchfront.v1 import configuration_pb2

from conftest import BINARIES

COMPOSE = Path(__file__).parents[2] / "deploy/compose"
POSTGRES = Path("/usr/lib/postgresql/15/bin")


def docker_compose(*arguments):
    """Docker Compose on the compose file, without what this shell has in its environment."""
    program = Path(sys.executable).with_name("docker-compose")
    return subprocess.run(
        [program, "-f", COMPOSE / "compose.yaml", *arguments], check=False,
        capture_output=True, text=True, env={"PATH": os.environ["PATH"], "HOME": "/"})


def free_port():
    """A port of 127.0.0.1 that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def eventually(condition, what, seconds=60):
    """Waits until something holds, and returns it."""
    deadline = time.monotonic() + seconds
    while not (result := condition()):
        assert time.monotonic() < deadline, f"{what}: not within {seconds} seconds"
        time.sleep(0.05)
    return result


def metrics(address):
    """The metrics at an address by name with labels; empty when nobody answers."""
    try:
        with urllib.request.urlopen(f"http://{address}/metrics", timeout=10) as answer:
            lines = answer.read().decode().splitlines()
    except OSError:
        return {}
    pairs = (line.rsplit(" ", 1) for line in lines if line and not line.startswith("#"))
    return {name: float(value) for name, value in pairs}


def is_serving(address):
    """Whether the server with its metrics at an address says that it is ready."""
    try:
        with urllib.request.urlopen(f"http://{address}/readyz", timeout=10) as answer:
            return answer.status == 200
    except OSError:
        return False


class Program:
    """A process with its log; it ends with the thread that started it, however that ends."""

    def __init__(self, folder, name):
        self.log = Path(folder) / f"{name}.log"
        self.name = name
        self.process = None

    def run(self, *command, **options):
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL", *command], stdout=log, stderr=log, **options)

    def wait_for(self, condition):
        """Waits until the program is as wanted; fails at once when it has ended."""
        def holds():
            if self.process.poll() is not None:
                pytest.fail(f"{self.name} ended: {self.log.read_text()[-2000:]}")
            return condition()
        return eventually(holds, self.name)

    def end(self, number=signal.SIGTERM):
        """Ends it, and returns its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.process.wait(timeout=60)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        try:
            self.end()
        except subprocess.TimeoutExpired:
            self.end(signal.SIGKILL)


class PostgresProcess(Program):
    """PostgreSQL on a fresh cluster."""

    def __init__(self):
        # It runs as another user where the tests run as root: pytest's folders are closed to it.
        self.folder = Path(tempfile.mkdtemp(prefix="benchfront-postgres-"))
        super().__init__(self.folder, "postgres")
        self.port = free_port()
        (self.folder / "password").write_text("not-a-secret")
        self.user = []
        if os.geteuid() == 0:
            for path in [self.folder, *self.folder.iterdir()]:
                shutil.chown(path, "postgres", "postgres")
            self.user = ["--reuid=postgres", "--regid=postgres", "--init-groups"]
        subprocess.run(
            [
                "setpriv", "--pdeathsig", "KILL", *self.user, POSTGRES / "initdb",
                "-D", self.folder / "data", "-U", "benchfront", "-A", "scram-sha-256",
                "--pwfile", self.folder / "password", "-E", "UTF8", "--locale", "C", "--no-sync",
                "--no-instructions",
            ], check=True, stdout=subprocess.DEVNULL)
        self.start()
        self.wait_for(self.is_ready)
        self.url = f"postgresql://benchfront@127.0.0.1:{self.port}/postgres"
        self.password_file = self.folder / "pgpass"
        self.password_file.touch(mode=0o600)
        self.password_file.write_text("*:*:*:benchfront:not-a-secret\n")

    def start(self):
        """Starts it on what its folder holds, and does not wait."""
        self.run(
            *self.user, POSTGRES / "postgres", "-D", self.folder / "data", "-p", str(self.port),
            "-c", "listen_addresses=127.0.0.1", "-c", f"unix_socket_directories={self.folder}",
            "-c", "fsync=off")

    def is_ready(self):
        """Whether it takes connections."""
        ready = [POSTGRES / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(self.port)]
        return subprocess.run(ready, check=False).returncode == 0

    def __exit__(self, *_):
        # Fast: it does not wait for its clients to leave.
        self.end(signal.SIGINT)
        shutil.rmtree(self.folder)


class RedisProcess(Program):
    """Redis by a configuration file."""

    def __init__(self, folder, configuration):
        super().__init__(folder, "redis")
        self.port = free_port()
        self.file = Path(folder) / "redis.conf"
        self.file.write_text(f"{configuration}\nbind 127.0.0.1\nport {self.port}\ndir {folder}\n")
        self.start()
        self.wait_for(self.is_ready)

    def start(self):
        """Starts it, and does not wait."""
        self.run("redis-server", self.file)

    def is_ready(self):
        """Whether it takes connections."""
        return re.search("PONG|NOAUTH", self.ask("ping", password=None))

    def ask(self, *words, password):
        """What it answers to a command."""
        secret = {} if password is None else {"REDISCLI_AUTH": password}
        return subprocess.run(
            ["redis-cli", "-p", str(self.port), *words], capture_output=True, text=True,
            check=False, env={"PATH": os.environ["PATH"], **secret}).stdout


class Replica(Program):
    """One of several servers; it keeps its ports when it is started again."""

    def __init__(self, folder, name, postgres, redis):
        super().__init__(folder, name)
        self.port, self.metrics_port = free_port(), free_port()
        self.address = f"127.0.0.1:{self.port}"
        self.command = [
            BINARIES / "benchfront-server", "serve", "--listen", self.address,
            "--metrics-listen", f"127.0.0.1:{self.metrics_port}", "--loops", "2",
            "--postgres", postgres.url, "--redis", redis,
            "--drain-delay", "5", "--drain-grace", "10",
        ]
        self.environment = {**os.environ, "PGPASSFILE": str(postgres.password_file)}
        self.start()

    def start(self):
        """Starts it, and waits until it is ready."""
        self.run(*self.command, env=self.environment)
        # Its metrics are there before it serves.
        self.wait_for(self.is_serving)

    def is_serving(self):
        """Whether it says that it is ready."""
        return is_serving(f"127.0.0.1:{self.metrics_port}")

    def __exit__(self, *reason):
        if self.process.poll() is None:
            # Told twice it goes without the rest of its delay.
            self.process.send_signal(signal.SIGTERM)
            eventually(lambda: not self.is_serving(), f"{self.name} takes leave")
        super().__exit__(*reason)

    def metrics(self):
        """Its metrics; empty while it does not run."""
        return metrics(f"127.0.0.1:{self.metrics_port}")

    def calls(self):
        """How many calls it has begun to answer."""
        return sum(
            value for name, value in self.metrics().items()
            if name.startswith("grpc_server_call_started_total"))

    def has_agent(self):
        """Whether an agent's session is with it."""
        return self.metrics().get("benchfront_agents_connected", 0) > 0


class HAProxyProcess(Program):
    """The load balancer by the compose file's configuration, in which addresses alone differ."""

    def __init__(self, folder, replicas):
        super().__init__(folder, "haproxy")
        self.port, metrics_port = free_port(), free_port()
        self.address = f"127.0.0.1:{self.port}"
        text = (COMPOSE / "haproxy.cfg").read_text()
        text = text.replace("  bind :50051", f"  bind {self.address}")
        text = text.replace("  bind :8405", f"  bind 127.0.0.1:{metrics_port}")
        for number, replica in enumerate(replicas, 1):
            text, count = re.subn(
                rf"server-{number}:50051 port 9464",
                f"{replica.address} port {replica.metrics_port}", text)
            assert count == 1
        file = Path(folder) / "haproxy.cfg"
        file.write_text(text)
        self.run("haproxy", "-db", "-f", file)
        up = [f'haproxy_server_status{{proxy="servers",server="server-{n}",state="UP"}}'
              for n in range(1, len(replicas) + 1)]
        self.wait_for(lambda: all(
            metrics(f"127.0.0.1:{metrics_port}").get(name) == 1 for name in up))


def matrix():
    """Two configurations, one after the other."""
    return configuration_pb2.Matrix(
        name="watched", model_ids=["HuggingFaceTB/SmolLM2-135M-Instruct"], hardware_ids=["cpu-x1"],
        engine_ids=["simulated"], quantization_ids=["q8_0"],
        workloads=[configuration_pb2.WorkloadPattern(
            name="chat", input_tokens=[64], output_tokens=[8], concurrency=[1, 2])],
    )


class Watch:
    """Every commit of a run, as one server tells them."""

    def __init__(self, client, run):
        self.client = client
        self.run = run
        self.commits = []
        self.samples = []
        self.error = None
        self.thread = threading.Thread(target=self.follow)
        self.thread.start()

    def follow(self):
        try:
            for event in self.client.watch_run(self.run):
                self.commits.append(event.commit_number)
                execution = event.samples.execution_id
                self.samples += [(execution, it.request_index) for it in event.samples.samples]
        except BenchfrontError as error:
            self.error = error

    def finish(self):
        """Waits for the end of the run."""
        self.thread.join(timeout=120)
        assert not self.thread.is_alive(), f"{len(self.samples)} samples, and no end"
        assert self.error is None
