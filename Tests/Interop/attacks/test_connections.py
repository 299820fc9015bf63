"""Connections that are opened and not used, or held for ever."""

import socket
import time

import pytest
from hyperframe.frame import SettingsFrame

from wire import PREFACE, Peer

pytestmark = pytest.mark.usefixtures("bystander")


def plain(target):
    host, port = target.address.rsplit(":", 1)
    return socket.create_connection((host, int(port)), timeout=5)


def is_closed_within(connection, seconds):
    """Whether the server ends the connection; what it says before does not count."""
    connection.settimeout(seconds)
    try:
        while connection.recv(65536):
            pass
        return True
    except ConnectionError:
        return True
    except TimeoutError:
        return False


@pytest.mark.parametrize("greeting", [b"", PREFACE[:10], PREFACE, PREFACE + b"\0\0\6\4"])
def test_a_greeting_that_does_not_end(target, greeting):
    connections = [plain(target) for _ in range(200)]
    for connection in connections:
        connection.sendall(greeting)
    begin = time.monotonic()
    for connection in connections:
        assert is_closed_within(connection, 4)
        connection.close()
    assert time.monotonic() - begin < 4


def test_a_greeting_byte_by_byte(target):
    with plain(target) as connection:
        begin = time.monotonic()
        for byte in PREFACE:
            try:
                connection.sendall(bytes([byte]))
            except OSError:
                break
            time.sleep(0.1)
        assert is_closed_within(connection, 4)
        assert time.monotonic() - begin < 5


def test_many_idle_connections(target):
    peers = [Peer(target.address) for _ in range(400)]
    assert all(peer.is_served() for peer in peers[::50])
    for peer in peers:
        peer.close()


def test_greetings_that_wait_have_a_bound(make_target):
    target = make_target("maxHandshakes=8")
    silent = [plain(target) for _ in range(50)]
    with Peer(target.address) as peer:
        assert peer.is_served()
        # One loop may have them all, or each its share.
        assert all(is_closed_within(connection, 2) for connection in silent[:20])
        assert peer.is_served()
    for connection in silent:
        connection.close()


def test_connections_that_come_and_go(target):
    for _ in range(2000):
        plain(target).close()


def test_more_connections_than_an_address_may_have(make_target):
    target = make_target("maxConnectionsPerAddress=3")
    first = [Peer(target.address) for _ in range(3)]
    with plain(target) as refused:
        assert is_closed_within(refused, 2)
    assert all(peer.is_served() for peer in first)
    first.pop().close()
    time.sleep(0.1)
    with Peer(target.address) as another:
        assert another.is_served()
    for peer in first:
        peer.close()


def test_more_connections_than_the_server_takes(make_target):
    target = make_target("maxConnections=2")
    first = [Peer(target.address) for _ in range(2)]
    with plain(target) as refused:
        assert is_closed_within(refused, 2)
    assert all(peer.is_served() for peer in first)
    for peer in first:
        peer.close()


def test_an_idle_connection_gets_a_goodbye(make_target):
    target = make_target("maxIdle=0.3")
    with Peer(target.address) as peer:
        assert peer.is_served()
        assert peer.wait_for(lambda f: f.type == 7, timeout=3).last_stream_id == 2**31 - 1
        assert peer.goaway(timeout=3).error_code == 0
        assert peer.waits_for_close(timeout=3)


def test_an_old_connection_gets_a_goodbye_and_its_calls_a_grace(make_target):
    target = make_target("maxAge=0.3", "ageGrace=0.3")
    with Peer(target.address) as peer:
        opening, stream = peer.open("/attack.Target/Chat")
        peer.send(opening)
        assert peer.goaway(timeout=3).last_stream_id == stream
        assert peer.waits_for_close(timeout=3)


def test_settings_without_end(target):
    with plain(target) as connection:
        connection.sendall(PREFACE + SettingsFrame(0).serialize())
        connection.sendall(b"\0\xff\xff\4\0\0\0\0\0")
        assert is_closed_within(connection, 4)
