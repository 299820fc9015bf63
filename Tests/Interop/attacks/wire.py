"""A client of HTTP/2 that may break every rule: frames by hyperframe, header blocks by hpack."""

import select
import socket
import struct
import time

from hpack import Encoder, Decoder
from hyperframe.frame import (
    DataFrame, Frame, GoAwayFrame, HeadersFrame, RstStreamFrame, SettingsFrame, WindowUpdateFrame,
)

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
PROTOCOL_ERROR, FLOW_CONTROL_ERROR, STREAM_CLOSED, FRAME_SIZE_ERROR = 1, 3, 5, 6
REFUSED_STREAM, CANCEL, COMPRESSION_ERROR, ENHANCE_YOUR_CALM = 7, 8, 9, 11
INITIAL_WINDOW_SIZE = SettingsFrame.INITIAL_WINDOW_SIZE


def raw(kind, flags, stream, payload=b""):
    """A frame with any type, flags and stream."""
    return struct.pack(">I", len(payload))[1:] + struct.pack(">BBI", kind, flags, stream) + payload


def message(payload):
    """A message of gRPC."""
    return struct.pack(">BI", 0, len(payload)) + payload


class Peer:
    """One connection; it remembers what came until somebody asks for it."""

    def __init__(self, address, settings=None, greets=True, window=2**31 - 1 - 65535):
        host, port = address.rsplit(":", 1)
        self.socket = socket.create_connection((host, int(port)), timeout=5)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.setblocking(False)
        self.encoder, self.decoder = Encoder(), Decoder()
        self.cached = (None, b"")
        self.buffer = b""
        self.seen = []
        self.is_closed = False
        self.next_stream = 1
        self.reads = True
        if greets:
            first = SettingsFrame(0, settings=settings or {}).serialize()
            if window:
                first += WindowUpdateFrame(0, window_increment=window).serialize()
            self.send(PREFACE + first)
            self.wait_for(lambda frame: isinstance(frame, SettingsFrame) and "ACK" in frame.flags)
            self.send(SettingsFrame(0, flags=["ACK"]).serialize())

    # Out

    def send(self, *frames, timeout=5):
        """Sends frames or bytes, reading meanwhile; gives up when the server closes or stalls."""
        data = memoryview(b"".join(f if isinstance(f, bytes) else f.serialize() for f in frames))
        end = time.monotonic() + timeout
        while data and not self.is_closed and time.monotonic() < end:
            readers = [self.socket] if self.reads else []
            ready, writable, _ = select.select(readers, [self.socket], [], 0.1)
            if ready:
                self._read()
            if writable:
                try:
                    data = data[self.socket.send(data[:65536]):]
                except BlockingIOError:
                    continue
                except OSError:
                    self._read()
                    self.is_closed = True
        return not data

    def headers(self, path="/attack.Target/Echo", extra=(), pseudo=None):
        """The header block of a request."""
        key = None if extra or pseudo else path
        if key and key == self.cached[0]:
            return self.cached[1]
        pseudo = pseudo or [
            (":method", "POST"), (":scheme", "http"), (":path", path), (":authority", "attack"),
        ]
        fields = pseudo + [("content-type", "application/grpc"), ("te", "trailers"), *extra]
        block = self.fields(fields)
        # From now on every field is in the table, until others are encoded.
        self.cached = (key, self.encoder.encode(fields))
        return block

    def fields(self, fields):
        """A header block with these fields."""
        self.cached = (None, b"")
        return self.encoder.encode(fields)

    def open(self, path="/attack.Target/Echo", extra=(), ends=False, stream=None):
        """The bytes that open a stream, and its id."""
        stream = stream or self.take_stream()
        return raw(1, 5 if ends else 4, stream, self.headers(path, extra)), stream

    def take_stream(self):
        stream = self.next_stream
        self.next_stream += 2
        return stream

    def call(self, path="/attack.Target/Echo", payload=b"x", extra=()):
        """The bytes of a whole call, and its stream."""
        opening, stream = self.open(path, extra)
        return opening + raw(0, 1, stream, message(payload)), stream

    # In

    def _read(self):
        try:
            data = self.socket.recv(262144)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self.is_closed = True
        self.buffer += data
        self._parse()

    def _parse(self):
        while len(self.buffer) >= 9:
            frame, length = Frame.parse_frame_header(memoryview(self.buffer[:9]))
            if len(self.buffer) < 9 + length:
                return
            frame.parse_body(memoryview(self.buffer[9:9 + length]))
            self.buffer = self.buffer[9 + length:]
            if isinstance(frame, HeadersFrame):
                frame.fields = dict(self.decoder.decode(frame.data))
            self.seen.append(frame)

    def wait_for(self, wanted, timeout=5):
        """The first frame that is wanted, also among those that came before; None if none comes."""
        end = time.monotonic() + timeout
        position = 0
        while True:
            for position in range(position, len(self.seen)):
                if wanted(self.seen[position]):
                    return self.seen[position]
            position = len(self.seen)
            left = end - time.monotonic()
            if self.is_closed or left <= 0:
                return None
            if select.select([self.socket], [], [], left)[0]:
                self._read()

    def goaway(self, timeout=5):
        """The last GOAWAY that is not the first notice of a drain."""
        return self.wait_for(
            lambda f: isinstance(f, GoAwayFrame) and f.last_stream_id != 2**31 - 1, timeout)

    def reset(self, stream, timeout=5):
        return self.wait_for(
            lambda f: isinstance(f, RstStreamFrame) and f.stream_id == stream, timeout)

    def status(self, stream, timeout=5):
        """The status of a call, as the trailers give it."""
        frame = self.wait_for(
            lambda f: isinstance(f, HeadersFrame) and f.stream_id == stream
            and "grpc-status" in f.fields, timeout)
        return frame and int(frame.fields["grpc-status"])

    def body(self, stream):
        """What came so far of an answer's body."""
        return b"".join(
            f.data for f in self.seen if isinstance(f, DataFrame) and f.stream_id == stream)

    def waits_for_close(self, timeout=5):
        """Whether the server closes the connection in time."""
        self.wait_for(lambda f: False, timeout)
        return self.is_closed

    def is_served(self):
        """Whether a call on this connection is answered."""
        data, stream = self.call()
        return self.send(data) and self.status(stream) == 0

    def is_served_soon(self, timeout=5):
        """The same, once the handlers of calls that were cancelled have had their turn."""
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            data, stream = self.call()
            if not self.send(data):
                return False
            frame = self.wait_for(
                lambda f, stream=stream: f.stream_id == stream, end - time.monotonic())
            if not isinstance(frame, RstStreamFrame) or frame.error_code != REFUSED_STREAM:
                return self.status(stream) == 0
        return False

    def close(self):
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
