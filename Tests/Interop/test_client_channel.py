"""Our client, through the command line, and servers that fail: grpcio's and our own."""

import os
import re
import signal
import subprocess
import time
from concurrent import futures

import grpc
import pytest

METHOD = "/benchfront.v1.Catalog/ListModels"


class StockServer:
    """A grpcio server that fails `failures` times, with a wait or a refusal of another attempt."""

    def __init__(self, failures, push_back, code=grpc.StatusCode.UNAVAILABLE):
        self.failures, self.push_back, self.code = failures, push_back, code
        self.attempts = []
        self.server = grpc.server(futures.ThreadPoolExecutor(2))
        handler = grpc.unary_unary_rpc_method_handler(self.answer)
        service, name = METHOD[1:].split("/")
        self.server.add_generic_rpc_handlers(
            [grpc.method_handlers_generic_handler(service, {name: handler})])
        self.address = f"127.0.0.1:{self.server.add_insecure_port('127.0.0.1:0')}"
        self.server.start()

    def answer(self, _, context):
        metadata = dict(context.invocation_metadata())
        self.attempts.append((time.monotonic(), metadata.get("grpc-previous-rpc-attempts")))
        if len(self.attempts) <= self.failures:
            if self.push_back is not None:
                context.set_trailing_metadata([("grpc-retry-pushback-ms", self.push_back)])
            context.abort(self.code, "not now")
        return b""


@pytest.fixture
def stock_server():
    """Makes such servers."""
    made = []

    def make(*arguments):
        made.append(StockServer(*arguments))
        return made[-1]

    yield make
    for each in made:
        each.server.stop(None)


def list_models(binaries, target, *flags):
    return subprocess.run(
        [binaries / "benchfront", "models", "--server", target, *flags], capture_output=True,
        text=True, check=False, timeout=60, env={**os.environ, "BENCHFRONT_SERVER": ""})


def test_a_stock_servers_wait_is_kept(binaries, stock_server):
    server = stock_server(2, "300")
    run = list_models(binaries, server.address)
    assert run.returncode == 0, run.stderr
    times, counts = zip(*server.attempts)
    assert all(later - earlier >= 0.3 for earlier, later in zip(times, times[1:]))
    assert counts == (None, "1", "2")


@pytest.mark.parametrize("push_back", ["-1", "soon"])
def test_a_stock_server_that_wants_no_retry_gets_none(binaries, stock_server, push_back):
    server = stock_server(9, push_back)
    run = list_models(binaries, server.address)
    assert run.returncode == 5 and "not now" in run.stderr
    assert len(server.attempts) == 1


def test_attempts_end(binaries, stock_server):
    server = stock_server(9, None)
    assert list_models(binaries, server.address).returncode == 5
    assert [count for _, count in server.attempts] == [None, "1", "2", "3"]
    refusing = stock_server(9, None, grpc.StatusCode.FAILED_PRECONDITION)
    assert list_models(binaries, refusing.address).returncode == 4
    assert len(refusing.attempts) == 1


@pytest.mark.parametrize("policy", ["pick_first", "round_robin"])
def test_a_killed_server_is_left_for_the_next(binaries, start_server, stock_server, policy):
    first, second = start_server(), stock_server(0, None)
    target = f"ipv4:{first.address},{second.address}"
    assert list_models(binaries, target, "--load-balancing", policy).returncode == 0
    first.process.kill()
    first.process.wait()
    run = list_models(binaries, target, "--load-balancing", policy)
    assert run.returncode == 0, run.stderr
    assert second.attempts
    second.server.stop(None).wait()
    run = list_models(binaries, target, "--load-balancing", policy)
    assert run.returncode == 5
    assert first.address in run.stderr and second.address in run.stderr


def test_a_target_that_cannot_be_read_is_wrong_usage(binaries):
    for target, words in (("dns://8.8.8.8/a:1", "DNS server"), ("a:1,,b:2", "no port")):
        run = list_models(binaries, target)
        assert run.returncode == 2 and words in run.stderr, run.stderr
    run = list_models(binaries, "a:1", "--load-balancing", "fastest")
    assert run.returncode == 2 and "pick_first or round_robin" in run.stderr


def test_a_call_has_one_trace_in_the_logs_of_both_sides(binaries, start_server):
    server = start_server("--log-level", "debug")
    run = list_models(binaries, server.address, "--verbose")
    assert run.returncode == 0
    line = next(line for line in run.stderr.splitlines() if "call ended" in line)
    assert f"method={METHOD}" in line and "status=OK" in line and "attempts=1" in line
    trace = re.search(r"trace_id=([0-9a-f]{32})", line).group(1)
    server.stop()
    assert any(
        trace in line and METHOD in line for line in server.log.read_text().splitlines())
    # Nobody is told who does not ask.
    assert list_models(binaries, start_server().address).stderr == ""


def test_a_server_that_stands_still_does_not_hold_up_the_next(binaries, start_server):
    frozen, other = start_server(), start_server()
    os.kill(frozen.process.pid, signal.SIGSTOP)
    try:
        begin = time.monotonic()
        run = list_models(binaries, f"{frozen.address},{other.address}")
        # One attempt to connect may take ten seconds.
        assert time.monotonic() - begin < 10
        assert run.returncode == 0 and run.stdout
    finally:
        os.kill(frozen.process.pid, signal.SIGCONT)
