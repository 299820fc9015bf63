"""A server to attack, and a client beside the attack that has to be served all the while."""

import os
import subprocess
import threading
import time
from pathlib import Path

import grpc
import pytest

BINARIES = Path(os.environ["BENCHFRONT_BIN"])
MEBIBYTE = 1048576


class Target:
    """A running AttackServer."""

    def __init__(self, *settings):
        self.process = subprocess.Popen(
            [BINARIES / "AttackServer", *settings], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, text=True)
        self.address = self.process.stdout.readline().split()[-1]

    def resident_bytes(self):
        pages = int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGESIZE")

    def stop(self):
        """Drains the server, which must end well."""
        self.process.stdin.close()
        assert self.process.wait(timeout=30) == 0


class Bystander:
    """Makes calls on a connection of its own and watches the server's memory."""

    def __init__(self, target):
        self.target = target
        options = [("grpc.use_local_subchannel_pool", 1)]
        self.channel = grpc.insecure_channel(target.address, options=options)
        self.echo = self.channel.unary_unary("/attack.Target/Echo")
        self.call()
        self.before = target.resident_bytes()
        self.largest = self.before
        self.calls, self.failures = 0, []
        self.is_over = threading.Event()
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def call(self):
        assert self.echo(b"hello", timeout=5, wait_for_ready=True) == b"hello"

    def run(self):
        while self.calls == 0 or not self.is_over.wait(0.01):
            begin = time.monotonic()
            try:
                self.echo(b"hello", timeout=1)
                self.calls += 1
            except grpc.RpcError as error:
                self.failures.append((time.monotonic() - begin, error.code(), error.details()))
                return
            self.largest = max(self.largest, self.target.resident_bytes())

    def stop(self):
        self.is_over.set()
        self.thread.join()
        self.channel.close()


@pytest.fixture(scope="module")
def target():
    """One server for all attacks of a file, with short times so that the tests are short."""
    target = Target("handshakeTimeout=1", "messageTimeout=0.5", "stallTimeout=2")
    yield target
    target.stop()


@pytest.fixture
def make_target():
    """Makes servers with other settings."""
    targets = []

    def make(*settings):
        targets.append(Target(*settings))
        return targets[-1]

    yield make
    for target in targets:
        if target.process.poll() is None:
            target.stop()


@pytest.fixture
def bystander(target):
    """Holds what every attack has to leave alone: other clients, the process, its memory."""
    bystander = Bystander(target)
    yield bystander
    # The connections of the attack are closed by now; the server has to be well at once.
    bystander.call()
    bystander.stop()
    assert target.process.poll() is None
    assert bystander.failures == []
    assert bystander.calls > 0
    growth = bystander.largest - bystander.before
    assert growth < 64 * MEBIBYTE, f"the memory grew by {growth / MEBIBYTE:.0f} MiB"
