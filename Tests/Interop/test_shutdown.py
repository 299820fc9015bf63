"""The end of a real server, whatever holds it up."""

import fcntl
import re
import signal
import sqlite3
import subprocess
import threading
import time
import urllib.error
import urllib.request

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from hyperframe.frame import DataFrame

from attacks.wire import INITIAL_WINDOW_SIZE, Peer

LIST_MODELS = "/benchfront.v1.Catalog/ListModels"


def readiness(server):
    """The HTTP status of /readyz."""
    try:
        with urllib.request.urlopen(f"{server.metrics}/readyz", timeout=10) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


def test_a_server_with_a_drain_delay_says_so_first_and_serves_on(start_server):
    # The delay is longer than this test: what is seen before its end is what counts.
    server = start_server("--drain-delay", "300")
    with grpc.insecure_channel(server.address) as channel:
        health = health_pb2_grpc.HealthStub(channel)
        watch = health.Watch(health_pb2.HealthCheckRequest())
        assert next(watch).status == health_pb2.HealthCheckResponse.SERVING
        assert readiness(server) == 200
        server.process.send_signal(signal.SIGTERM)
        assert next(watch).status == health_pb2.HealthCheckResponse.NOT_SERVING
        assert readiness(server) == 503
        answer = health.Check(health_pb2.HealthCheckRequest(), timeout=10)
        assert answer.status == health_pb2.HealthCheckResponse.NOT_SERVING
        # Open connections and new ones are served as before.
        channel.unary_unary(LIST_MODELS)(b"", timeout=10)
        with grpc.insecure_channel(server.address) as late:
            late.unary_unary(LIST_MODELS)(b"", timeout=10)
        assert server.process.poll() is None
    # A second signal ends it without the rest of the delay.
    server.process.send_signal(signal.SIGTERM)
    assert server.process.wait(timeout=30) == 128 + signal.SIGTERM


def test_a_server_drains_behind_its_delay(start_server):
    server = start_server("--drain-delay", "1")
    with grpc.insecure_channel(server.address) as channel:
        list_models = channel.unary_unary(LIST_MODELS)
        list_models(b"", timeout=10)
        told = time.monotonic()
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(timeout=30) == 0
        assert time.monotonic() - told >= 1


def test_a_server_whose_loops_are_blocked_ends_all_the_same(binaries, tmp_path):
    process = subprocess.Popen(
        [
            binaries / "benchfront-server", "serve", "--listen", "127.0.0.1:0", "--loops", "1",
            "--data-dir", tmp_path / "data", "--log-level", "debug", "--drain-grace", "0.1",
        ],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )
    try:
        # Nobody reads the log: the line that no longer fits blocks the loop that writes it.
        fcntl.fcntl(process.stderr, fcntl.F_SETPIPE_SZ, 4096)
        address = re.search(r"serving on (\S+)", process.stdout.readline()).group(1)
        with grpc.insecure_channel(address) as channel:
            list_models = channel.unary_unary(LIST_MODELS)
            with pytest.raises(grpc.RpcError) as error:
                for _ in range(1000):
                    list_models(b"", timeout=3)
            assert error.value.code() == grpc.StatusCode.DEADLINE_EXCEEDED
            process.send_signal(signal.SIGTERM)
            assert process.wait(timeout=20) == 1
    finally:
        process.kill()
        process.wait()


def test_calls_that_the_end_of_the_grace_cuts_learn_why_and_are_counted(start_server):
    server = start_server("--drain-grace", "0.5")
    with grpc.insecure_channel(server.address) as channel:
        is_over = threading.Event()

        def never_ending():
            is_over.wait(30)
            yield from ()

        calls = [
            channel.stream_unary("/benchfront.v1.Catalog/ImportResults").future(never_ending())
            for _ in range(3)
        ]
        # One connection carries them in order: behind this answer they have begun.
        channel.unary_unary(LIST_MODELS)(b"", timeout=10)
        server.process.send_signal(signal.SIGTERM)
        for call in calls:
            error = call.exception(timeout=20)
            assert error.code() == grpc.StatusCode.UNAVAILABLE
            assert error.details() == "the server stopped before the call ended"
        is_over.set()
    assert server.process.wait(timeout=30) == 0
    assert re.search(r"warning .*calls=3 .*cut calls at the end of the grace",
                     server.log.read_text())


def test_answers_that_a_client_does_not_take_are_counted_as_cut(start_server):
    server = start_server("--drain-grace", "0.5")
    with Peer(server.address, settings={INITIAL_WINDOW_SIZE: 1}) as peer:
        calls = [peer.call(LIST_MODELS, b"")[0] for _ in range(2)]
        peer.send(*calls)
        assert peer.wait_for(lambda frame: isinstance(frame, DataFrame))
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(timeout=30) == 0
    assert re.search(r"calls=2 .*cut calls at the end of the grace", server.log.read_text())


@pytest.mark.parametrize("kind", ["port", "socket", "file", "folder", "no folder", "twice"])
def test_a_taken_address_is_noticed_before_a_store_is_made(start_server, binaries, tmp_path, kind):
    flags = ["--listen", f"unix:{tmp_path}/socket"] if kind == "socket" else []
    server = start_server(*flags)
    file = tmp_path / "file"
    file.write_text("kept")
    addresses, reason = {
        "port": ([server.address], "Address already in use"),
        "socket": ([server.addresses[-1]], "Address already in use"),
        "file": ([f"unix:{file}"], "Socket operation on non-socket"),
        "folder": ([f"unix:{tmp_path}"], "Socket operation on non-socket"),
        "no folder": ([f"unix:{tmp_path}/none/x"], "No such file or directory"),
        "twice": (["127.0.0.1:1", "127.0.0.1:1"], "127.0.0.1:1 is given twice"),
    }[kind]
    listen = [word for address in addresses for word in ("--listen", address)]
    run = subprocess.run(
        [
            binaries / "benchfront-server", "serve", *listen, "--data-dir", tmp_path / "second",
        ],
        capture_output=True, text=True, timeout=60,
    )
    assert run.returncode == (2 if kind == "twice" else 5)
    assert reason in run.stderr
    assert not (tmp_path / "second").exists()
    assert file.read_text() == "kept"
    with grpc.insecure_channel(server.addresses[-1]) as channel:
        channel.unary_unary(LIST_MODELS)(b"", timeout=10)


def test_a_store_of_a_newer_version_is_refused(start_server, binaries):
    server = start_server()
    server.stop()
    store = server.folder / "data"
    with sqlite3.connect(store / "benchfront.sqlite") as database:
        database.execute("INSERT INTO grdb_migrations VALUES ('9999')")
    run = subprocess.run(
        [
            binaries / "benchfront-server", "serve", "--listen", "127.0.0.1:0",
            "--data-dir", store,
        ],
        capture_output=True, text=True, timeout=60,
    )
    assert run.returncode == 4
    assert "written by a newer version" in run.stderr
