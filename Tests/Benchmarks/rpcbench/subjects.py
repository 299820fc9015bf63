"""The servers that are compared: how each is built, started and spoken to."""

import os
import shutil
import socket
import subprocess
import sys
import time

from .processes import ServerProcess, on_core
from .settings import (
    HERE,
    LARGE_BYTES,
    MESSAGE_BYTES,
    ROOT,
    STREAM_MESSAGES,
    framed,
)


class Missing(Exception):
    """A subject cannot be measured here; says why."""


class Subject:
    """A server of bench.Echo that prints its address."""

    name = ""
    # One of so many requests of the fast subjects: its calls cost that much more.
    share = 1
    speaks_tls = False

    def __init__(self, settings):
        self.settings = settings

    def prepare(self):
        """Builds what is needed; raises Missing."""

    def command(self, variant):
        raise NotImplementedError

    def start(self, variant=""):
        """A fresh process; `variant` is empty, `tls` or `guarded`."""
        began = time.monotonic()
        process = on_core(
            self.settings.cores[0], self.command(variant), stdout=subprocess.PIPE,
            stderr=(self.settings.out / f"{self.name}.log").open("w"),
        )
        address = process.stdout.readline().strip()
        if not address:
            raise RuntimeError(f"{self.name} ended with {process.wait()} before it served")
        return ServerProcess(process, address, began)

    def build(self, log, command, **variables):
        """Runs a build with its output in a log; raises Missing with the log's name."""
        log = self.settings.out / log
        print(f"building {self.name} (log: {log})", flush=True)
        with log.open("w") as file:
            result = subprocess.run(
                [str(word) for word in command], cwd=ROOT, stdout=file, stderr=file,
                env={**os.environ, **variables}, check=False,
            )
        if result.returncode != 0:
            raise Missing(f"it does not build, see {log}")


class Benchfront(Subject):
    """Ours, with one loop."""

    name = "benchfront"
    speaks_tls = True

    def prepare(self):
        self.binary = self.settings.server
        if self.binary is None:
            folder = self.settings.out / "build"
            self.build(
                "benchfront-build.log",
                ["swift", "build", "-c", "release", "--product", "bench-rpc-server",
                 "--scratch-path", folder],
                BENCHFRONT_BENCH="1",
            )
            self.binary = folder / "release" / "bench-rpc-server"
        if not os.access(self.binary, os.X_OK):
            raise Missing(f"there is no program {self.binary}")

    def command(self, variant):
        more = {"tls": ["tls", *certificate(self.settings)], "guarded": ["guarded"], "": []}
        return [self.binary, 1, *more[variant]]


class Nghttpd(Subject):
    """nghttp2's own server, one worker: every answer is a file of the same bytes."""

    name = "nghttpd"
    speaks_tls = True

    def prepare(self):
        if shutil.which("nghttpd") is None:
            raise Missing("there is no nghttpd: apt-get install nghttp2-server")
        message = framed(b"a" * MESSAGE_BYTES)
        answers = {
            "Unary": message, "Down": message * STREAM_MESSAGES, "Up": message, "Chat": message,
            "Large": framed(b"a" * LARGE_BYTES),
        }
        folder = self.settings.out / "files" / "bench.Echo"
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in answers.items():
            (folder / name).write_bytes(content)

    def start(self, variant=""):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        command = ["nghttpd", "-d", self.settings.out / "files", "-a", "127.0.0.1"]
        if variant == "tls":
            cert, key = certificate(self.settings)
            command += [port, key, cert]
        else:
            command += ["--no-tls", port]
        began = time.monotonic()
        process = on_core(
            self.settings.cores[0], command, stdout=subprocess.DEVNULL,
            stderr=(self.settings.out / "nghttpd.log").open("w"),
        )
        while process.poll() is None and time.monotonic() < began + 30:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    return ServerProcess(process, f"127.0.0.1:{port}", began)
            time.sleep(0.0005)
        process.kill()
        raise RuntimeError(f"nghttpd ended with {process.wait()} before it served")


class GRPCCpp(Subject):
    """gRPC C++ (Debian's), callback API, raw messages; it runs threads of its own on one core."""

    name = "grpc-cpp"
    share = 4

    def prepare(self):
        folder = self.settings.out / "grpc-cpp"
        self.build(
            "grpc-cpp-build.log",
            ["make", "-s", "-C", HERE / "Peers" / "GRPCCpp", f"OUT={folder}"])
        self.binary = folder / "bench-grpc-cpp"

    def command(self, variant):
        return [self.binary]


class GRPCSwift(Subject):
    """grpc-swift-2 with its NIO transport, one thread of SwiftNIO."""

    name = "grpc-swift"
    share = 16

    def prepare(self):
        folder = self.settings.out / "peers"
        self.build(
            "grpc-swift-build.log",
            ["swift", "build", "-c", "release", "--product", "bench-grpc-swift",
             "--package-path", HERE, "--scratch-path", folder])
        self.binary = folder / "release" / "bench-grpc-swift"

    def command(self, variant):
        return [self.binary]


class GRPCIO(Subject):
    """grpcio, its asyncio server."""

    name = "grpcio"
    share = 32

    def prepare(self):
        found = subprocess.run(
            [sys.executable, "-c", "import grpc"], capture_output=True, text=True, check=False)
        if found.returncode != 0:
            raise Missing(f"{sys.executable} has no grpcio")

    def command(self, variant):
        return [sys.executable, HERE / "Peers" / "grpcio_server.py"]


ALL = [Benchfront, Nghttpd, GRPCCpp, GRPCSwift, GRPCIO]


def certificate(settings):
    """A certificate for 127.0.0.1 and its key, made once."""
    cert, key = settings.out / "cert.pem", settings.out / "key.pem"
    if not (cert.exists() and key.exists()):
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
             "-nodes", "-days", "3650", "-subj", "/CN=127.0.0.1",
             "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", cert],
            check=True, capture_output=True)
    return cert, key


