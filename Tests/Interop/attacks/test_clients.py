"""Stock clients that are many, impatient or nervous, but no attackers."""

import threading
import time

import grpc
import pytest


def connect(address, *options):
    return grpc.insecure_channel(address, options=[("grpc.use_local_subchannel_pool", 1), *options])


def test_five_thousand_cancelled_calls_keep_their_connection(make_target):
    # A server with its usual times: the others' target leaves whoever is silent for a second or
    # two, as this client may be on a busy machine. Here only what it cancels can end its connection.
    target = make_target()
    with connect(target.address) as channel:
        later = channel.unary_unary("/attack.Target/Later")
        states = []
        later(bytes(4), timeout=60, wait_for_ready=True)
        channel.subscribe(states.append)
        for _ in range(50):
            calls = [later.future(bytes(4), timeout=60) for _ in range(100)]
            for call in calls:
                call.cancel()
        assert later(bytes(4), timeout=60) == b""
        assert set(states) <= {grpc.ChannelConnectivity.READY}


PINGS = [
    ("grpc.keepalive_time_ms", 50), ("grpc.keepalive_timeout_ms", 5000),
    ("grpc.http2.max_pings_without_data", 0), ("grpc.keepalive_permit_without_calls", 1),
]


def test_a_client_that_pings_too_often_is_told_so(target, capfd):
    with connect(target.address, *PINGS) as channel:
        chat = channel.stream_stream("/attack.Target/Chat")
        silent = threading.Event()
        call = chat(iter(silent.wait, None), timeout=10)
        with pytest.raises(grpc.RpcError) as error:
            next(call)
        silent.set()
        assert error.value.code() == grpc.StatusCode.UNAVAILABLE
        # The call only learns that its connection is lost; the library writes down why.
        assert 'debug data equal to "too_many_pings"' in capfd.readouterr().err


def test_pings_at_the_allowed_distance_are_borne(make_target):
    target = make_target("minPingInterval=0.01")
    with connect(target.address, *PINGS) as channel:
        chat = channel.stream_stream("/attack.Target/Chat")
        over = threading.Event()

        def one_after_a_second():
            time.sleep(1)
            yield b"still here"
            over.wait(5)

        call = chat(one_after_a_second(), timeout=10)
        assert next(call) == b"still here"
        over.set()


def test_a_rolling_restart_under_load_fails_no_call(make_target):
    servers = [make_target(), make_target()]
    addresses = [server.address for server in servers]
    failures, calls, is_over = [], [0], threading.Event()

    def work(channel, name):
        call = channel.unary_unary(f"/attack.Target/{name}")
        while not is_over.is_set():
            try:
                call(b"\0\0\1\0", timeout=10)
                calls[0] += 1
            except grpc.RpcError as error:
                failures.append((name, error.code(), error.details()))

    channels = [connect("ipv4:" + ",".join(addresses)) for _ in range(2)]
    threads = [
        threading.Thread(target=work, args=(channel, name))
        for channel in channels for name in ("Echo", "Later", "Large", "Later")
    ]
    for thread in threads:
        thread.start()
    for turn in range(4):
        before = calls[0]
        while calls[0] < before + 200:
            time.sleep(0.01)
        # The old one ends before its successor takes the address; the other one serves meanwhile.
        servers[turn % 2].stop()
        servers[turn % 2] = make_target(f"listen={addresses[turn % 2]}")
    is_over.set()
    for thread in threads:
        thread.join()
    for channel in channels:
        channel.close()
    assert failures == []


def test_a_drain_waits_for_calls_and_not_for_idle_clients(make_target):
    target = make_target()
    with connect(target.address) as channel:
        later = channel.unary_unary("/attack.Target/Later")
        call = later.future(b"\0\0\1\0", timeout=5, wait_for_ready=True)
        later(bytes(4), timeout=5)
        call = later.future(b"\0\0\1\0", timeout=5)
        begin = time.monotonic()
        target.stop()
        assert time.monotonic() - begin < 5
        assert len(call.result()) == 256


def test_a_handler_that_blocks_its_loop_does_not_keep_the_process(make_target):
    target = make_target("hardEnd=2")
    with connect(target.address) as channel:
        channel.unary_unary("/attack.Target/Echo")(b"", timeout=5, wait_for_ready=True)
        blocked = channel.unary_unary("/attack.Target/Block").future(b"")
        begin = time.monotonic()
        target.process.stdin.close()
        assert target.process.wait(timeout=20) == 3
        assert time.monotonic() - begin >= 2
        assert blocked.code() == grpc.StatusCode.UNAVAILABLE
