"""ORCA's load reports, read with the published message.

grpcio takes them out of the trailers for its load balancer, so curl makes the calls.
"""

import base64
import subprocess
import time

import pytest
from google.protobuf.message_factory import GetMessageClass

from random_messages import pool

Report = GetMessageClass(pool()[0].FindMessageTypeByName("xds.data.orca.v3.OrcaLoadReport"))
ASKING = ["endpoint-load-metrics-format: bin"]


def reports(address, headers=()):
    """The reports that come with the end of a call."""
    fields = ["content-type: application/grpc", "te: trailers", *headers]
    done = subprocess.run(
        ["curl", "--silent", "--fail", "--http2-prior-knowledge", "--max-time", "10",
         "--dump-header", "-", "--output", "/dev/null", "--data-binary", "@-",
         *(part for field in fields for part in ("--header", field)),
         f"http://{address}/grpc.health.v1.Health/Check"],
        input=bytes(5), capture_output=True, check=True)
    lines = [line.partition(": ") for line in done.stdout.decode().splitlines()]
    assert ("grpc-status", ": ", "0") in lines
    return [Report.FromString(base64.b64decode(value + "=="))
            for name, _, value in lines if name == "endpoint-load-metrics-bin"]


def test_who_asks_is_told(server):
    assert reports(server.address) == []
    (report,) = reports(server.address, ASKING)
    assert 0 < report.mem_utilization < 1


def test_all_are_told_where_the_server_says_so(start_server):
    address = start_server("--load-reports", "all").address
    deadline = time.monotonic() + 30
    while (report := reports(address)[0]).rps_fractional == 0:
        assert time.monotonic() < deadline, report
    assert report.cpu_utilization >= 0 and report.eps == 0


@pytest.mark.parametrize("headers", [[], ASKING])
def test_nobody_is_told_where_the_server_says_so(start_server, headers):
    assert reports(start_server("--load-reports", "none").address, headers) == []
