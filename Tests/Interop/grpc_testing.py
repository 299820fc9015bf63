"""grpc.testing.TestService for Python: its stubs, made from our .proto files, and a server."""

import pathlib
import sys
import tempfile
import time
from concurrent import futures

import grpc
import grpc_tools
from grpc_tools import protoc

PROTO = pathlib.Path(__file__).resolve().parent / "proto"
_FOLDER = tempfile.TemporaryDirectory(prefix="grpc-testing-")
INITIAL, TRAILING = "x-grpc-test-echo-initial", "x-grpc-test-echo-trailing-bin"


def _generate(folder):
    """Compiles the .proto files into a folder that Python imports from."""
    files = sorted(str(path.relative_to(PROTO)) for path in PROTO.rglob("*.proto"))
    well_known = pathlib.Path(grpc_tools.__path__[0]) / "_proto"
    status = protoc.main(["protoc", f"-I{PROTO}", f"-I{well_known}", f"--python_out={folder}",
                          f"--grpc_python_out={folder}", *files])
    if status:
        raise RuntimeError(f"protoc ended with {status}")


def _load():
    """Imports them beside the package `grpc` of grpcio, whose name their folder has too."""
    folder = _FOLDER.name
    _generate(folder)
    grpc.__path__.append(str(pathlib.Path(folder) / "grpc"))
    sys.path.append(folder)
    from grpc.testing import empty_pb2, messages_pb2, test_pb2_grpc
    return empty_pb2, messages_pb2, test_pb2_grpc


empty_pb2, messages_pb2, test_pb2_grpc = _load()


def zeros(count):
    """A payload of zeros."""
    return messages_pb2.Payload(body=bytes(count))


class TestServicer(test_pb2_grpc.TestServiceServicer):
    """What the published description asks of a server, as far as grpcio can see it: it cannot tell
    whether a request was compressed."""

    def EmptyCall(self, request, context):
        return empty_pb2.Empty()

    def UnaryCall(self, request, context):
        echo_metadata(context)
        echo_status(request, context)
        wish(request, "response_compressed", context)
        return messages_pb2.SimpleResponse(payload=zeros(request.response_size))

    def CacheableUnaryCall(self, request, context):
        context.send_initial_metadata([("cache-control", "max-age=60, public")])
        stamp = str(time.monotonic_ns()).encode()
        return messages_pb2.SimpleResponse(payload=messages_pb2.Payload(body=stamp))

    def StreamingInputCall(self, request_iterator, context):
        size = sum(len(request.payload.body) for request in request_iterator)
        return messages_pb2.StreamingInputCallResponse(aggregated_payload_size=size)

    def StreamingOutputCall(self, request, context):
        echo_metadata(context)
        if any(wanted.compressed.value for wanted in request.response_parameters):
            context.set_compression(grpc.Compression.Gzip)
        yield from answers(request, context)

    def FullDuplexCall(self, request_iterator, context):
        echo_metadata(context)
        for request in request_iterator:
            yield from answers(request, context)

    def HalfDuplexCall(self, request_iterator, context):
        echo_metadata(context)
        for request in list(request_iterator):
            yield from answers(request, context)


def answers(request, context):
    echo_status(request, context)
    for wanted in request.response_parameters:
        time.sleep(wanted.interval_us / 1e6)
        if wanted.HasField("compressed") and not wanted.compressed.value:
            context.disable_next_message_compression()
        yield messages_pb2.StreamingOutputCallResponse(payload=zeros(wanted.size))


def wish(request, field, context):
    if request.HasField(field) and getattr(request, field).value:
        context.set_compression(grpc.Compression.Gzip)


def echo_status(request, context):
    if request.HasField("response_status") and request.response_status.code:
        code = next(code for code in grpc.StatusCode
                    if code.value[0] == request.response_status.code)
        context.abort(code, request.response_status.message)


def echo_metadata(context):
    received = dict(context.invocation_metadata())
    if TRAILING in received:
        context.set_trailing_metadata([(TRAILING, received[TRAILING])])
    if INITIAL in received:
        context.send_initial_metadata([(INITIAL, received[INITIAL])])


def start_server():
    """A grpcio server and its address."""
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=4))
    test_pb2_grpc.add_TestServiceServicer_to_server(TestServicer(), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    return server, f"127.0.0.1:{port}"
