"""Starts a real server on an empty data folder for the tests."""

import os
import re
import signal
import subprocess
from pathlib import Path

import pytest

from benchfront import Client


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    """Address of a server of this build."""
    binary = Path(os.environ["BENCHFRONT_BIN"]) / "benchfront-server"
    folder = tmp_path_factory.mktemp("data")
    process = subprocess.Popen(
        [binary, "serve", "--listen", "127.0.0.1:0", "--data-dir", folder],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        for line in process.stdout:
            if found := re.search(r"serving on (\S+:\d+)", line):
                yield found.group(1)
                break
        else:
            pytest.fail(f"the server ended with {process.wait()} and served nothing")
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=30) == 0


@pytest.fixture
def client(server):
    """A client of the server."""
    with Client(server) as client:
        yield client
