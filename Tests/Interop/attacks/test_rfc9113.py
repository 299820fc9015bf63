"""What RFC 9113 (sections 3 to 8) and RFC 7541 say of clients that break their rules.

Each case is a name, the bytes that it sends on a fresh connection, and what has to follow. A
stream error may also be answered by an error of the connection (section 5.4.2).
"""

import struct

import pytest
from hyperframe.frame import DataFrame, PingFrame, RstStreamFrame, SettingsFrame

from wire import (
    COMPRESSION_ERROR, FLOW_CONTROL_ERROR, FRAME_SIZE_ERROR, INITIAL_WINDOW_SIZE, PREFACE,
    PROTOCOL_ERROR, REFUSED_STREAM, STREAM_CLOSED, Peer, message, raw,
)

DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS, PUSH_PROMISE, PING, GOAWAY = range(8)
WINDOW_UPDATE, CONTINUATION = 8, 9
END_STREAM, END_HEADERS, PADDED, WITH_PRIORITY, ACK = 1, 4, 8, 32, 1
CHAT = "/attack.Target/Chat"


def block(peer, **changes):
    return peer.headers(**changes)


def head(peer, flags=END_HEADERS, stream=1, before=b"", after=b""):
    return raw(HEADERS, flags, stream, before + block(peer) + after)


def setting(number, value):
    return raw(SETTINGS, 0, 0, struct.pack(">HI", number, value))


def word(value):
    return struct.pack(">I", value)


def with_fields(*extra):
    return lambda p: raw(HEADERS, 5, 1, block(p, extra=extra))


def with_pseudo(*pseudo, extra=()):
    return lambda p: raw(HEADERS, 5, 1, block(p, pseudo=list(pseudo), extra=extra))


def with_length(length, *bodies):
    def make(p):
        opening, stream = p.open(extra=[("content-length", str(length))], stream=1)
        frames = [raw(DATA, 0, stream, body) for body in bodies[:-1]]
        return opening + b"".join(frames) + raw(DATA, 1, stream, bodies[-1])
    return make


def ended(p):
    """A stream that the client has half closed and whose answer takes a while."""
    return p.call("/attack.Target/Later", bytes(4))[0]


def was_reset(p):
    return p.open(CHAT, stream=1)[0] + raw(RST_STREAM, 0, 1, word(8))


METHOD, SCHEME = (":method", "POST"), (":scheme", "http")
PATH, AUTHORITY = (":path", "/attack.Target/Echo"), (":authority", "attack")

CONNECTION_ERRORS = [
    # 4.2 Frame size
    ("4.2 HEADERS above the maximum", FRAME_SIZE_ERROR,
     lambda p: raw(HEADERS, 4, 1, bytes(16_385))),
    ("4.2 SETTINGS above the maximum", FRAME_SIZE_ERROR,
     lambda p: raw(SETTINGS, 0, 0, setting(9, 1)[9:] * 2731)),
    # 4.3 Header blocks
    ("4.3 an invalid header block", COMPRESSION_ERROR, lambda p: raw(HEADERS, 4, 1, b"\x7f\xff\xff")),
    ("4.3 a frame within a header block", PROTOCOL_ERROR,
     lambda p: head(p, 0) + raw(PING, 0, 0, bytes(8))),
    ("4.3 another stream within a header block", PROTOCOL_ERROR,
     lambda p: head(p, 0) + head(p, 4, 3)),
    # 5.1 Stream states
    ("5.1 idle: DATA", PROTOCOL_ERROR, lambda p: raw(DATA, 1, 1, b"x")),
    ("5.1 idle: RST_STREAM", PROTOCOL_ERROR, lambda p: raw(RST_STREAM, 0, 1, word(8))),
    ("5.1 idle: WINDOW_UPDATE", PROTOCOL_ERROR, lambda p: raw(WINDOW_UPDATE, 0, 1, word(9))),
    ("5.1 idle: CONTINUATION", PROTOCOL_ERROR, lambda p: raw(CONTINUATION, 4, 1, b"\x82")),
    ("5.1 half closed: DATA", STREAM_CLOSED, lambda p: ended(p) + raw(DATA, 1, 1, b"x")),
    ("5.1 half closed: HEADERS", STREAM_CLOSED, lambda p: ended(p) + head(p, 5)),
    ("5.1 half closed: CONTINUATION", PROTOCOL_ERROR,
     lambda p: ended(p) + raw(CONTINUATION, 4, 1, b"\x82")),
    ("5.1 reset: DATA", STREAM_CLOSED, lambda p: was_reset(p) + raw(DATA, 1, 1, b"x")),
    ("5.1 reset: HEADERS", STREAM_CLOSED, lambda p: was_reset(p) + head(p, 5)),
    ("5.1 reset: CONTINUATION", PROTOCOL_ERROR,
     lambda p: was_reset(p) + raw(CONTINUATION, 4, 1, b"\x82")),
    ("5.1.1 an even stream", PROTOCOL_ERROR, lambda p: head(p, 5, 2)),
    ("5.1.1 a stream below an earlier one", PROTOCOL_ERROR,
     lambda p: head(p, 4, 5) + head(p, 5, 3)),
    ("5.5 an unknown frame within a header block", PROTOCOL_ERROR,
     lambda p: head(p, 0) + raw(0xBE, 0, 0, b"x")),
    # 6 Frames
    ("6.1 DATA on stream 0", PROTOCOL_ERROR, lambda p: raw(DATA, 1, 0, b"x")),
    ("6.1 DATA of more padding than payload", PROTOCOL_ERROR,
     lambda p: head(p) + raw(DATA, PADDED | 1, 1, b"\6test")),
    ("6.2 PRIORITY within a header block", PROTOCOL_ERROR,
     lambda p: head(p, 0) + raw(PRIORITY, 0, 1, bytes(5))),
    ("6.2 HEADERS on stream 0", PROTOCOL_ERROR, lambda p: head(p, 5, 0)),
    ("6.2 HEADERS of more padding than payload", PROTOCOL_ERROR,
     lambda p: raw(HEADERS, PADDED | 5, 1, b"\xff" + block(p))),
    ("6.2 a stream that depends on itself", PROTOCOL_ERROR,
     lambda p: head(p, WITH_PRIORITY | 5, 1, before=word(1) + b"\7")),
    ("6.3 PRIORITY on stream 0", PROTOCOL_ERROR, lambda p: raw(PRIORITY, 0, 0, bytes(5))),
    ("6.4 RST_STREAM on stream 0", PROTOCOL_ERROR, lambda p: raw(RST_STREAM, 0, 0, word(8))),
    ("6.4 RST_STREAM of another length", FRAME_SIZE_ERROR,
     lambda p: head(p) + raw(RST_STREAM, 0, 1, b"\0\0\0")),
    ("6.5 an acknowledgement with settings", FRAME_SIZE_ERROR,
     lambda p: raw(SETTINGS, ACK, 0, struct.pack(">HI", 1, 1))),
    ("6.5 SETTINGS on a stream", PROTOCOL_ERROR,
     lambda p: raw(SETTINGS, 0, 1, struct.pack(">HI", 1, 1))),
    ("6.5 SETTINGS of a broken length", FRAME_SIZE_ERROR, lambda p: raw(SETTINGS, 0, 0, bytes(5))),
    ("6.5.2 ENABLE_PUSH of 2", PROTOCOL_ERROR, lambda p: setting(2, 2)),
    ("6.5.2 INITIAL_WINDOW_SIZE of 2^31", FLOW_CONTROL_ERROR, lambda p: setting(4, 2**31)),
    ("6.5.2 MAX_FRAME_SIZE of 16383", PROTOCOL_ERROR, lambda p: setting(5, 16_383)),
    ("6.5.2 MAX_FRAME_SIZE of 2^24", PROTOCOL_ERROR, lambda p: setting(5, 2**24)),
    ("6.5.3 an acknowledgement of nothing", PROTOCOL_ERROR, lambda p: raw(SETTINGS, ACK, 0)),
    ("6.6 PUSH_PROMISE of a client", PROTOCOL_ERROR,
     lambda p: head(p) + raw(PUSH_PROMISE, 4, 1, word(3) + block(p))),
    ("6.7 PING on a stream", PROTOCOL_ERROR, lambda p: raw(PING, 0, 1, bytes(8))),
    ("6.7 PING of another length", FRAME_SIZE_ERROR, lambda p: raw(PING, 0, 0, bytes(6))),
    ("6.8 GOAWAY on a stream", PROTOCOL_ERROR, lambda p: raw(GOAWAY, 0, 1, bytes(8))),
    ("6.9 an increment of 0", PROTOCOL_ERROR, lambda p: raw(WINDOW_UPDATE, 0, 0, word(0))),
    ("6.9 WINDOW_UPDATE of another length", FRAME_SIZE_ERROR,
     lambda p: raw(WINDOW_UPDATE, 0, 0, bytes(3))),
    ("6.9.1 a connection's window above 2^31 - 1", FLOW_CONTROL_ERROR,
     lambda p: raw(WINDOW_UPDATE, 0, 0, word(2**31 - 1)) * 2),
    ("6.9.2 a stream's window above 2^31 - 1 by settings", FLOW_CONTROL_ERROR,
     lambda p: p.open(CHAT)[0] + raw(WINDOW_UPDATE, 0, 1, word(2**31 - 65_536))
     + setting(4, 2**31 - 1)),
    ("6.10 CONTINUATION on stream 0", PROTOCOL_ERROR,
     lambda p: head(p, 0) + raw(CONTINUATION, 4, 0, b"\x82")),
    ("6.10 CONTINUATION after the block's end", PROTOCOL_ERROR,
     lambda p: head(p) + raw(CONTINUATION, 4, 1, b"\x82")),
    ("6.10 DATA within a header block", PROTOCOL_ERROR,
     lambda p: head(p, 0) + raw(DATA, 1, 1, b"x")),
    # RFC 7541
    ("7541 2.3.3 an index beyond the tables", COMPRESSION_ERROR,
     lambda p: raw(HEADERS, 5, 1, block(p) + b"\xff\xff\x10")),
    ("7541 6.1 the index 0", COMPRESSION_ERROR, lambda p: raw(HEADERS, 5, 1, block(p) + b"\x80")),
    ("7541 4.2 a table size after fields", COMPRESSION_ERROR,
     lambda p: raw(HEADERS, 5, 1, block(p) + b"\x20")),
    ("7541 6.3 a table size above the bound", COMPRESSION_ERROR,
     lambda p: raw(HEADERS, 5, 1, b"\x3f\xe2\x1f" + block(p))),
    ("7541 5.1 an integer without end", COMPRESSION_ERROR,
     lambda p: raw(HEADERS, 5, 1, block(p) + b"\0\x7f" + b"\xff" * 20)),
    ("7541 5.2 a string beyond its block", COMPRESSION_ERROR,
     lambda p: raw(HEADERS, 5, 1, block(p) + b"\0\5ab")),
    ("7541 5.2 Huffman padding of more than 7 bits", COMPRESSION_ERROR,
     lambda p: raw(HEADERS, 5, 1, block(p) + b"\0\1x\x82\x1f\xff")),
    ("7541 5.2 Huffman padding of zeros", COMPRESSION_ERROR,
     lambda p: raw(HEADERS, 5, 1, block(p) + b"\0\1x\x81\x18")),
    ("7541 5.2 the end of string within a string", COMPRESSION_ERROR,
     lambda p: raw(HEADERS, 5, 1, block(p) + b"\0\1x\x84\xff\xff\xff\xff")),
]

STREAM_ERRORS = [
    ("4.2 DATA above the maximum", FRAME_SIZE_ERROR,
     lambda p: p.open(CHAT)[0] + raw(DATA, 0, 1, bytes(16_385))),
    ("6.3 PRIORITY of another length", FRAME_SIZE_ERROR,
     lambda p: p.open(CHAT)[0] + raw(PRIORITY, 0, 1, bytes(4))),
    ("6.9 a stream's increment of 0", PROTOCOL_ERROR,
     lambda p: p.open(CHAT)[0] + raw(WINDOW_UPDATE, 0, 1, word(0))),
    ("6.9.1 a stream's window above 2^31 - 1", FLOW_CONTROL_ERROR,
     lambda p: p.open(CHAT)[0] + raw(WINDOW_UPDATE, 0, 1, word(2**31 - 1))),
    ("8.1 trailers without the end of the stream", PROTOCOL_ERROR,
     lambda p: p.open(CHAT)[0] + raw(HEADERS, 4, 1, p.fields([("x", "y")]))),
    ("8.1.1 content-length above the body", PROTOCOL_ERROR, with_length(9, message(b"x"))),
    ("8.1.1 content-length below the body", PROTOCOL_ERROR, with_length(1, message(b"x"))),
    ("8.1.1 content-length and several frames", PROTOCOL_ERROR,
     with_length(99, message(b"x"), message(b"y"))),
    ("8.1.1 content-length without a body", PROTOCOL_ERROR, with_fields(("content-length", "3"))),
    ("8.1.1 content-length of words", PROTOCOL_ERROR, with_fields(("content-length", "three"))),
    ("8.2 an upper-case name", PROTOCOL_ERROR,
     lambda p: raw(HEADERS, 5, 1, block(p) + b"\0\4X-Up\1a")),
    ("8.2 an empty name", PROTOCOL_ERROR, lambda p: raw(HEADERS, 5, 1, block(p) + b"\0\0\1a")),
    ("8.2.1 a colon within a name", PROTOCOL_ERROR,
     lambda p: raw(HEADERS, 5, 1, block(p) + b"\0\3a:b\1a")),
    ("8.2.1 a space within a name", PROTOCOL_ERROR,
     lambda p: raw(HEADERS, 5, 1, block(p) + b"\0\3a b\1a")),
    *((f"8.2.2 the field {name}", PROTOCOL_ERROR, with_fields((name, value))) for name, value in [
        ("connection", "keep-alive"), ("keep-alive", "1"), ("proxy-connection", "x"),
        ("transfer-encoding", "chunked"), ("upgrade", "h2c")]),
    ("8.2.2 te that is not trailers", PROTOCOL_ERROR, with_fields(("te", "gzip"))),
    ("8.3 an unknown pseudo field", PROTOCOL_ERROR,
     with_pseudo(METHOD, SCHEME, PATH, AUTHORITY, (":what", "x"))),
    ("8.3 a pseudo field of responses", PROTOCOL_ERROR,
     with_pseudo(METHOD, SCHEME, PATH, AUTHORITY, (":status", "200"))),
    ("8.3 a pseudo field after others", PROTOCOL_ERROR,
     with_pseudo(METHOD, SCHEME, AUTHORITY, extra=[PATH])),
    ("8.3 a pseudo field in trailers", PROTOCOL_ERROR,
     lambda p: p.open(CHAT)[0] + raw(HEADERS, 5, 1, p.fields([METHOD]))),
    ("8.3.1 an empty path", PROTOCOL_ERROR, with_pseudo(METHOD, SCHEME, (":path", ""), AUTHORITY)),
    ("8.3.1 no method", PROTOCOL_ERROR, with_pseudo(SCHEME, PATH, AUTHORITY)),
    ("8.3.1 no scheme", PROTOCOL_ERROR, with_pseudo(METHOD, PATH, AUTHORITY)),
    ("8.3.1 no path", PROTOCOL_ERROR, with_pseudo(METHOD, SCHEME, AUTHORITY)),
    ("8.3.1 two methods", PROTOCOL_ERROR, with_pseudo(METHOD, METHOD, SCHEME, PATH, AUTHORITY)),
    ("8.3.1 two schemes", PROTOCOL_ERROR, with_pseudo(METHOD, SCHEME, SCHEME, PATH, AUTHORITY)),
    ("8.3.1 two paths", PROTOCOL_ERROR, with_pseudo(METHOD, SCHEME, PATH, PATH, AUTHORITY)),
]

SERVED = [
    ("4.1 an unknown frame", lambda p: raw(0xBE, 0xFF, 0, b"x" * 100)),
    ("4.1 an unknown frame on a stream", lambda p: p.open(CHAT)[0] + raw(0xBE, 0xFF, 1)),
    ("4.1 unknown flags", lambda p: raw(PING, 0xFE, 0, bytes(8))),
    ("4.1 the reserved bit of a stream", lambda p: head(p, 5, 2**31 + 1)),
    ("5.1 PRIORITY on an idle stream", lambda p: raw(PRIORITY, 0, 99, word(1) + b"\7")),
    ("5.1 PRIORITY on a closed stream", lambda p: was_reset(p) + raw(PRIORITY, 0, 1, word(3) + b"\7")),
    ("5.1 WINDOW_UPDATE on a closed stream",
     lambda p: was_reset(p) + raw(WINDOW_UPDATE, 0, 1, word(1))),
    ("5.1 RST_STREAM on a closed stream", lambda p: was_reset(p) + raw(RST_STREAM, 0, 1, word(8))),
    ("5.1.1 streams that are left out", lambda p: head(p, 5, 101) + setattr_next(p, 103)),
    ("6.1 padded DATA", lambda p: p.open(CHAT)[0] + raw(DATA, PADDED, 1, b"\3" + message(b"x") + bytes(3))),
    ("6.2 padding and priority",
     lambda p: raw(HEADERS, PADDED | WITH_PRIORITY | 5, 1, b"\2" + word(0) + b"\7" + block(p) + bytes(2))),
    ("6.5.2 an unknown setting", lambda p: setting(0xFF, 99)),
    ("6.9.2 a stream's window of 2^31 - 1 by settings",
     lambda p: p.open(CHAT)[0] + raw(WINDOW_UPDATE, 0, 1, word(2**31 - 65_537)) + setting(4, 65_536)),
    ("6.5.2 several values of a setting", lambda p: raw(
        SETTINGS, 0, 0, struct.pack(">HIHI", 4, 1, 4, 65_535))),
    ("6.7 an answer to no PING", lambda p: raw(PING, ACK, 0, bytes(8))),
    ("6.10 several CONTINUATION", lambda p: head(p, 1) + raw(CONTINUATION, 0, 1) * 3 + raw(
        CONTINUATION, 4, 1, p.fields([("x", "y")]))),
    ("8.1 trailers", lambda p: p.open()[0] + raw(DATA, 0, 1, message(b"x")) + raw(
        HEADERS, 5, 1, p.fields([("x", "y")]))),
    ("8.2.3 several cookies", with_fields(("cookie", "a=b"), ("cookie", "c=d"))),
    ("7541 4.2 two table sizes first",
     lambda p: raw(HEADERS, 5, 1, b"\x20\x3f\xe1\x1f" + block(p))),
]


def setattr_next(peer, stream):
    """Lets the peer go on with a later stream; it sends nothing."""
    peer.next_stream = stream
    return b""


def ids(cases):
    return [case[0] for case in cases]


@pytest.mark.parametrize("name, code, make", CONNECTION_ERRORS, ids=ids(CONNECTION_ERRORS))
def test_connection_error(target, name, code, make):
    with Peer(target.address) as peer:
        peer.send(make(peer))
        goaway = peer.goaway()
        assert goaway and goaway.error_code == code
        assert peer.waits_for_close()


@pytest.mark.parametrize("name, code, make", STREAM_ERRORS, ids=ids(STREAM_ERRORS))
def test_stream_error(target, name, code, make):
    with Peer(target.address) as peer:
        peer.send(make(peer))
        frame = peer.wait_for(lambda f: isinstance(f, RstStreamFrame) or f.type == GOAWAY)
        assert frame and frame.error_code == code
        if isinstance(frame, RstStreamFrame):
            peer.next_stream = 3
            assert peer.is_served()


@pytest.mark.parametrize("name, make", SERVED, ids=ids(SERVED))
def test_served_on(target, name, make):
    with Peer(target.address) as peer:
        peer.send(make(peer))
        peer.next_stream = max(peer.next_stream, 3)
        assert peer.is_served()


def test_the_server_greets_with_settings(target):
    with Peer(target.address, greets=False) as peer:
        peer.send(PREFACE + SettingsFrame(0).serialize())
        peer.wait_for(lambda f: "ACK" in f.flags)
        assert isinstance(peer.seen[0], SettingsFrame) and "ACK" not in peer.seen[0].flags


def test_a_client_that_says_goodbye_gets_its_answers(target):
    with Peer(target.address) as peer:
        opening, stream = peer.open()
        peer.send(opening + raw(GOAWAY, 0, 0, bytes(8) + b"bye"))
        peer.send(raw(DATA, 1, stream, message(b"x")))
        assert peer.status(stream) == 0


def test_ping_is_answered_with_its_bytes(target):
    with Peer(target.address) as peer:
        peer.send(PingFrame(0, opaque_data=b"12345678"))
        answer = peer.wait_for(lambda f: isinstance(f, PingFrame))
        assert "ACK" in answer.flags and answer.opaque_data == b"12345678"


def test_a_stream_above_the_maximum_is_refused(target):
    with Peer(target.address) as peer:
        peer.send(*(peer.open(CHAT)[0] for _ in range(257)))
        frame = peer.wait_for(lambda f: isinstance(f, RstStreamFrame) or f.type == GOAWAY)
        assert frame.error_code in (PROTOCOL_ERROR, REFUSED_STREAM)


def test_a_window_of_one_byte_is_kept_to(target):
    with Peer(target.address, settings={INITIAL_WINDOW_SIZE: 1}) as peer:
        data, stream = peer.call()
        peer.send(data)
        frame = peer.wait_for(lambda f: isinstance(f, DataFrame))
        assert len(frame.data) == 1
        peer.send(raw(WINDOW_UPDATE, 0, stream, word(100)))
        assert peer.status(stream) == 0


def test_a_window_can_become_negative_by_settings(target):
    with Peer(target.address, settings={INITIAL_WINDOW_SIZE: 4}) as peer:
        data, stream = peer.call(payload=b"0123456789")
        peer.send(data)
        peer.wait_for(lambda f: len(peer.body(stream)) == 4)
        peer.send(setting(4, 2) + raw(WINDOW_UPDATE, 0, stream, word(3)))
        assert peer.wait_for(lambda f: len(peer.body(stream)) > 5, timeout=0.2) is None
        assert peer.body(stream) == message(b"0123456789")[:5]
        peer.send(setting(4, 100))
        assert peer.status(stream) == 0
        assert peer.body(stream) == message(b"0123456789")
