"""gRPC-Web on the wire, as the protocol's document and the CORS rules say."""

import base64
import gzip
import re
import urllib.parse
import urllib.request

import pytest

from benchfront import TLS, Client
from benchfront.v1 import benchmark_control_pb2 as control_pb2
from benchfront.v1 import catalog_pb2
from runs import taken_run
from test_access import make_token
from web_calls import BINARY, TEXT, WebClient, message

ORIGIN = "https://dash.example"
FROM = [("origin", ORIGIN)]
MODELS, MODEL = "/benchfront.v1.Catalog/ListModels", "/benchfront.v1.Catalog/GetModel"
WATCH = "/benchfront.v1.BenchmarkControl/WatchRun"
INTERNAL, UNIMPLEMENTED, RESOURCE_EXHAUSTED, NOT_FOUND, DEADLINE_EXCEEDED = 13, 12, 8, 5, 4


@pytest.fixture
def secure(start_server, flags):
    """A server over TLS that pages of one origin may call."""
    return start_server(*flags, "--web-origin", ORIGIN)


@pytest.fixture
def web(secure, certificates):
    with WebClient(secure.address, certificates) as web:
        yield web


@pytest.fixture
def run(secure, certificates):
    """A run that is under way, and the client that made it."""
    tls = TLS(ca=certificates / "ca.pem")
    with Client(secure.address, tls=tls, timeout=20) as client, taken_run(client) as run:
        yield run, client


@pytest.mark.parametrize(
    "kind, answered",
    [
        ("application/grpc-web", BINARY), (BINARY, BINARY), ("application/grpc-web-text", TEXT),
        (TEXT, TEXT), ("application/grpc-web-text-base64", TEXT),
    ],
)
def test_a_unary_call_is_answered(web, kind, answered):
    pieces = [base64.b64encode(message(b"")) if "text" in kind else message(b"")]
    extra = [("x-grpc-web", "1"), ("x-user-agent", "grpc-web-javascript/0.1")]
    answer = web.call(MODELS, kind=kind, fields=FROM + extra, pieces=pieces)
    assert answer.headers[":status"] == "200"
    assert answer.headers["content-type"] == answered
    assert answer.trailers == {"grpc-status": "0"}
    (body,) = answer.messages
    assert len(catalog_pb2.ListModelsResponse.FromString(body).models) == 6


@pytest.mark.parametrize("accept, answered", [("*/*", BINARY), (BINARY, BINARY), (TEXT, TEXT)])
def test_the_answer_is_as_the_client_accepts_it(web, accept, answered):
    answer = web.call(MODELS, fields=[("accept", accept)])
    assert answer.headers["content-type"] == answered
    assert answer.trailers == {"grpc-status": "0"} and len(answer.messages) == 1


@pytest.mark.parametrize("kind", [BINARY, TEXT])
def test_a_stream_is_read_while_it_goes_on(web, run, kind):
    run, client = run
    request = message(control_pb2.WatchRunRequest(run_id=run.id).SerializeToString())
    body = request if kind == BINARY else base64.b64encode(request)
    head = [(":method", "POST"), (":scheme", "https"), (":path", WATCH), (":authority", "t")]
    stream = web.send([*head, ("content-type", kind), *FROM], body)
    first = web.answer(stream, until=lambda answer: answer.pieces)
    # What has come can be read by itself, before anything else comes.
    piece = first.body if kind == BINARY else base64.b64decode(first.body, validate=True)
    event = control_pb2.WatchRunResponse.FromString(piece[5:5 + int.from_bytes(piece[1:5], "big")])
    assert event.commit_number == 1
    client.control.CancelRun(control_pb2.CancelRunRequest(run_id=run.id))
    rest = web.answer(stream)
    tail = rest.body if kind == BINARY else base64.b64decode(rest.pieces[-1], validate=True)
    assert tail.endswith(b"\x80\x00\x00\x00\x10grpc-status: 0\r\n")


@pytest.mark.parametrize("kind", [BINARY, TEXT])
def test_a_status_after_messages_is_in_the_last_message(web, run, kind):
    request = control_pb2.WatchRunRequest(run_id=run[0].id).SerializeToString()
    answer = web.call(WATCH, request, kind, fields=[*FROM, ("grpc-timeout", "500m")])
    assert "grpc-status" not in answer.headers
    assert len(answer.messages) >= 1
    assert answer.trailers["grpc-status"] == str(DEADLINE_EXCEEDED)
    assert answer.trailers["grpc-message"] == "the deadline has passed"


@pytest.mark.parametrize("kind", [BINARY, TEXT])
def test_an_error_alone_is_in_the_headers(web, kind):
    request = catalog_pb2.GetModelRequest(model_id="modèle 100%").SerializeToString()
    answer = web.call(MODEL, request, kind, fields=FROM)
    assert answer.headers[":status"] == "200"
    assert answer.headers["content-type"] == kind
    assert answer.headers["grpc-status"] == str(NOT_FOUND)
    assert "mod%C3%A8le 100%25" in answer.headers["grpc-message"]
    assert "modèle 100%" in urllib.parse.unquote(answer.headers["grpc-message"])
    assert answer.body == b""
    exposed = answer.headers["access-control-expose-headers"].split(",")
    assert {"grpc-status", "grpc-message", "grpc-status-details-bin"} <= set(exposed)


def test_methods_that_do_not_exist_or_take_a_stream_are_unimplemented(web):
    answer = web.call("/benchfront.v1.Catalog/Nothing", fields=FROM)
    assert answer.headers["grpc-status"] == str(UNIMPLEMENTED)
    for path in ["Catalog/ImportResults", "BenchmarkControl/AgentSession"]:
        answer = web.call(f"/benchfront.v1.{path}", fields=FROM)
        assert answer.headers["grpc-status"] == str(UNIMPLEMENTED)
        assert "takes a stream of messages" in answer.headers["grpc-message"]


def test_text_is_read_wherever_it_is_cut_and_padded(web):
    request = message(catalog_pb2.ListModelsRequest(page_size=2).SerializeToString())
    whole = base64.b64encode(request)
    padded = b"".join(base64.b64encode(request[i:i + 1]) for i in range(len(request)))
    for text in (whole, padded):
        for step in (1, 3, 5, len(text)):
            pieces = [text[i:i + step] for i in range(0, len(text), step)]
            answer = web.call(MODELS, kind=TEXT, pieces=pieces)
            (body,) = answer.messages
            assert len(catalog_pb2.ListModelsResponse.FromString(body).models) == 2


@pytest.mark.parametrize(
    "body", [b"!!!!", b"AAAAAAA", b"AAAA=AAA", b"AAAA AAAA", b"=", b"AAAAAAAAAA==AA", b"\xff" * 9]
)
def test_text_that_is_not_base64_ends_its_call_alone(web, body):
    answer = web.call(MODELS, kind=TEXT, fields=FROM, pieces=[body])
    assert answer.headers["grpc-status"] == str(INTERNAL)
    assert answer.headers["access-control-allow-origin"] == ORIGIN
    assert web.call(MODELS, kind=TEXT).trailers == {"grpc-status": "0"}


def test_messages_above_the_bound_are_refused(web):
    huge = b"\0" + (4_194_305).to_bytes(4, "big") + b"x"
    for kind, body in [(BINARY, huge), (TEXT, base64.b64encode(huge))]:
        answer = web.call(MODELS, kind=kind, fields=FROM, pieces=[body])
        assert answer.headers["grpc-status"] == str(RESOURCE_EXHAUSTED)


def test_trailers_in_a_request_and_encoded_bodies_are_refused(web):
    trailers = b"\x80\0\0\0\x10grpc-status: 0\r\n"
    answer = web.call(MODELS, fields=FROM, pieces=[message(b"") + trailers])
    assert answer.headers["grpc-status"] == str(INTERNAL)
    answer = web.call(MODELS, fields=[*FROM, ("content-encoding", "gzip")])
    assert answer.headers[":status"] == "415"
    assert answer.headers["accept-encoding"] == "identity"


@pytest.mark.parametrize("kind", [BINARY, TEXT])
def test_compressed_messages_are_read_and_none_are_sent(web, kind):
    packed = gzip.compress(catalog_pb2.ListModelsRequest(page_size=2).SerializeToString())
    body = b"\x01" + len(packed).to_bytes(4, "big") + packed
    pieces = [body if kind == BINARY else base64.b64encode(body)]
    accepts = [("grpc-accept-encoding", "gzip"), ("accept-encoding", "gzip, br, zstd")]
    fields = [*FROM, *accepts, ("grpc-encoding", "gzip")]
    (answer,) = web.call(MODELS, kind=kind, fields=fields, pieces=pieces).messages
    assert len(catalog_pb2.ListModelsResponse.FromString(answer).models) == 2
    unknown = web.call(MODELS, fields=[*FROM, ("grpc-encoding", "snappy")])
    assert unknown.headers["grpc-status"] == str(UNIMPLEMENTED)
    assert unknown.headers["grpc-accept-encoding"] == "identity,gzip"


def preflight(origin, names="content-type,x-grpc-web,authorization"):
    return [
        ("origin", origin), ("access-control-request-method", "POST"),
        ("access-control-request-headers", names),
    ]


def test_a_preflight_lets_in_the_origin_that_is_named(web):
    answer = web.ask("OPTIONS", MODELS, preflight(ORIGIN))
    assert answer.headers[":status"] == "204" and answer.body == b""
    assert answer.headers["access-control-allow-origin"] == ORIGIN
    assert answer.headers["access-control-allow-credentials"] == "true"
    assert answer.headers["access-control-allow-methods"] == "POST"
    assert answer.headers["access-control-allow-headers"] == (
        "content-type,x-grpc-web,authorization"
    )
    assert int(answer.headers["access-control-max-age"]) > 0
    assert "origin" in answer.headers["vary"]
    # Names that nobody could have are not repeated.
    answer = web.ask("OPTIONS", MODELS, preflight(ORIGIN, "x" * 5000))
    assert "authorization" in answer.headers["access-control-allow-headers"]


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "http://dash.example", "https://dash.example:444", "null"]
)
def test_other_origins_get_403_and_no_permission(web, origin):
    for answer in (
        web.ask("OPTIONS", MODELS, preflight(origin)),
        web.call(MODELS, fields=[("origin", origin)]),
    ):
        assert answer.headers[":status"] == "403"
        assert not any(name.startswith("access-control") for name in answer.headers)


def test_refused_origins_are_logged(start_server, flags, certificates):
    server = start_server(*flags, "--web-origin", ORIGIN)
    with WebClient(server.address, certificates) as web:
        web.call(MODELS, fields=[("origin", "https://evil.example")])
    server.stop()
    log = server.log.read_text()
    assert "a page may not call" in log and "https://evil.example" in log


def test_any_origin_may_be_let_in_without_credentials(start_server, flags, certificates):
    server = start_server(*flags, "--web-origin", "*")
    with WebClient(server.address, certificates) as web:
        for answer in (
            web.ask("OPTIONS", MODELS, preflight("https://any.example")),
            web.call(MODELS, fields=[("origin", "https://any.example")]),
        ):
            assert answer.headers["access-control-allow-origin"] == "*"
            assert "access-control-allow-credentials" not in answer.headers


def test_without_the_flag_nobody_is_let_in(start_server, flags, certificates):
    server = start_server(*flags)
    with WebClient(server.address, certificates) as web:
        assert web.call(MODELS, fields=FROM).headers[":status"] == "415"
        assert web.ask("OPTIONS", MODELS, preflight(ORIGIN)).headers[":status"] == "405"


def test_a_proxy_of_this_machine_may_call_in_cleartext(start_server):
    server = start_server("--web-origin", ORIGIN)
    with WebClient(server.address) as web:
        assert web.call(MODELS, fields=FROM).trailers == {"grpc-status": "0"}


def test_callers_show_their_token(start_server, flags, certificates, binaries, tmp_path):
    token, line = make_token(binaries, "page", "reader")
    (tmp_path / "access").write_text(line)
    server = start_server(
        *flags, "--web-origin", ORIGIN, "--access-file", tmp_path / "access"
    )
    with WebClient(server.address, certificates) as web:
        # Browsers ask for permission without a credential.
        assert web.ask("OPTIONS", MODELS, preflight(ORIGIN)).headers[":status"] == "204"
        refused = web.call(MODELS, fields=FROM)
        assert refused.headers["grpc-status"] == "16"
        shown = web.call(MODELS, fields=[*FROM, ("authorization", f"Bearer {token}")])
        assert shown.trailers == {"grpc-status": "0"}


def test_plain_grpc_is_served_beside_it_and_calls_are_counted(web, secure, certificates):
    web.call(MODELS)
    with Client(secure.address, tls=TLS(ca=certificates / "ca.pem"), timeout=20) as client:
        assert len(client.catalog.ListModels(catalog_pb2.ListModelsRequest()).models) == 6
    text = urllib.request.urlopen(f"{secure.metrics}/metrics").read().decode()
    count = re.search(
        r'grpc_server_call_duration_seconds_count\{[^}]*ListModels[^}]*\} (\d+)', text)
    assert count and int(count.group(1)) == 2
