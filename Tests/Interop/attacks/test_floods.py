"""Frames that cost the sender nothing, in numbers."""

import pytest
from hyperframe.frame import GoAwayFrame, PingFrame, SettingsFrame, WindowUpdateFrame

from wire import ENHANCE_YOUR_CALM, PREFACE, PROTOCOL_ERROR, Peer, message, raw

pytestmark = pytest.mark.usefixtures("bystander")

FLOODS = {
    "SETTINGS": SettingsFrame(0, settings={4: 65535}).serialize(),
    "PING": PingFrame(0, opaque_data=b"12345678").serialize(),
    "answers to no PING": PingFrame(0, flags=["ACK"], opaque_data=b"12345678").serialize(),
    "empty DATA": raw(0, 0, 1),
    "DATA of padding": raw(0, 8, 1, bytes([20]) + bytes(20)),
    "PRIORITY": raw(2, 0, 101, b"\0\0\0\1\7"),
    "unknown frames": raw(0xBE, 0, 0, b"what"),
    "WINDOW_UPDATE": WindowUpdateFrame(stream_id=1, window_increment=1).serialize(),
    "GOAWAY": GoAwayFrame(0, last_stream_id=0, error_code=0).serialize(),
}


@pytest.mark.parametrize("reads", [True, False], ids=["read", "unread"])
@pytest.mark.parametrize("name", FLOODS)
def test_flood(target, name, reads):
    with Peer(target.address, window=0) as peer:
        opening, _ = peer.open("/attack.Target/Chat")
        peer.send(opening)
        peer.reads = reads
        for _ in range(60):
            if not peer.send(FLOODS[name] * 1000, timeout=2) or peer.is_closed:
                break
        peer.reads = True
        goaway = peer.goaway(timeout=3)
        assert goaway and goaway.error_code == ENHANCE_YOUR_CALM
        assert peer.waits_for_close(timeout=3)


def test_too_many_pings_are_named(target):
    with Peer(target.address) as peer:
        for _ in range(4):
            peer.send(PingFrame(0, opaque_data=b"12345678"))
        goaway = peer.goaway()
        assert goaway.error_code == ENHANCE_YOUR_CALM
        assert goaway.additional_data == b"too_many_pings"


def test_priority_churn(target):
    with Peer(target.address) as peer:
        for start in range(1, 40_000, 2000):
            frames = (
                raw(2, 0, stream, ((stream * 7) % 9999 + 1).to_bytes(4) + b"\7")
                for stream in range(start, start + 2000, 2))
            if not peer.send(*frames) or peer.is_closed:
                break
        assert peer.goaway().error_code == ENHANCE_YOUR_CALM


def test_continuation_without_end(target):
    with Peer(target.address) as peer:
        peer.send(raw(1, 0, 1, peer.headers()))
        block = peer.fields([("x", "y" * 100)])
        for _ in range(100):
            if not peer.send(raw(9, 0, 1, block) * 10):
                break
        assert peer.goaway().error_code == ENHANCE_YOUR_CALM


def test_empty_continuations(target):
    with Peer(target.address) as peer:
        peer.send(raw(1, 0, 1, peer.headers()) + raw(9, 0, 1) * 10_000)
        assert peer.goaway().error_code == ENHANCE_YOUR_CALM


def test_rapid_reset(target):
    with Peer(target.address) as peer:
        for _ in range(300):
            frames = []
            for _ in range(100):
                data, stream = peer.call()
                frames.append(data + raw(3, 0, stream, b"\0\0\0\10"))
            if not peer.send(*frames) or peer.is_closed:
                break
        assert peer.goaway().error_code == ENHANCE_YOUR_CALM


def test_five_thousand_cancelled_calls_are_no_attack(target):
    with Peer(target.address) as peer:
        for _ in range(50):
            frames = []
            for _ in range(100):
                data, stream = peer.call("/attack.Target/Later", bytes(4))
                frames.append(data + raw(3, 0, stream, b"\0\0\0\10"))
            assert peer.send(*frames)
            peer.wait_for(lambda f: False, timeout=0.005)
        assert peer.is_served_soon()


def test_handlers_that_run_on_after_a_reset_have_a_bound(target):
    with Peer(target.address) as peer:
        for _ in range(30):
            frames = []
            for _ in range(50):
                data, stream = peer.call("/attack.Target/Stubborn")
                frames.append(data + raw(3, 0, stream, b"\0\0\0\10"))
            assert peer.send(*frames)
        data, stream = peer.call()
        peer.send(data)
        assert peer.reset(stream).error_code == 7
        # The handlers end after two seconds, and then there is room again.
        peer.wait_for(lambda f: False, timeout=2.5)
        assert peer.is_served()


def overflow(peer):
    opening, stream = peer.open("/attack.Target/Chat")
    return opening + raw(8, 0, stream, b"\x7f\xff\xff\xff")


def content_length(peer):
    opening, stream = peer.open(extra=[("content-length", "99")])
    return opening + raw(0, 1, stream, message(b"x"))


def bad_trailers(peer):
    opening, stream = peer.open("/attack.Target/Chat")
    return opening + raw(1, 5, stream, peer.fields([(":path", "/")]))


def empty_name(peer):
    return raw(1, 4, peer.take_stream(), peer.headers() + b"\0\0\1a")


def upper_case(peer):
    return raw(1, 4, peer.take_stream(), peer.headers() + b"\0\1X\1a")


@pytest.mark.parametrize(
    "mistake", [overflow, content_length, bad_trailers, empty_name, upper_case],
    ids=lambda f: f.__name__)
def test_resets_that_the_client_provokes(target, mistake):
    with Peer(target.address) as peer:
        for _ in range(40):
            if not peer.send(*(mistake(peer) for _ in range(10))) or peer.is_closed:
                break
            # What the server has not reset yet counts as open.
            peer.wait_for(lambda f: False, timeout=0.005)
        assert peer.goaway().error_code == ENHANCE_YOUR_CALM


def test_zero_window_update_ends_the_connection(target):
    with Peer(target.address) as peer:
        opening, stream = peer.open("/attack.Target/Chat")
        peer.send(opening + raw(8, 0, stream, bytes(4)))
        assert peer.goaway().error_code == PROTOCOL_ERROR


def test_more_streams_than_allowed(target):
    with Peer(target.address) as peer:
        frames = [peer.open("/attack.Target/Chat")[0] for _ in range(1000)]
        peer.send(*frames)
        assert peer.goaway().error_code in (PROTOCOL_ERROR, ENHANCE_YOUR_CALM)
        assert peer.waits_for_close()


@pytest.mark.parametrize("garbage", [
    b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", bytes(1000), b"\xff" * 100_000, PREFACE[:-1] + b"X" * 50,
])
def test_garbage_instead_of_a_preface(target, garbage):
    with Peer(target.address, greets=False) as peer:
        peer.send(garbage)
        assert peer.waits_for_close()


@pytest.mark.parametrize("garbage", [bytes(10_000), b"\xff" * 100_000, PREFACE * 10])
def test_garbage_after_the_preface(target, garbage):
    with Peer(target.address, greets=False) as peer:
        peer.send(PREFACE + garbage)
        assert peer.waits_for_close()
