"""Who may do what on a server with an access file, as stock and own clients meet it."""

import base64
import json
import os
import re
import subprocess
import tempfile
import threading
import time

import grpc
import pytest

from benchfront import BenchfrontError, Client
from benchfront.v1 import benchmark_control_pb2 as control_pb2


def make_token(binaries, name, role):
    """A token and its line of the access file, by the server's own command."""
    output = subprocess.run(
        [binaries / "benchfront-server", "token", name, role],
        capture_output=True, text=True, check=True,
    ).stdout
    token, line = (row.split(":", 1)[1].strip() for row in output.splitlines())
    return token, line


@pytest.fixture
def guarded(binaries, start_server, tmp_path):
    """A server with one token of each role: the server, its file, the tokens by role."""
    tokens, lines = {}, []
    for role in ("reader", "agent", "operator", "admin"):
        tokens[role], line = make_token(binaries, "a-" + role, role)
        lines.append(line)
    file = tmp_path / "access"
    file.write_text("\n".join(lines))
    return start_server("--access-file", str(file)), file, tokens


METHODS = {
    "reader": "/benchfront.v1.Catalog/ListModels",
    "operator": "/benchfront.v1.BenchmarkControl/CancelRun",
}


def code_of(address, method, token=None, header=None):
    """The status of a call with an empty request."""
    metadata = [("authorization", header or f"Bearer {token}")] if token or header else []
    with grpc.insecure_channel(address) as channel:
        try:
            channel.unary_unary(method)(b"", metadata=metadata, timeout=10)
            return grpc.StatusCode.OK
        except grpc.RpcError as error:
            return error.code()


def test_each_method_lets_in_the_roles_that_it_declares(guarded):
    server, _, tokens = guarded
    refused = {grpc.StatusCode.PERMISSION_DENIED, grpc.StatusCode.UNAUTHENTICATED}
    for role, allowed in {
        "reader": {"reader"},
        "agent": set(),
        "operator": {"reader", "operator"},
        "admin": {"reader", "operator"},
    }.items():
        for needed, method in METHODS.items():
            code = code_of(server.address, method, tokens[role])
            assert (code not in refused) == (needed in allowed), (role, needed, code)


def test_no_credential_and_bad_ones_are_unauthenticated_and_never_logged(guarded):
    server, _, tokens = guarded
    method = METHODS["reader"]
    stolen = "bf_" + "5" * 64
    assert code_of(server.address, method) == grpc.StatusCode.UNAUTHENTICATED
    for header in (f"Bearer {stolen}", "Basic abc", "Bearer", f"Bearer {tokens['reader']} x"):
        code = code_of(server.address, method, header=header)
        assert code == grpc.StatusCode.UNAUTHENTICATED, header
    assert code_of(server.address, METHODS["operator"], tokens["reader"]) == (
        grpc.StatusCode.PERMISSION_DENIED
    )
    server.stop()
    log = server.log.read_text()
    assert "UNAUTHENTICATED" in log and "PERMISSION_DENIED" in log
    for secret in (stolen, *tokens.values()):
        assert secret not in log


def test_the_log_says_why_a_call_was_refused(guarded):
    server, _, tokens = guarded
    code_of(server.address, METHODS["reader"])
    code_of(server.address, METHODS["reader"], header="Bearer bf_" + "5" * 64)
    code_of(server.address, METHODS["reader"], header="Basic abc")
    code_of(server.address, METHODS["operator"], tokens["reader"])
    server.stop()
    lines = [line for line in server.log.read_text().splitlines() if "call ended" in line]
    reasons = [re.search(r'reason="(.*?)" ', line).group(1) for line in lines]
    assert reasons == [
        "this method needs a token or a client certificate",
        "the token is not known",
        "the authorization is not 'Bearer TOKEN'",
        f"a-reader may not call {METHODS['operator']}: it needs the role operator",
    ]
    assert all(" notice " in line and "peer=127.0.0.1:" in line for line in lines)


def signed(key, **claims):
    """A signed token (EdDSA) of the issuer that the test's access file names."""
    def part(content):
        return base64.urlsafe_b64encode(content).rstrip(b"=")
    content = {"iss": "https://issuer", "aud": "bench", "exp": 4e9, "roles": ["operator"], **claims}
    text = part(b'{"alg":"EdDSA","kid":"k"}') + b"." + part(json.dumps(content).encode())
    with tempfile.NamedTemporaryFile() as file:
        file.write(text)
        file.flush()
        signature = subprocess.run(
            ["openssl", "pkeyutl", "-sign", "-rawin", "-inkey", key, "-in", file.name],
            capture_output=True, check=True).stdout
    return (text + b"." + part(signature)).decode()


def test_a_signed_token_names_a_caller_on_one_line_or_none(start_server, tmp_path):
    key = tmp_path / "key.pem"
    subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", key], check=True)
    public = subprocess.run(
        ["openssl", "pkey", "-in", key, "-pubout", "-outform", "DER"],
        capture_output=True, check=True).stdout[-32:]
    x = base64.urlsafe_b64encode(public).rstrip(b"=").decode()
    (tmp_path / "keys.json").write_text(json.dumps(
        {"keys": [{"kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "kid": "k", "x": x}]}))
    (tmp_path / "access").write_text(
        f"jwt issuer=https://issuer audience=bench keys={tmp_path}/keys.json\n")
    server = start_server("--access-file", str(tmp_path / "access"))
    for name in ("ci", "Zoë <zoe@x>", "a b"):
        code = code_of(server.address, METHODS["reader"], signed(key, sub=name))
        assert code == grpc.StatusCode.OK, name
    for name in ("", "a\0b", "\0", "a\nb", "\x1b[31mred", "a\u202eb", "a\x85b", "x" * 257):
        code = code_of(server.address, METHODS["reader"], signed(key, sub=name))
        assert code == grpc.StatusCode.UNAUTHENTICATED, name


def test_an_agent_works_under_the_name_of_its_token(guarded):
    server, _, tokens = guarded

    def hello_of(agent_id):
        return control_pb2.AgentSessionRequest(
            hello=control_pb2.AgentHello(
                agent_id=agent_id,
                inventory=control_pb2.AgentInventory(
                    host_name="h",
                    agent_version="1",
                    hardware_ids=["cpu-x1"],
                    engine_ids=["llama.cpp"],
                ),
            )
        )

    hello = hello_of("x")
    done = threading.Event()

    def requests():
        yield hello
        done.wait(10)

    with Client(server.address, token=tokens["agent"]) as agent:
        answers = agent.control.AgentSession(requests())
        assert next(answers).HasField("welcome")
        with Client(server.address, token=tokens["reader"]) as reader:
            agents = reader.control.ListAgents(control_pb2.ListAgentsRequest()).agents
            assert [known.id for known in agents] == ["a-agent/x"]
            session = reader.control.AgentSession(iter([hello]))
            with pytest.raises(grpc.RpcError) as refusal:
                next(session)
            assert refusal.value.code() == grpc.StatusCode.PERMISSION_DENIED
        done.set()
        # It would be the agent x of a caller a-agent/y.
        with pytest.raises(grpc.RpcError) as refusal:
            next(agent.control.AgentSession(iter([hello_of("y/x")])))
        assert refusal.value.code() == grpc.StatusCode.INVALID_ARGUMENT


def test_a_changed_file_counts_without_a_restart(guarded):
    server, file, tokens = guarded
    file.write_text("# nobody\n")
    deadline = time.monotonic() + 20
    while code_of(server.address, METHODS["reader"], tokens["reader"]) == grpc.StatusCode.OK:
        assert time.monotonic() < deadline
        time.sleep(0.2)


def test_an_open_stream_ends_when_its_token_is_taken_away(guarded):
    server, file, tokens = guarded
    lines = file.read_text().splitlines()
    with grpc.insecure_channel(server.address) as channel:
        reflection = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo"

        def reflect(role):
            """A stream that has been answered once, and stays open."""
            done = threading.Event()

            def requests():
                # list_services: ""
                yield b"\x3a\x00"
                done.wait(60)

            call = channel.stream_stream(reflection)(
                requests(), metadata=[("authorization", f"Bearer {tokens[role]}")])
            assert next(call)
            return call, done

        (revoked, first), (kept, second) = reflect("reader"), reflect("operator")
        file.write_text("\n".join(line for line in lines if " reader " not in line))
        with pytest.raises(grpc.RpcError) as refusal:
            next(revoked)
        assert refusal.value.code() == grpc.StatusCode.UNAUTHENTICATED
        assert refusal.value.details() == "the token is not known"
        first.set()
        assert kept.is_active()
        second.set()
        assert list(kept) == []
        assert kept.code() == grpc.StatusCode.OK


def test_a_role_that_does_not_suffice_is_told_which_would(guarded):
    server, _, tokens = guarded
    with grpc.insecure_channel(server.address) as channel:
        with pytest.raises(grpc.RpcError) as refusal:
            channel.unary_unary(METHODS["operator"])(
                b"", metadata=[("authorization", f"Bearer {tokens['reader']}")], timeout=10)
    assert refusal.value.code() == grpc.StatusCode.PERMISSION_DENIED
    assert refusal.value.details() == (
        f"a-reader may not call {METHODS['operator']}: it needs the role operator"
    )


def test_refused_connections_are_logged(start_server):
    server = start_server("--limit", "max-connections-per-address=1")
    with grpc.insecure_channel(server.address) as first:
        first.unary_unary(METHODS["reader"])(b"", timeout=10)
        # Channels of one process share their connections unless they are told not to.
        alone = [("grpc.use_local_subchannel_pool", 1)]
        with grpc.insecure_channel(server.address, options=alone) as second:
            with pytest.raises(grpc.RpcError):
                second.unary_unary(METHODS["reader"])(b"", timeout=10)
    server.stop()
    log = server.log.read_text()
    assert "a connection did not come about" in log
    assert "max-connections-per-address is reached: 1" in log


def test_our_clients_show_their_token(binaries, guarded):
    server, _, tokens = guarded
    with Client(server.address, token=tokens["reader"]) as client:
        assert list(client.models())
    with Client(server.address) as client, pytest.raises(BenchfrontError) as refusal:
        list(client.models())
    assert refusal.value.code == grpc.StatusCode.UNAUTHENTICATED
    with pytest.raises(ValueError):
        Client("192.0.2.1:50051", token="x")
    for token, code in ((tokens["reader"], 0), ("wrong", 4)):
        run = subprocess.run(
            [binaries / "benchfront", "models", "--server", server.address],
            env={**os.environ, "BENCHFRONT_TOKEN": token}, capture_output=True, text=True,
            check=False,
        )
        assert run.returncode == code, run.stderr
        assert "wrong" not in run.stderr


def test_a_file_that_makes_no_sense_keeps_the_server_from_starting(binaries, tmp_path):
    file = tmp_path / "access"
    file.write_text("token ci boss sha256:00\n")
    run = subprocess.run(
        [
            binaries / "benchfront-server", "serve", "--listen", "127.0.0.1:0",
            "--data-dir", tmp_path / "data", "--access-file", file,
        ],
        capture_output=True, text=True, check=False, timeout=30,
    )
    assert run.returncode == 2
    assert "line 1" in run.stderr
