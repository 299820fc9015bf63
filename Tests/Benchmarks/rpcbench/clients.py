"""The clients: h2load, and our own load client for schedules and streams."""

import json
import re
import shutil
import subprocess

from .processes import run_on_core
from .settings import FRAMED_BYTES, HERE, MESSAGE_BYTES, framed

GRPC_HEADERS = ["-H", "content-type: application/grpc", "-H", "te: trailers"]
TOKEN = "authorization: Bearer benchmark-token-0123456789abcdef0123456789abcdef"


class Clients:
    """Both clients, on the last core."""

    def __init__(self, settings):
        self.core = settings.cores[-1]
        if shutil.which("h2load") is None:
            raise SystemExit("There is no h2load: apt-get install nghttp2-client")
        folder = settings.out / "load"
        subprocess.run(
            ["make", "-s", "-C", HERE / "Load", f"OUT={folder}"], check=True)
        self.load_client = folder / "bench-rpc-load"
        payload = bytes(range(MESSAGE_BYTES))
        # The second is a google.protobuf.BytesValue that takes as many bytes.
        bodies = {"request": payload, "value": b"\x0a\xfd\x01" + payload[: MESSAGE_BYTES - 3]}
        self.bodies = {}
        for name, body in bodies.items():
            self.bodies[name] = settings.out / f"{name}.bin"
            self.bodies[name].write_bytes(framed(body))

    def h2load(
        self, server, path, connections, streams, requests, body="request", headers=(),
        answer_bytes=FRAMED_BYTES,
    ):
        """Closed loop; every request must be answered with all of its bytes.

        Returns CPU of the server in microseconds a call, and calls a second.
        """
        requests = max(requests, connections)
        command = [
            "h2load", "-t1", f"-c{connections}", f"-m{streams}", f"-n{requests}", *GRPC_HEADERS,
            *headers,
        ]
        if body:
            command += ["-d", self.bodies[body]]
        before = server.cpu_us()
        output = run_on_core(self.core, [*command, f"http://{server.address}{path}"])
        cpu_us = server.cpu_us() - before
        succeeded = re.search(r"(\d+) succeeded", output)
        data = re.search(r"\((\d+)\) data", output)
        if not succeeded or int(succeeded[1]) != requests:
            raise RuntimeError(f"h2load: {_line(output, 'requests:')}")
        if not data or int(data[1]) != requests * answer_bytes:
            raise RuntimeError(f"h2load: not {requests * answer_bytes} bytes of data: "
                               f"{_line(output, 'traffic:')}")
        rate = float(re.search(r"([\d.]+) req/s", output)[1])
        return {"cpu_us": cpu_us / requests, "calls_per_s": rate}

    def load(self, mode, server, path, **plan):
        """Our own client; returns what it printed, with `cpu_us` of the server for each call."""
        before = server.cpu_us()
        output = run_on_core(
            self.core,
            [self.load_client, mode, server.address, path]
            + [f"{name}={value}" for name, value in plan.items()])
        cpu_us = server.cpu_us() - before
        result = json.loads(output)
        if result["failed"]:
            raise RuntimeError(f"{result['failed']} of {result['calls']} calls failed")
        return {**result, "cpu_us": cpu_us / result["calls"]}


def _line(output, word):
    return next((line for line in output.splitlines() if line.startswith(word)), output[-200:])
