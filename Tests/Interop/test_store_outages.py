"""What befalls stores: it is told in metrics, health and the log, and recovery needs no restart."""

import contextlib
import os
import signal
import subprocess
import time

import grpc
import pytest
from benchfront import BenchfrontError, Client
from benchfront.v1 import configuration_pb2
from grpc_health.v1 import health_pb2, health_pb2_grpc

from conftest import BINARIES
from failures import FULL, READ_ONLY, WELL, Faults
from outages import (
    OUTAGES,
    Database,
    WatchedServer,
    Workplace,
    finish,
    matrix,
    told,
    wait_for_samples,
)
from replicas import RedisProcess

#: More than are measured before an outage begins.
REQUESTS = 400


@pytest.fixture(scope="module")
def database():
    """A database for all tests of this file; whoever harms it heals it."""
    with Faults() as faults, Database(faults) as postgres:
        yield postgres


@pytest.fixture(scope="module")
def environment(database):
    """What a server of it needs."""
    return {**os.environ, "PGPASSFILE": str(database.password_file)}


@pytest.fixture(scope="module")
def server(database, environment, tmp_path_factory):
    """A server of that database with an agent."""
    folder = tmp_path_factory.mktemp("outages")
    with WatchedServer(
        folder, "server", "--postgres", database.url, environment=environment
    ) as server:
        server.wait_for(server.is_well)
        with Workplace(folder, server):
            yield server


def store_health(address):
    """What health checking says of the store, and of the server as a whole."""
    with grpc.insecure_channel(address) as channel:
        health = health_pb2_grpc.HealthStub(channel)
        return tuple(
            health.Check(health_pb2.HealthCheckRequest(service=name), timeout=10).status
            == health_pb2.HealthCheckResponse.SERVING
            for name in ("benchfront.store", ""))


def writes_until_refused(client):
    """The status with which one of many writes is refused."""
    for number in range(2000):
        model = configuration_pb2.Model(
            id=f"example/{time.time_ns()}-{number}", display_name="x" * 200,
            kind=configuration_pb2.MODEL_KIND_SELF_HOSTED, parameter_count=10**9,
            context_length=4096)
        try:
            client.register_model(model)
        except BenchfrontError as error:
            return error.code
    return None


@pytest.mark.parametrize("name", OUTAGES)
def test_an_outage_is_told_once_and_ends_by_itself(database, server, name):
    outage = OUTAGES[name]
    server.new_lines()
    with Client(server.address) as client:
        run = client.create_run(matrix(), requests=REQUESTS)
        wait_for_samples(client, run, 20)
        outage.begin(database)
        try:
            server.wait_for(lambda: outage.cause in server.causes())
            if not outage.partial:
                assert server.metrics()["benchfront_store_available"] == 0
                assert store_health(server.address) == (False, True)
            # Balancers keep the server: the others have the same store.
            status, text = server.ready()
            assert status == 200 and text.startswith("ready\n") and "the store: " in text
            if outage.reads:
                assert list(client.models())
                refused = {
                    "full": grpc.StatusCode.RESOURCE_EXHAUSTED,
                    "read_only": grpc.StatusCode.UNAVAILABLE,
                }
                assert writes_until_refused(client) == refused[outage.cause]
            # Long enough for whoever would repeat himself.
            time.sleep(4)
        finally:
            outage.end(database)
        server.wait_for(server.is_well)
        assert store_health(server.address) == (True, True)
        finish(client, run, REQUESTS)
    lines = server.new_lines()
    causes, ends = told(lines)
    assert outage.cause in causes and len(causes) == len(set(causes)) and ends == 1, lines
    # Nobody else says the same thing twice.
    words = [line.split(" benchfront-server: ", 1)[-1] for line in lines]
    again = {line for line in words if words.count(line) > 1}
    assert not {line for line in again if "store" in line or "lease" in line}, lines
    assert not [line for line in lines if ".." in line or "?." in line]


@pytest.mark.parametrize(
    ("disk", "cause", "code"),
    [
        (FULL, "full", grpc.StatusCode.RESOURCE_EXHAUSTED),
        (READ_ONLY, "read_only", grpc.StatusCode.UNAVAILABLE),
    ], ids=["full", "read-only"])
def test_a_folder_that_takes_no_writes_is_read_and_written_again_later(tmp_path, disk, cause, code):
    with contextlib.ExitStack() as stack:
        faults = stack.enter_context(Faults())
        server = stack.enter_context(WatchedServer(
            tmp_path, "server", "--data-dir", tmp_path / "data", environment=faults.environment))
        server.wait_for(server.is_well)
        stack.enter_context(Workplace(tmp_path, server))
        client = stack.enter_context(Client(server.address))
        run = client.create_run(matrix(), requests=REQUESTS)
        wait_for_samples(client, run, 20)
        faults.set(disk=disk)
        server.wait_for(lambda: cause in server.causes())
        assert server.metrics()["benchfront_store_available"] == 0
        assert list(client.models())
        assert writes_until_refused(client) == code
        faults.set(disk=WELL)
        server.wait_for(server.is_well)
        finish(client, run, REQUESTS)
        causes, ends = told(server.new_lines())
        assert cause in causes and len(causes) == len(set(causes)) and ends == 1


def test_a_server_waits_for_its_database_and_says_for_what(database, environment, tmp_path):
    database.end(signal.SIGINT)
    try:
        with WatchedServer(
            tmp_path, "server", "--postgres", database.url, environment=environment
        ) as server:
            server.wait_for(lambda: server.ready() == (503, "starting\nthe store: unreachable\n"))
            assert server.causes() == {"unreachable"}
            assert server.metrics()["benchfront_store_available"] == 0
            time.sleep(3)
            database.resume()
            server.wait_for(lambda: server.ready()[0] == 200)
            with Client(server.address) as client:
                assert list(client.models())
            causes, ends = told(server.new_lines(), "the database")
            assert causes[0] == "unreachable" and len(causes) == len(set(causes)) and ends == 1
            server.process.send_signal(signal.SIGTERM)
            assert server.process.wait(timeout=30) == 0
    finally:
        if database.process.poll() is not None:
            database.resume()


def test_a_server_that_waits_can_be_told_to_stop_or_not_to_wait(database, environment, tmp_path):
    url = database.url.replace(f":{database.port}/", ":1/")
    with WatchedServer(tmp_path, "server", "--postgres", url, environment=environment) as server:
        server.wait_for(lambda: server.ready()[0] == 503)
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(timeout=10) == 0
    for flags, code, words in [
        (("--postgres", url, "--database-wait", "0"), 5, "cannot be reached"),
        (("--postgres", "postgresql://app:pass@s3cret@127.0.0.1/app"), 2, "%40"),
        (("--postgres", "postgresql://app:s3cret/1@127.0.0.1/app"), 2, "%2F"),
        (("--redis", "redis://app:s3cret/1@127.0.0.1"), 2, "%2F"),
    ]:
        ended = subprocess.run(
            [
                BINARIES / "benchfront-server", "serve", "--listen", "127.0.0.1:0",
                *([] if "--postgres" in flags else ["--data-dir", tmp_path / "data"]), *flags,
            ], env=environment, capture_output=True, text=True, timeout=60, check=False)
        assert ended.returncode == code and words in ended.stderr, ended.stderr
        assert "s3cret" not in ended.stderr


def test_a_server_ends_in_time_though_its_database_hangs(database, environment, tmp_path):
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(WatchedServer(
            tmp_path, "server", "--postgres", database.url, environment=environment))
        server.wait_for(server.is_well)
        stack.enter_context(Workplace(tmp_path, server))
        client = stack.enter_context(Client(server.address))
        run = client.create_run(matrix(), requests=REQUESTS)
        wait_for_samples(client, run, 20)
        database.signal_all(signal.SIGSTOP)
        try:
            server.wait_for(lambda: "unreachable" in server.causes())
            server.new_lines()
            server.process.send_signal(signal.SIGTERM)
            # The grace, and no more than what comes behind it.
            code = server.process.wait(timeout=3 + 5 + 5)
            lines = server.new_lines()
        finally:
            database.signal_all(signal.SIGCONT)
        assert code == 0, lines
        assert not [line for line in lines if " error " in line or "cannot" in line], lines


def test_clocks_that_are_set_back_and_forth_lose_nothing(database, environment, tmp_path):
    with contextlib.ExitStack() as stack:
        own = stack.enter_context(Faults())
        stack.callback(database.faults.set, clock_seconds=0)
        server = stack.enter_context(WatchedServer(
            tmp_path, "server", "--postgres", database.url,
            environment={**environment, **own.environment,
                         "PGPASSFILE": str(database.password_file)}))
        server.wait_for(server.is_well)
        stack.enter_context(Workplace(tmp_path, server))
        client = stack.enter_context(Client(server.address))
        # An hour back, then forward again, in the middle of a run each.
        for offset in (-3600, 0):
            run = client.create_run(matrix(), requests=REQUESTS)
            wait_for_samples(client, run, 20)
            database.faults.set(clock_seconds=offset)
            own.set(clock_seconds=offset)
            ended = finish(client, run, REQUESTS)
            assert ended.started_at.ToNanoseconds() <= ended.ended_at.ToNanoseconds()
            # Back, no lease ends early; forward, one may, and the next goes on.
            taken = [line for line in server.new_lines() if "took back" in line]
            assert offset == 0 or not taken
        assert server.is_well()


def test_a_redis_that_refuses_is_told_once_and_costs_nothing_else(tmp_path):
    with RedisProcess(tmp_path, "requirepass not-a-secret\nsave ''") as redis, WatchedServer(
        tmp_path, "server", "--data-dir", tmp_path / "data",
        "--redis", f"redis://:an0ther@127.0.0.1:{redis.port}",
    ) as server:
        cache = "benchfront_shared_cache_available"
        server.wait_for(lambda: server.is_well() and server.metrics()[cache] == 0)
        with Client(server.address) as client:
            assert list(client.models())
        redis.ask("config", "set", "requirepass", "an0ther", password="not-a-secret")
        server.wait_for(lambda: server.metrics()[cache] == 1)
        lines = server.new_lines()
        assert told(lines, "Redis") == (["refused"], 1), lines
        assert not [line for line in lines if "an0ther" in line]
