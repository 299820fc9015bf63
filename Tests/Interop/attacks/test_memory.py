"""Attacks on the server's memory: answers that nobody reads, requests that never end, bombs."""

import gzip
import struct
import time

import pytest

from wire import ENHANCE_YOUR_CALM, INITIAL_WINDOW_SIZE, Peer, message, raw

pytestmark = pytest.mark.usefixtures("bystander")

MEBIBYTE = 1048576
RESOURCE_EXHAUSTED, DEADLINE_EXCEEDED = 8, 4


def close_all(peers):
    for peer in peers:
        peer.close()


@pytest.mark.parametrize("path", ["Large", "Later", "Pour"])
def test_zero_window_and_large_answers(target, path):
    peers = [Peer(target.address, settings={INITIAL_WINDOW_SIZE: 0}) for _ in range(10)]
    for peer in peers:
        calls = (peer.call(f"/attack.Target/{path}", struct.pack(">I", 100_000))
                 for _ in range(200))
        peer.send(*(data for data, _ in calls))
    time.sleep(0.5)
    close_all(peers)


@pytest.mark.parametrize("path", ["Large", "Later", "Pour"])
def test_answers_that_nobody_reads_from_the_socket(target, path):
    peers = [Peer(target.address, settings={INITIAL_WINDOW_SIZE: 2**31 - 1}) for _ in range(10)]
    for peer in peers:
        peer.reads = False
        for _ in range(10):
            calls = (peer.call(f"/attack.Target/{path}", struct.pack(">I", 100_000))
                     for _ in range(20))
            if not peer.send(*(data for data, _ in calls), timeout=0.2):
                break
    time.sleep(0.5)
    close_all(peers)


def test_a_client_that_stops_to_read_is_left(target):
    with Peer(target.address, settings={INITIAL_WINDOW_SIZE: 2**31 - 1}) as peer:
        data, _ = peer.call("/attack.Target/Pour", struct.pack(">I", MEBIBYTE))
        peer.send(data)
        peer.reads = False
        # The server notices within twice its stall timeout of two seconds.
        time.sleep(4.5)
        assert peer.waits_for_close()


def test_a_slow_reader_holds_its_own_stream_alone(target):
    with Peer(target.address, settings={INITIAL_WINDOW_SIZE: 70_000}) as peer:
        slow, stream = peer.call("/attack.Target/Pour", struct.pack(">I", 50_000))
        peer.send(slow)
        peer.wait_for(lambda f: len(peer.body(stream)) >= 70_000)
        for _ in range(50):
            assert peer.is_served()
        assert len(peer.body(stream)) == 70_000


def test_lying_length_prefixes(target):
    with Peer(target.address) as peer:
        for length in (4_194_305, 2**31, 2**32 - 1):
            opening, stream = peer.open()
            peer.send(opening + raw(0, 0, stream, struct.pack(">BI", 0, length)))
            assert peer.status(stream) == RESOURCE_EXHAUSTED
        opening, stream = peer.open()
        peer.send(opening + raw(0, 1, stream, struct.pack(">BI", 0, 100) + b"short"))
        assert peer.status(stream) not in (None, 0)
        assert peer.is_served()


def test_large_messages_that_never_end(target):
    peers = [Peer(target.address) for _ in range(10)]
    for peer in peers:
        for _ in range(100):
            opening, stream = peer.open()
            prefix = struct.pack(">BI", 0, 4_194_304)
            body = b"".join(raw(0, 0, stream, bytes(16_384)) for _ in range(32))
            if not peer.send(opening + raw(0, 0, stream, prefix) + body, timeout=0.1):
                break
    close_all(peers)


def test_whole_messages_on_streams_that_never_end(target):
    peers = [Peer(target.address) for _ in range(5)]
    for peer in peers:
        for _ in range(100):
            opening, stream = peer.open()
            body = message(bytes(1_000_000))
            frames = [raw(0, 0, stream, body[i:i + 16_384]) for i in range(0, len(body), 16_384)]
            if not peer.send(opening, *frames, timeout=0.1):
                break
    close_all(peers)


def test_a_message_that_comes_too_slowly(target):
    with Peer(target.address) as peer:
        opening, stream = peer.open()
        peer.send(opening + raw(0, 0, stream, message(b"long")[:-1]))
        assert peer.status(stream, timeout=3) == DEADLINE_EXCEEDED
        assert peer.is_served()


def test_one_byte_at_a_time(target):
    with Peer(target.address) as peer:
        data, stream = peer.call(payload=b"slow but sound")
        for byte in data:
            peer.send(bytes([byte]))
        assert peer.status(stream) == 0


def test_messages_of_many_tiny_frames(target):
    with Peer(target.address) as peer:
        opening, stream = peer.open("/attack.Target/Sink")
        body = message(b"x" * 3000)
        peer.send(opening, *(raw(0, 0, stream, body[i:i + 1]) for i in range(len(body))))
        peer.send(raw(0, 1, stream))
        assert peer.status(stream) == 0


def test_header_bomb(target):
    with Peer(target.address) as peer:
        peer.send(raw(1, 5, peer.take_stream(), peer.headers(extra=[("x", "y" * 3800)])))
        bomb = peer.headers() + b"\xbe" * 12_000
        peer.send(raw(1, 4, peer.take_stream(), bomb))
        assert peer.goaway().error_code == ENHANCE_YOUR_CALM


def test_calls_that_stay_open_with_large_metadata(target):
    value = "v" * 3_500
    peers = [Peer(target.address) for _ in range(60)]
    for peer in peers:
        extra = [("x-large", value)] * 4
        # The first block fills the table of headers, the later ones name it by a byte.
        peer.send(*(raw(1, 4, peer.take_stream(), peer.headers("/attack.Target/Large", extra=extra))
                    for _ in range(250)))
    time.sleep(0.5)
    close_all(peers)


def test_header_lists_over_the_bound(target):
    with Peer(target.address) as peer:
        for extra in ([("x", "y" * 17_000)], [(f"x{i}", "y") for i in range(200)]):
            block = peer.headers(extra=extra)
            stream = peer.take_stream()
            frames = [raw(1, 0, stream, block[:16_384]), raw(9, 4, stream, block[16_384:])]
            peer.send(*frames)
            assert peer.status(stream) == RESOURCE_EXHAUSTED
        assert peer.is_served()


def test_table_size_changes(target):
    with Peer(target.address) as peer:
        block = b"\x20\x3f\xe1\x1f" + peer.headers()
        for _ in range(50):
            peer.send(raw(1, 5, peer.take_stream(), block))
            block = b"\x20\x3f\xe1\x1f" + peer.headers(extra=[("a", "b")])
        assert peer.goaway(timeout=0.5) is None or peer.waits_for_close()


def test_gzip_bomb(target):
    # What crosses the wire fits into the first window.
    bomb = gzip.compress(gzip.compress(bytes(50 * MEBIBYTE)))
    inner = gzip.decompress(bomb)
    with Peer(target.address) as peer:
        for _ in range(20):
            opening, stream = peer.open(extra=[("grpc-encoding", "gzip")])
            body = struct.pack(">BI", 1, len(inner)) + inner
            frames = [raw(0, 0, stream, body[i:i + 16_384]) for i in range(0, len(body), 16_384)]
            peer.send(opening, *frames, raw(0, 1, stream))
            assert peer.status(stream) == RESOURCE_EXHAUSTED
        assert peer.is_served()
