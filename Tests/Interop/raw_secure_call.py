"""Calls a method by hand over Python's own TLS.

usage: raw_secure_call.py resume|cut PORT FOLDER METHOD
resume: calls twice, the second time in a resumed session, and prints both answers.
cut:    begins a call, and cuts the connection without TLS's goodbye when the server has read it.
The folder is one of certificates.sh.
"""

import socket
import ssl
import sys
from pathlib import Path

DATA, HEADERS, SETTINGS, PING = 0, 1, 4, 6


def frame(kind, flags, stream, payload):
    return (
        len(payload).to_bytes(3, "big") + bytes([kind, flags]) + stream.to_bytes(4, "big") + payload
    )


def fields(*pairs):
    """Every field as a literal without an index (RFC 7541 section 6.2.2)."""
    texts = [text.encode() for pair in pairs for text in pair]
    coded = [bytes([len(text)]) + text for text in texts]
    return b"".join(b"\0" + name + value for name, value in zip(coded[::2], coded[1::2]))


def read_exactly(secure, count):
    data = b""
    while len(data) < count:
        part = secure.recv(count - len(data))
        assert part, "the server closed the connection"
        data += part
    return data


def frames(secure):
    while True:
        head = read_exactly(secure, 9)
        yield head[3], head[4], read_exactly(secure, int.from_bytes(head[:3], "big"))


def begin(port, context, method, session=None):
    """A connection with a unary call of an empty message on stream 1."""
    raw = socket.create_connection(("127.0.0.1", port), timeout=20)
    secure = context.wrap_socket(raw, server_hostname="localhost", session=session)
    request = fields(
        (":method", "POST"), (":scheme", "https"), (":path", method), (":authority", "localhost"),
        ("te", "trailers"), ("content-type", "application/grpc"),
    )
    secure.sendall(
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(SETTINGS, 0, 0, b"")
        + frame(HEADERS, 4, 1, request) + frame(DATA, 1, 1, bytes(5))
    )
    return secure


def answer(secure):
    return next(payload[5:] for kind, _, payload in frames(secure) if kind == DATA).decode()


mode, port, folder, method = sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]), sys.argv[4]
context = ssl.create_default_context(cafile=folder / "ca.pem")
context.set_alpn_protocols(["h2"])
context.load_cert_chain(folder / "client.pem", folder / "client.key")
if mode == "resume":
    with begin(port, context, method) as first:
        print(answer(first))
        session = first.session
    with begin(port, context, method, session) as second:
        assert second.session_reused
        print(answer(second))
else:
    secure = begin(port, context, method)
    secure.sendall(frame(PING, 0, 0, bytes(8)))
    next(True for kind, flags, _ in frames(secure) if kind == PING and flags == 1)
    socket.socket(fileno=secure.detach()).close()
