"""Attacks by gRPC-Web: its text, its preflights, and answers that grow when they become text."""

import base64
import struct
import time

import pytest

from wire import INITIAL_WINDOW_SIZE, Peer, message, raw

pytestmark = pytest.mark.usefixtures("bystander")

INTERNAL, RESOURCE_EXHAUSTED, DEADLINE_EXCEEDED = 13, 8, 4
ORIGIN = ("origin", "https://attack.example")


def opened(peer, path="Echo", method="POST", extra=(), ends=False):
    """The bytes that open a call in text, and its stream."""
    stream = peer.take_stream()
    fields = [
        (":method", method), (":scheme", "http"), (":path", f"/attack.Target/{path}"),
        (":authority", "attack"), ("content-type", "application/grpc-web-text"), *extra,
    ]
    return raw(1, 5 if ends else 4, stream, peer.fields(fields)), stream


def text_call(peer, path, payload):
    opening, stream = opened(peer, path)
    return opening + raw(0, 1, stream, base64.b64encode(message(payload))), stream


def is_served_in_text(peer):
    data, stream = text_call(peer, "Echo", b"well")
    peer.send(data)
    answer = base64.b64encode(message(b"well"))
    end = base64.b64encode(b"\x80" + struct.pack(">I", 16) + b"grpc-status: 0\r\n")
    return peer.wait_for(lambda f: peer.body(stream) == answer + end)


def test_garbage_for_base64(target):
    with Peer(target.address) as peer:
        for garbage in (b"\xff" * 16_384, b"=" * 100, b"AAA", b"A" * 16_383 + b"=", b"AA==" * 4096):
            for _ in range(100):
                opening, stream = opened(peer)
                peer.send(opening + raw(0, 1, stream, garbage))
                assert peer.status(stream) not in (None, 0)
        assert is_served_in_text(peer)


def test_one_symbol_at_a_time(target):
    with Peer(target.address) as peer:
        text = base64.b64encode(message(b"slow but sound" * 100))
        opening, stream = opened(peer)
        peer.send(opening, *(raw(0, 0, stream, text[i:i + 1]) for i in range(len(text))))
        peer.send(raw(0, 1, stream))
        assert peer.wait_for(lambda f: peer.body(stream).startswith(text))
        assert is_served_in_text(peer)


def test_text_that_comes_too_slowly(target):
    with Peer(target.address) as peer:
        opening, stream = opened(peer)
        peer.send(opening + raw(0, 0, stream, b"AAAAAAE"))
        assert peer.status(stream, timeout=3) == DEADLINE_EXCEEDED
        assert is_served_in_text(peer)


def test_large_texts_that_never_end(target):
    peers = [Peer(target.address) for _ in range(10)]
    prefix = base64.b64encode(struct.pack(">BI", 0, 4_194_300) + b"x")
    for peer in peers:
        for _ in range(100):
            opening, stream = opened(peer)
            body = b"".join(raw(0, 0, stream, b"A" * 16_384) for _ in range(40))
            if not peer.send(opening + raw(0, 0, stream, prefix) + body, timeout=0.1):
                break
    for peer in peers:
        peer.close()


@pytest.mark.parametrize("path", ["Large", "Later", "Pour"])
@pytest.mark.parametrize("window", [0, 2**31 - 1])
def test_text_that_nobody_reads(target, path, window):
    peers = [Peer(target.address, settings={INITIAL_WINDOW_SIZE: window}) for _ in range(10)]
    for peer in peers:
        peer.reads = False
        for _ in range(10):
            calls = (text_call(peer, path, struct.pack(">I", 100_000)) for _ in range(20))
            if not peer.send(*(data for data, _ in calls), timeout=0.2):
                break
    time.sleep(0.5)
    for peer in peers:
        peer.close()


def test_floods_of_preflights(target):
    asked = [ORIGIN, ("access-control-request-method", "POST")]
    names = ("access-control-request-headers", ",".join(["x-" + "y" * 100] * 8))
    with Peer(target.address) as peer:
        for extra in (asked, [*asked, names], [("origin", "https://evil.example"), asked[1]]):
            for _ in range(20):
                # No more than the connection may have open.
                sent = [opened(peer, method="OPTIONS", extra=extra, ends=True) for _ in range(200)]
                assert peer.send(*(data for data, _ in sent))
                last = sent[-1][1]
                assert peer.wait_for(lambda f: "END_STREAM" in f.flags and f.stream_id == last)
                peer.seen.clear()
        assert is_served_in_text(peer)


def test_preflights_whose_answers_nobody_reads(target):
    asked = [ORIGIN, ("access-control-request-method", "POST"),
             ("access-control-request-headers", ",".join(["x-" + "y" * 100] * 8))]
    peers = [Peer(target.address) for _ in range(5)]
    for peer in peers:
        peer.reads = False
        for _ in range(50):
            sent = [opened(peer, method="OPTIONS", extra=asked, ends=True) for _ in range(100)]
            if not peer.send(*(data for data, _ in sent), timeout=0.2):
                break
    time.sleep(0.5)
    for peer in peers:
        peer.close()
