"""A client of gRPC-Web over TLS by hand: frames by hyperframe, header blocks by hpack."""

import base64
import socket
import ssl
import struct
from types import SimpleNamespace

from hpack import Decoder, Encoder
from hyperframe.frame import (
    DataFrame, Frame, GoAwayFrame, HeadersFrame, RstStreamFrame, SettingsFrame, WindowUpdateFrame,
)

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
BINARY, TEXT = "application/grpc-web+proto", "application/grpc-web-text+proto"


def message(payload):
    """A message of gRPC."""
    return struct.pack(">BI", 0, len(payload)) + payload


def cut(body):
    """The messages of a body, and its trailers; None when they are not there."""
    messages, trailers = [], None
    while body:
        assert trailers is None, "something follows the trailers"
        flag, length = struct.unpack(">BI", body[:5])
        payload, body = body[5:5 + length], body[5 + length:]
        assert len(payload) == length
        if flag == 0x80:
            assert payload.endswith(b"\r\n")
            lines = payload.decode("ascii").removesuffix("\r\n").split("\r\n")
            trailers = dict(line.split(": ", 1) for line in lines)
            assert all(name == name.lower() for name in trailers)
        else:
            assert flag == 0
            messages.append(payload)
    return messages, trailers


class WebClient:
    """A connection, which makes one call after the other."""

    def __init__(self, address, certificates=None):
        host, port = address.rsplit(":", 1)
        self.socket = socket.create_connection((host, int(port)), timeout=20)
        if certificates:
            context = ssl.create_default_context(cafile=certificates / "ca.pem")
            context.set_alpn_protocols(["h2"])
            self.socket = context.wrap_socket(self.socket, server_hostname="localhost")
        self.encoder, self.decoder = Encoder(), Decoder()
        self.next_stream = 1
        self.buffer = b""
        window = WindowUpdateFrame(0, window_increment=2**30).serialize()
        settings = SettingsFrame(0, settings={SettingsFrame.INITIAL_WINDOW_SIZE: 2**30})
        self.socket.sendall(PREFACE + settings.serialize() + window)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def _frame(self):
        while True:
            if len(self.buffer) >= 9:
                frame, length = Frame.parse_frame_header(memoryview(self.buffer[:9]))
                if len(self.buffer) >= 9 + length:
                    frame.parse_body(memoryview(self.buffer[9:9 + length]))
                    self.buffer = self.buffer[9 + length:]
                    return frame
            data = self.socket.recv(65_536)
            assert data, "the server closed the connection"
            self.buffer += data

    def send(self, fields, *pieces, ends=True):
        """Sends a request, each piece of its body as a frame."""
        stream, self.next_stream = self.next_stream, self.next_stream + 2
        has_body = bool(pieces)
        flags = ["END_HEADERS"] + ([] if has_body or not ends else ["END_STREAM"])
        data = HeadersFrame(stream, self.encoder.encode(fields), flags=flags).serialize()
        for index, piece in enumerate(pieces):
            is_last = ends and index == len(pieces) - 1
            flags = ["END_STREAM"] if is_last else []
            data += DataFrame(stream, piece, flags=flags).serialize()
        self.socket.sendall(data)
        return stream

    def answer(self, stream, until=lambda answer: False):
        """What comes on a stream until it ends: headers, body, pieces as they came."""
        answer = SimpleNamespace(headers=None, body=b"", pieces=[], reset=None)
        while not until(answer):
            frame = self._frame()
            if isinstance(frame, SettingsFrame) and "ACK" not in frame.flags:
                self.socket.sendall(SettingsFrame(0, flags=["ACK"]).serialize())
            assert not isinstance(frame, GoAwayFrame), frame
            if frame.stream_id != stream:
                continue
            if isinstance(frame, HeadersFrame):
                assert answer.headers is None, "gRPC-Web has no trailers of HTTP/2"
                answer.headers = dict(self.decoder.decode(frame.data))
            elif isinstance(frame, DataFrame):
                answer.body += frame.data
                answer.pieces.append(frame.data)
            elif isinstance(frame, RstStreamFrame):
                answer.reset = frame.error_code
                break
            if "END_STREAM" in frame.flags:
                break
        return answer

    def ask(self, method, path, fields=(), *pieces):
        """Any request and its answer."""
        head = [(":method", method), (":scheme", "https"), (":path", path), (":authority", "t")]
        return self.answer(self.send(head + list(fields), *pieces))

    def call(self, path, payload=b"", kind=BINARY, fields=(), pieces=None):
        """A call and its answer, with its messages and trailers."""
        pieces = pieces or [message(payload) if kind == BINARY else base64.b64encode(
            message(payload))]
        answer = self.ask("POST", path, [("content-type", kind), *fields], *pieces)
        body = answer.body
        if answer.headers.get("content-type") == TEXT:
            # Padding may stand wherever the server has flushed.
            groups = (body[i:i + 4] for i in range(0, len(body), 4))
            body = b"".join(base64.b64decode(group, validate=True) for group in groups)
        answer.messages, answer.trailers = [], None
        if answer.headers.get("content-type") in (BINARY, TEXT):
            answer.messages, answer.trailers = cut(body)
        return answer
