"""Starts real servers of this build for the tests with other people's programs."""

import os
import re
import signal
import subprocess
from pathlib import Path

import pytest

BINARIES = Path(os.environ["BENCHFRONT_BIN"])


class Server:
    """A running benchfront-server; its addresses as the process printed them."""

    def __init__(self, folder, *flags):
        self.folder = folder
        self.log = folder / "server.log"
        self.process = subprocess.Popen(
            [
                BINARIES / "benchfront-server", "serve", "--listen", "127.0.0.1:0",
                "--metrics-listen", "127.0.0.1:0", "--data-dir", folder / "data", *flags,
            ],
            stdout=subprocess.PIPE,
            stderr=self.log.open("wb"),
            text=True,
        )
        self.addresses = []
        self.metrics = None
        for line in self.process.stdout:
            if found := re.search(r"serving on (\S+)", line):
                self.addresses.append(found.group(1))
            if found := re.search(r"metrics on (\S+)/metrics", line):
                self.metrics = found.group(1)
                break
        else:
            pytest.fail(f"the server ended with {self.process.wait()}: {self.log.read_text()}")

    @property
    def address(self):
        """The first address."""
        return self.addresses[0]

    def resident_bytes(self):
        """Memory of the process that is in RAM."""
        pages = int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGESIZE")

    def stop(self):
        """Drains the server, which must end well."""
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(timeout=30) == 0, self.log.read_text()


@pytest.fixture
def binaries():
    """The folder of this build's programs."""
    return BINARIES


@pytest.fixture(scope="module")
def certificates(tmp_path_factory):
    """The folder of certificates.sh, which says what is in it."""
    folder = tmp_path_factory.mktemp("certificates")
    script = Path(__file__).with_name("certificates.sh")
    subprocess.run([script, folder], check=True, stderr=subprocess.DEVNULL)
    return folder


@pytest.fixture
def flags(certificates):
    """Flags of a server that speaks TLS."""
    return ["--tls-cert", certificates / "server.pem", "--tls-key", certificates / "server.key"]


@pytest.fixture
def start_server(tmp_path):
    """Starts servers with further flags; all of them are stopped behind the test."""
    servers = []

    def start(*flags):
        folder = tmp_path / f"server-{len(servers)}"
        folder.mkdir()
        servers.append(Server(folder, *flags))
        return servers[-1]

    yield start
    for server in servers:
        if server.process.poll() is None:
            server.stop()


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """One server for all tests of a file."""
    server = Server(tmp_path_factory.mktemp("server"))
    yield server
    server.stop()
