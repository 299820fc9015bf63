"""The least of HTTP/2 that replays a stream of gRPC: what is sent was laid out before the clock
starts, so that the machine's time goes to the server and its store.

It reads no header of an answer: a stream that ends is an error here.
"""

import select
import socket
import struct
import time
from collections import deque

DATA, HEADERS, RESET, SETTINGS, PING, GOAWAY, WINDOW_UPDATE = 0, 1, 3, 4, 6, 7, 8
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
FIRST_WINDOW = 65_535
FRAME_BYTES = 16_384
INITIAL_WINDOW_SIZE = 4


def frame(kind, flags, stream, content=b""):
    """A frame with its header."""
    return struct.pack(">HBBBI", len(content) >> 8, len(content) & 0xFF, kind, flags,
                       stream) + content


def short(text):
    """A string of HPACK, shorter than 127 bytes."""
    return bytes([len(text)]) + text.encode()


def request(path, authority):
    """The header block of a call, of the static table and literals."""
    return (b"\x83\x86\x04" + short(path) + b"\x01" + short(authority) + b"\x0f\x10"
            + short("application/grpc") + b"\x00" + short("te") + short("trailers"))


def laid_out(stream, message):
    """A message of gRPC as frames of DATA: how much of the windows each takes, and its bytes."""
    body = b"\x00" + struct.pack(">I", len(message)) + message
    pieces = (body[at:at + FRAME_BYTES] for at in range(0, len(body), FRAME_BYTES))
    return [(len(piece), frame(DATA, 0, stream, piece)) for piece in pieces]


class Stream:
    """A call whose answers go to `answered`, message by message."""

    def __init__(self, connection, number):
        self.connection = connection
        self.number = number
        self.window = connection.first_window
        self.waiting = deque()
        self.answer = b""
        self.answered = None

    def send(self, frames):
        """Sends what `laid_out` made, as soon as the windows allow."""
        self.waiting.extend(frames)
        self.connection.write()

    def received(self, content):
        self.answer += content
        while len(self.answer) >= 5:
            end = 5 + int.from_bytes(self.answer[1:5], "big")
            if len(self.answer) < end:
                return
            message, self.answer = self.answer[5:end], self.answer[end:]
            self.answered(message)


class Connection:
    """A connection in cleartext, and its streams."""

    def __init__(self, poll, address):
        host, port = address.rsplit(":", 1)
        self.poll = poll
        self.authority = address
        self.socket = socket.create_connection((host, int(port)))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.setblocking(False)
        self.window = self.first_window = FIRST_WINDOW
        self.streams = {}
        self.input = b""
        # Its answers are small: all streams together never come near such windows.
        room = struct.pack(">I", 2**30)
        settings = struct.pack(">HI", INITIAL_WINDOW_SIZE, 2**30)
        self.output = deque([
            PREFACE + frame(SETTINGS, 0, 0, settings) + frame(WINDOW_UPDATE, 0, 0, room)])
        poll.add(self)

    def open(self, path):
        """Begins a call."""
        stream = Stream(self, 2 * len(self.streams) + 1)
        self.streams[stream.number] = stream
        self.output.append(frame(HEADERS, 4, stream.number, request(path, self.authority)))
        self.write()
        return stream

    def close(self):
        self.poll.remove(self)
        self.socket.close()

    def write(self):
        """Sends what the windows and the socket take."""
        for stream in self.streams.values():
            while stream.waiting and stream.waiting[0][0] <= min(stream.window, self.window):
                size, content = stream.waiting.popleft()
                stream.window -= size
                self.window -= size
                self.output.append(content)
        while self.output:
            try:
                sent = self.socket.send(self.output[0])
            except BlockingIOError:
                sent = 0
            if sent < len(self.output[0]):
                self.output[0] = memoryview(self.output[0])[sent:]
                break
            self.output.popleft()
        self.poll.want(self, bool(self.output))

    def read(self):
        """Takes what has come; raises RuntimeError for what ends a stream."""
        try:
            content = self.socket.recv(262_144)
        except BlockingIOError:
            return
        if not content:
            raise RuntimeError("the server closed a connection")
        self.input += content
        start = 0
        while len(self.input) - start >= 9:
            end = start + 9 + int.from_bytes(self.input[start:start + 3], "big")
            if len(self.input) < end:
                break
            kind, flags = self.input[start + 3:start + 5]
            stream = int.from_bytes(self.input[start + 5:start + 9], "big")
            self._take(kind, flags, stream, self.input[start + 9:end])
            start = end
        self.input = self.input[start:]
        self.write()

    def _take(self, kind, flags, number, content):
        if kind == DATA:
            self.streams[number].received(content)
        elif kind == WINDOW_UPDATE:
            owner = self.streams[number] if number else self
            owner.window += int.from_bytes(content, "big")
        elif kind == SETTINGS and not flags & 1:
            self._settle(content)
        elif kind == PING and not flags & 1:
            self.output.append(frame(PING, 1, 0, content))
        if kind in (RESET, GOAWAY) or kind in (DATA, HEADERS) and flags & 1:
            raise RuntimeError(f"the server ended a stream: frame {kind}, {content!r}")

    def _settle(self, content):
        for at in range(0, len(content), 6):
            name, value = struct.unpack_from(">HI", content, at)
            if name == INITIAL_WINDOW_SIZE:
                for stream in self.streams.values():
                    stream.window += value - self.first_window
                self.first_window = value
        self.output.append(frame(SETTINGS, 1, 0))


class Poll:
    """Waits for the connections' sockets; one thread does all."""

    def __init__(self):
        self.epoll = select.epoll()
        self.connections = {}
        self.writing = set()

    def add(self, connection):
        self.connections[connection.socket.fileno()] = connection
        self.epoll.register(connection.socket.fileno(), select.EPOLLIN)

    def remove(self, connection):
        self.epoll.unregister(connection.socket.fileno())
        del self.connections[connection.socket.fileno()]

    def want(self, connection, writes):
        number = connection.socket.fileno()
        if writes == (number in self.writing):
            return
        (self.writing.add if writes else self.writing.remove)(number)
        self.epoll.modify(number, select.EPOLLIN | (select.EPOLLOUT if writes else 0))

    def until(self, done, timeout_s=60):
        """Serves the sockets until something is so."""
        deadline = time.monotonic() + timeout_s
        while not done():
            if time.monotonic() > deadline:
                raise RuntimeError(f"the server did not answer within {timeout_s} s")
            self.turn(1)

    def turn(self, timeout_s):
        for number, events in self.epoll.poll(timeout_s):
            connection = self.connections.get(number)
            if connection and events & select.EPOLLOUT:
                connection.write()
            if connection and events & ~select.EPOLLOUT:
                connection.read()
