"""TLS with other people's stacks: grpcio's (BoringSSL) and Python's own ssl module."""

import os
import shutil
import signal
import socket
import ssl
import subprocess
import time
from pathlib import Path

import grpc
import pytest

from benchfront import TLS, BenchfrontError, Client
from benchfront.v1 import benchmark_control_pb2 as control_pb2

BINARIES = Path(os.environ["BENCHFRONT_BIN"])
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes([0, 0, 0, 4, 0, 0, 0, 0, 0])


def works(address, tls=None):
    """A call by grpcio, which must be answered."""
    with Client(address, tls=tls, timeout=20) as client:
        assert any(profile.id == "l4-x1" for profile in client.hardware())


def refused(address, tls=None):
    """A call by grpcio, which must find no connection."""
    with Client(address, tls=tls, timeout=20) as client, pytest.raises(BenchfrontError) as error:
        list(client.hardware())
    assert error.value.code is grpc.StatusCode.UNAVAILABLE


def context(certificates, protocols=("h2",), client=None):
    """What Python's ssl module connects with."""
    context = ssl.create_default_context(cafile=certificates / "ca.pem")
    if protocols:
        context.set_alpn_protocols(protocols)
    if client:
        context.load_cert_chain(certificates / f"{client}.pem", certificates / f"{client}.key")
    return context


def connect(address, context, session=None):
    """A TLS connection that has sent HTTP/2's preface and read the server's SETTINGS."""
    host, port = address.rsplit(":", 1)
    raw = socket.create_connection((host, int(port)), timeout=20)
    try:
        secure = context.wrap_socket(raw, server_hostname="localhost", session=session)
        secure.sendall(PREFACE)
        assert secure.recv(9)[3] == 4
    except BaseException:
        raw.close()
        raise
    return secure


def wait_for(log, text, count=1):
    """Returns when the log has the text as often as that."""
    deadline = time.monotonic() + 20
    while log.read_text().count(text) < count:
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.02)


def test_grpcio_is_served_and_verifies_the_server(start_server, flags, certificates):
    server = start_server(*flags)
    works(server.address, TLS(ca=certificates / "ca.pem"))
    works(server.address, TLS(ca=certificates / "ca.pem", server_name="localhost"))
    refused(server.address, TLS(ca=certificates / "other-ca.pem"))
    refused(server.address, TLS(ca=certificates / "ca.pem", server_name="example.org"))
    refused(server.address)
    wait_for(server.log, "the client speaks cleartext on a TLS port")
    wait_for(server.log, "the peer closed the connection during the TLS handshake")


def test_a_client_needs_a_certificate_where_one_is_asked_for(start_server, flags, certificates):
    server = start_server(*flags, "--client-ca", certificates / "ca.pem")
    ca = certificates / "ca.pem"

    def shown(name):
        return TLS(ca, certificates / f"{name}.pem", certificates / f"{name}.key")

    works(server.address, shown("client"))
    refused(server.address, TLS(ca))
    refused(server.address, shown("stranger"))
    wait_for(server.log, "the client shows no certificate")
    wait_for(server.log, "the client's certificate is not signed by a CA that is trusted here")


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_both_versions_are_spoken(start_server, flags, certificates, version):
    server = start_server(*flags)
    wanted = context(certificates)
    wanted.minimum_version = wanted.maximum_version = version
    with connect(server.address, wanted) as secure:
        assert secure.version() == version.name.replace("v1_", "v1.")
        assert secure.selected_alpn_protocol() == "h2"
        assert secure.compression() is None


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion")
def test_peers_without_http2_or_with_an_old_version_are_refused(
    start_server, flags, certificates
):
    server = start_server(*flags)
    for protocols in [(), ("http/1.1",)]:
        with pytest.raises(ssl.SSLError) as error:
            connect(server.address, context(certificates, protocols))
        assert "no application protocol" in str(error.value)
    wait_for(server.log, "the client does not speak HTTP/2 (ALPN h2)", 2)
    old = context(certificates)
    old.minimum_version = ssl.TLSVersion.TLSv1
    old.maximum_version = ssl.TLSVersion.TLSv1_1
    old.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.raises(ssl.SSLError) as error:
        connect(server.address, old)
    assert "protocol version" in str(error.value)
    wait_for(server.log, "the client speaks neither TLS 1.2 nor TLS 1.3")
    works(server.address, TLS(ca=certificates / "ca.pem"))


def test_a_session_is_resumed_where_certificates_are_asked_for(
    start_server, flags, certificates
):
    server = start_server(*flags, "--client-ca", certificates / "ca.pem")
    wanted = context(certificates, client="client")
    with connect(server.address, wanted) as first:
        assert not first.session_reused
        session = first.session
    with connect(server.address, wanted, session) as second:
        assert second.session_reused


def test_certificates_are_reloaded_under_an_open_connection(
    start_server, certificates, tmp_path
):
    def put(name):
        for kind in ["pem", "key"]:
            shutil.copy(certificates / f"{name}.{kind}", tmp_path / f"new.{kind}")
            os.replace(tmp_path / f"new.{kind}", tmp_path / f"tls.{kind}")

    def serial():
        with connect(server.address, context(certificates)) as secure:
            return secure.getpeercert()["serialNumber"]

    put("server")
    server = start_server("--tls-cert", tmp_path / "tls.pem", "--tls-key", tmp_path / "tls.key")
    first = serial()
    states = []
    tls = TLS(ca=certificates / "ca.pem")
    with Client(server.address, tls=tls) as client:
        list(client.hardware())
        client._channel.subscribe(states.append)
        # Found by looking, a few seconds later at most.
        put("renewed")
        wait_for(server.log, "took up new certificates")
        second = serial()
        # Found at once, by the signal.
        put("server")
        server.process.send_signal(signal.SIGHUP)
        wait_for(server.log, "took up new certificates", 2)
        assert serial() == first != second
        # What cannot be used changes nothing, and is said.
        (tmp_path / "tls.pem").write_text("half a certif")
        server.process.send_signal(signal.SIGHUP)
        wait_for(server.log, "the certificates stay as they were")
        assert serial() == first
        list(client.hardware())
    assert set(states) <= {grpc.ChannelConnectivity.READY}


def test_cleartext_and_tls_are_served_beside_each_other(
    start_server, flags, certificates, tmp_path
):
    sockets = [f"unix:{tmp_path}/{name}" for name in ["listen", "cleartext"]]
    server = start_server(
        *flags, "--listen", sockets[0], "--listen-cleartext", "127.0.0.1:0",
        "--listen-cleartext", sockets[1],
    )
    secure, listen, cleartext, other = server.addresses
    assert [listen, other] == sockets
    works(secure, TLS(ca=certificates / "ca.pem"))
    for address in [listen, cleartext, other]:
        works(address)
    refused(cleartext, TLS(ca=certificates / "ca.pem"))
    wait_for(server.log, "the client speaks TLS on a cleartext port")


def test_connections_that_are_cut_or_make_no_sense_harm_nobody(
    start_server, flags, certificates
):
    server = start_server(*flags)
    host, port = server.address.rsplit(":", 1)
    for garbage in [b"GET / HTTP/1.1\r\n\r\n", PREFACE, b"\x16\x03\x01\xff\xff" + b"x" * 70_000]:
        with socket.create_connection((host, int(port)), timeout=20) as raw:
            raw.sendall(garbage)
            try:
                while raw.recv(4096):
                    pass
            except ConnectionResetError:
                pass
    for _ in range(50):
        # Cut without a goodbye, with a stream of frames under way.
        secure = connect(server.address, context(certificates))
        secure.sendall(bytes([0, 0, 8, 6, 0, 0, 0, 0, 0, 1, 2, 3]))
        socket.socket(fileno=secure.detach()).close()
    works(server.address, TLS(ca=certificates / "ca.pem"))


def test_the_command_line_speaks_tls_and_says_what_is_wrong(start_server, flags, certificates):
    server = start_server(*flags, "--client-ca", certificates / "ca.pem")

    def run(*arguments):
        command = [BINARIES / "benchfront", "hardware", "list", "--server", server.address]
        done = subprocess.run([*command, *arguments], capture_output=True, text=True, timeout=60)
        return done.returncode, done.stdout + done.stderr

    ca = ["--ca", certificates / "ca.pem"]
    cert = ["--client-cert", certificates / "client.pem"]
    key = ["--client-key", certificates / "client.key"]
    code, text = run(*ca, *cert, *key)
    assert code == 0 and "l4-x1" in text
    for arguments, expected, reason in [
        (ca, 5, "the server demands a certificate of ours"),
        (["--tls", *cert, *key], 5, "is not signed by a CA that is trusted here"),
        ([*ca, *cert, *key, "--server-name", "example.org"], 5, "is not for 'example.org'"),
        ([], 5, "the server speaks TLS on this port, not cleartext"),
        ([*ca, *cert], 2, "are given together or not at all"),
        (["--ca", "/nowhere.pem"], 2, "'/nowhere.pem' cannot be read"),
    ]:
        code, text = run(*arguments)
        assert code == expected and reason in text, text


def test_an_agent_speaks_tls(start_server, flags, certificates, tmp_path):
    server = start_server(*flags, "--client-ca", certificates / "ca.pem")
    engine = subprocess.Popen(
        [BINARIES / "benchfront-simengine", "--listen", "127.0.0.1:0"],
        stdout=subprocess.PIPE, text=True,
    )
    children = [engine]
    try:
        address = engine.stdout.readline().split()[-1].removeprefix("http://")
        environment = {
            **os.environ,
            "BENCHFRONT_CA": str(certificates / "ca.pem"),
            "BENCHFRONT_CLIENT_CERT": str(certificates / "client.pem"),
            "BENCHFRONT_CLIENT_KEY": str(certificates / "client.key"),
        }
        log = tmp_path / "agent.log"
        children.append(
            subprocess.Popen(
                [
                    BINARIES / "benchfront-agent", "run", "--server", server.address,
                    "--spool", tmp_path / "spool", "--hardware", "cpu-x1", "--engine",
                    "simulated", "--endpoint", f"http://{address}",
                ],
                env=environment, stderr=log.open("wb"),
            )
        )
        tls = TLS(
            certificates / "ca.pem", certificates / "client.pem", certificates / "client.key"
        )
        deadline = time.monotonic() + 30
        with Client(server.address, tls=tls) as client:
            while not client.control.ListAgents(control_pb2.ListAgentsRequest()).agents:
                assert time.monotonic() < deadline, log.read_text()
                time.sleep(0.05)
    finally:
        for child in reversed(children):
            child.terminate()
            child.wait(timeout=30)
