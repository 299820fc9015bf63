"""Connections by hand: enough of HTTP/2 to make one call on each of thousands of them."""

import socket
import ssl

from .settings import MESSAGE_BYTES, framed

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, RESET, SETTINGS, GOAWAY = 0, 1, 3, 4, 7
END_STREAM, END_HEADERS, ACK = 1, 4, 1
# Each source address has the ports for many more; servers bound connections of one address.
CONNECTIONS_PER_SOURCE = 1_000
BODY = framed(b"a" * MESSAGE_BYTES)


def frame(kind, flags, stream, payload=b""):
    return (
        len(payload).to_bytes(3, "big") + bytes([kind, flags]) + stream.to_bytes(4, "big")
        + payload)


def header_block(path, scheme):
    """Fields that enter no table (RFC 7541 section 6.2.2), so that it fits every connection."""

    def text(value):
        return bytes([len(value)]) + value.encode()

    return (
        b"\x83" + (b"\x87" if scheme == "https" else b"\x86")
        + b"\x04" + text(path) + b"\x01" + text("127.0.0.1")
        + b"\x00" + text("content-type") + text("application/grpc")
        + b"\x00" + text("te") + text("trailers"))


class HandConnection:
    """One connection with one call on it."""

    def __init__(self, endpoint, source="127.0.0.1", context=None):
        self.socket = socket.create_connection(endpoint, timeout=20, source_address=(source, 0))
        self.scheme = "http"
        if context:
            self.socket = context.wrap_socket(self.socket, server_hostname="127.0.0.1")
            self.scheme = "https"
        self.received = b""

    def call(self, path):
        """One unary call to its end."""
        self._send(path, END_STREAM)
        while not self._next_frame()[1] & END_STREAM:
            pass

    def open_call(self, path, answers):
        """A call that stays open: one message went there and, if it answers, one came back."""
        self._send(path, 0)
        while answers and self._next_frame()[0] != DATA:
            pass

    def _send(self, path, flags):
        self.socket.sendall(
            PREFACE + frame(SETTINGS, 0, 0)
            + frame(HEADERS, END_HEADERS, 1, header_block(path, self.scheme))
            + frame(DATA, flags, 1, BODY))

    def _next_frame(self):
        """Kind and flags of the next frame of the stream; settings are acknowledged."""
        while True:
            head = self._take(9)
            payload = self._take(int.from_bytes(head[:3], "big"))
            kind, flags, stream = head[3], head[4], int.from_bytes(head[5:9], "big")
            if kind == SETTINGS and not flags & ACK:
                self.socket.sendall(frame(SETTINGS, ACK, 0))
            if kind in (RESET, GOAWAY):
                raise RuntimeError(f"the server refuses: frame {kind}, {payload.hex()}")
            if stream == 1:
                return kind, flags

    def _take(self, count):
        while len(self.received) < count:
            more = self.socket.recv(65_536)
            if not more:
                raise RuntimeError("the server closed a connection")
            self.received += more
        taken, self.received = self.received[:count], self.received[count:]
        return taken

    def close(self):
        self.socket.close()


def client_context():
    """TLS without a look at the certificate, which is none of what is measured."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.set_alpn_protocols(["h2"])
    return context


def open_many(endpoint, count, use, tls=False):
    """So many connections, each used once and left open."""
    context = client_context() if tls else None
    connections = []
    try:
        for index in range(count):
            source = f"127.0.0.{1 + index // CONNECTIONS_PER_SOURCE}"
            connections.append(HandConnection(endpoint, source, context))
            use(connections[-1])
    except BaseException:
        close_all(connections)
        raise
    return connections


def close_all(connections):
    for connection in connections:
        connection.close()
