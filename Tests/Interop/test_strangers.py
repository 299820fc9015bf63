"""Programs that speak HTTP/1 to a port of gRPC, and calls that are none: what they are told."""

import http.client
import re
import socket
import ssl
import subprocess
import time
import urllib.request

import grpc
import pytest

from attacks.wire import Peer, message, raw

LIST_MODELS = "/benchfront.v1.Catalog/ListModels"


def count(server, line):
    """The value of a metric, by all that stands before it."""
    with urllib.request.urlopen(f"{server.metrics}/metrics", timeout=10) as answer:
        text = answer.read().decode()
    return float(re.search(rf"^{re.escape(line)} (\S+)$", text, re.M).group(1))


@pytest.mark.parametrize("verb", ["GET", "POST", "OPTIONS"])
def test_http1_gets_an_answer_that_it_understands(start_server, verb):
    server = start_server()
    for path in ("/", "/metrics", LIST_MODELS + "?x=" + "y" * 3000):
        client = http.client.HTTPConnection(server.address, timeout=10)
        client.request(verb, path, body=b"x" * 100_000 if verb == "POST" else None)
        answer = client.getresponse()
        assert (answer.status, answer.getheader("connection")) == (505, "close")
        assert b"speaks HTTP/2" in answer.read()
        client.close()
    assert count(server, 'benchfront_handshake_failures_total{reason="not_http2"}') == 3
    with grpc.insecure_channel(server.address) as channel:
        channel.unary_unary(LIST_MODELS)(b"", timeout=10)
    server.stop()
    assert "the client speaks HTTP/1, not HTTP/2" in server.log.read_text()


@pytest.mark.parametrize("cut", [1, 4, 12])
def test_http1_is_known_however_its_first_line_is_cut(start_server, cut):
    server = start_server()
    host, port = server.address.rsplit(":", 1)
    for request in (b"GET / HTTP/1.1\r\n\r\n", b"POST / HTTP/1.1\r\n\r\n"):
        with socket.create_connection((host, int(port)), timeout=10) as client:
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            try:
                for place in range(0, len(request), cut):
                    client.sendall(request[place:place + cut])
                    time.sleep(0.01)
            except OSError:
                pass  # It has read enough.
            answer = b""
            while more := client.recv(4096):
                answer += more
        assert answer.startswith(b"HTTP/1.1 505 ") and answer.endswith(b"no HTTP/1.\n")


def test_http1_within_tls_gets_the_same_answer(start_server, flags):
    server = start_server(*flags)
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_alpn_protocols(["h2"])
    host, port = server.address.rsplit(":", 1)
    with socket.create_connection((host, int(port)), timeout=10) as plain:
        with context.wrap_socket(plain) as client:
            client.sendall(b"GET / HTTP/1.1\r\n\r\n")
            answer = b""
            while more := client.recv(4096):
                answer += more
    assert answer.startswith(b"HTTP/1.1 505 ")


def test_curl_reads_what_is_wrong(start_server):
    server = start_server()
    for flags in (["--http1.1"], ["--http2"], ["--http1.0"]):
        run = subprocess.run(
            ["curl", "-sS", "-m", "10", *flags, f"http://{server.address}/"],
            capture_output=True, text=True)
        assert run.returncode == 0 and "speaks HTTP/2" in run.stdout, (flags, run)
    prior = subprocess.run(
        ["curl", "-sS", "-m", "10", "--http2-prior-knowledge", f"http://{server.address}/"],
        capture_output=True, text=True)
    assert prior.stdout == "gRPC calls are made by POST.\n"


def test_a_request_without_te_is_the_clients_mistake_in_the_log(start_server):
    server = start_server()
    with Peer(server.address) as peer:
        block = peer.fields([
            (":method", "POST"), (":scheme", "http"), (":path", LIST_MODELS),
            (":authority", "x"), ("content-type", "application/grpc")])
        stream = peer.take_stream()
        peer.send(raw(1, 4, stream, block), raw(0, 1, stream, message(b"")))
        answer = peer.wait_for(lambda f: getattr(f, "fields", None))
        assert answer.fields["grpc-status"] == "13"
        port = peer.socket.getsockname()[1]
    server.stop()
    line = next(line for line in server.log.read_text().splitlines() if "call ended" in line)
    assert " notice " in line and f"peer=127.0.0.1:{port}" in line
    assert "reason=\"the request lacks 'te: trailers'" in line


def test_a_header_list_that_is_too_large_is_logged_with_its_peer(start_server):
    server = start_server()
    with grpc.insecure_channel(server.address) as channel:
        with pytest.raises(grpc.RpcError) as error:
            channel.unary_unary(LIST_MODELS)(b"", metadata=[("x", "y" * 20_000)], timeout=10)
    assert error.value.code() == grpc.StatusCode.RESOURCE_EXHAUSTED
    server.stop()
    line = next(line for line in server.log.read_text().splitlines() if "call ended" in line)
    assert "peer=127.0.0.1:" in line and 'reason="the header list is too large"' in line
