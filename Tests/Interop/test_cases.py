"""The cases of gRPC's interoperability tests: grpcio and gRPC C++ against our server, our client
against their servers and against our own.

https://github.com/grpc/grpc/blob/master/doc/interop-test-descriptions.md
"""

import os
import queue
import subprocess
from contextlib import contextmanager
from pathlib import Path

import grpc
import grpc_testing
import pytest
from grpc_testing import INITIAL, TRAILING, empty_pb2, messages_pb2, test_pb2_grpc, zeros

HERE = Path(__file__).resolve().parent
PROGRAM = Path(os.environ["BENCHFRONT_BIN"]) / "TestService"
CPP = HERE.parents[1] / ".build" / "interop"
CASES = [
    "cacheable_unary", "cancel_after_begin", "cancel_after_first_response",
    "client_compressed_streaming", "client_compressed_unary", "client_streaming",
    "custom_metadata", "empty_stream", "empty_unary", "large_unary", "ping_pong",
    "server_compressed_streaming", "server_compressed_unary", "server_streaming",
    "special_status_message", "status_code_and_message", "timeout_on_sleeping_server",
    "unimplemented_method", "unimplemented_service",
]
SPECIAL = "\t\ntest with whitespace\r\nand Unicode BMP \u263a and non-BMP \U0001f608\t\n"
GZIP, PLAIN = grpc.Compression.Gzip, grpc.Compression.NoCompression
TRUE, FALSE = messages_pb2.BoolValue(value=True), messages_pb2.BoolValue(value=False)


@contextmanager
def serving(program):
    """Address of a program's server, which must live to the end."""
    process = subprocess.Popen([program, "serve", "127.0.0.1:0"], stdout=subprocess.PIPE, text=True)
    try:
        yield process.stdout.readline().strip()
        assert process.poll() is None, "the server has died"
    finally:
        process.kill()
        process.wait()


@pytest.fixture(scope="module")
def ours():
    """Address of our server."""
    with serving(PROGRAM) as address:
        yield address


@pytest.fixture(scope="module")
def cpp():
    """The program on gRPC C++, which is made when it is not there."""
    made = subprocess.run(["make", "--silent", f"OUT={CPP}"], cwd=HERE / "cpp",
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert made.returncode == 0, made.stdout
    return CPP / "interop"


@pytest.fixture(scope="module")
def cpp_server(cpp):
    """Address of the server on gRPC C++."""
    with serving(cpp) as address:
        yield address


@pytest.fixture(scope="module")
def theirs():
    """Address of grpcio's server."""
    server, address = grpc_testing.start_server()
    yield address
    server.stop(None).wait()


@pytest.fixture(scope="module")
def channel(ours):
    """grpcio's channel to our server."""
    with grpc.insecure_channel(ours) as channel:
        yield channel


@pytest.fixture
def stub(channel):
    """grpcio's client of our server."""
    return test_pb2_grpc.TestServiceStub(channel)


def run(program, *words):
    result = subprocess.run([program, "run", *words], stdout=subprocess.PIPE, text=True, timeout=60)
    assert result.returncode == 0, result.stdout


def test_every_case_is_run():
    listed = subprocess.run([PROGRAM, "cases"], stdout=subprocess.PIPE, text=True, check=True)
    assert listed.stdout.split() == CASES


@pytest.mark.parametrize("case", CASES)
def test_our_client_with_grpcio(case, theirs):
    run(PROGRAM, case, theirs, "no-probe")


@pytest.mark.parametrize("case", CASES)
def test_our_client_with_cpp(case, cpp_server):
    run(PROGRAM, case, cpp_server)


@pytest.mark.parametrize("case", CASES)
def test_cpp_with_our_server(case, cpp, ours):
    run(cpp, case, ours)


@pytest.mark.parametrize("case", CASES)
def test_our_client_with_our_server(case, ours):
    run(PROGRAM, case, ours)


def large(**more):
    return messages_pb2.SimpleRequest(response_size=314159, payload=zeros(271828), **more)


def output(*sizes, payload=None, **more):
    wanted = [messages_pb2.ResponseParameters(size=size) for size in sizes]
    return messages_pb2.StreamingOutputCallRequest(
        response_parameters=wanted, payload=zeros(payload) if payload else None, **more)


def expect(code, call, message=None):
    with pytest.raises(grpc.RpcError) as error:
        call()
    assert error.value.code() is code
    if message is not None:
        assert error.value.details() == message


def test_empty_unary(stub):
    assert stub.EmptyCall(empty_pb2.Empty()) == empty_pb2.Empty()


def test_cacheable_unary(stub):
    for _ in range(2):
        response, call = stub.CacheableUnaryCall.with_call(
            messages_pb2.SimpleRequest(payload=messages_pb2.Payload(body=b"1234567890")),
            metadata=[("x-user-ip", "1.2.3.4")])
        assert int(response.payload.body) > 0
        assert dict(call.initial_metadata())["cache-control"] == "max-age=60, public"


def test_large_unary(stub):
    assert stub.UnaryCall(large()).payload == zeros(314159)


def test_client_compressed_unary(stub):
    expect(grpc.StatusCode.INVALID_ARGUMENT,
           lambda: stub.UnaryCall(large(expect_compressed=TRUE), compression=PLAIN))
    for compression, expected in [(GZIP, TRUE), (PLAIN, FALSE)]:
        response = stub.UnaryCall(large(expect_compressed=expected), compression=compression)
        assert response.payload == zeros(314159)


def test_a_compression_that_only_grpcio_knows(stub):
    with pytest.raises(grpc.RpcError) as error:
        stub.UnaryCall(large(), compression=grpc.Compression.Deflate)
    assert error.value.code() is grpc.StatusCode.UNIMPLEMENTED
    assert "identity,gzip" in error.value.details()


def test_server_compressed_unary(stub):
    for wish in [TRUE, FALSE]:
        assert stub.UnaryCall(large(response_compressed=wish)).payload == zeros(314159)


def test_client_streaming(stub):
    sizes = [27182, 8, 1828, 45904]
    requests = (messages_pb2.StreamingInputCallRequest(payload=zeros(size)) for size in sizes)
    assert stub.StreamingInputCall(requests).aggregated_payload_size == 74922


def test_client_compressed_streaming(stub):
    def requests(first, *rest):
        yield messages_pb2.StreamingInputCallRequest(expect_compressed=TRUE, payload=zeros(first))
        for size in rest:
            # grpcio compresses all messages of a call or none, but for those that would grow.
            noise = messages_pb2.Payload(body=os.urandom(size))
            yield messages_pb2.StreamingInputCallRequest(expect_compressed=FALSE, payload=noise)

    expect(grpc.StatusCode.INVALID_ARGUMENT,
           lambda: stub.StreamingInputCall(requests(27182), compression=PLAIN))
    response = stub.StreamingInputCall(requests(27182, 45904), compression=GZIP)
    assert response.aggregated_payload_size == 73086


def test_server_streaming(stub):
    sizes = [31415, 9, 2653, 58979]
    responses = list(stub.StreamingOutputCall(output(*sizes)))
    assert [response.payload for response in responses] == [zeros(size) for size in sizes]


def test_server_compressed_streaming(stub):
    request = messages_pb2.StreamingOutputCallRequest(response_parameters=[
        messages_pb2.ResponseParameters(compressed=TRUE, size=31415),
        messages_pb2.ResponseParameters(compressed=FALSE, size=92653),
    ])
    responses = list(stub.StreamingOutputCall(request))
    assert [response.payload for response in responses] == [zeros(31415), zeros(92653)]


def test_ping_pong(stub):
    turns = [(31415, 27182), (9, 8), (2653, 1828), (58979, 45904)]
    asked = queue.Queue()
    call = stub.FullDuplexCall(iter(asked.get, None))
    for answer, payload in turns:
        asked.put(output(answer, payload=payload))
        assert next(call).payload == zeros(answer)
    asked.put(None)
    assert list(call) == []


def test_empty_stream(stub):
    assert list(stub.FullDuplexCall(iter([]))) == []


def metadata():
    return [(INITIAL, "test_initial_metadata_value"), (TRAILING, b"\xab\xab\xab")]


def test_custom_metadata(stub):
    _, call = stub.UnaryCall.with_call(large(), metadata=metadata())
    stream = stub.FullDuplexCall(iter([output(314159, payload=271828)]), metadata=metadata())
    assert len(list(stream)) == 1
    for ended in [call, stream]:
        assert (INITIAL, "test_initial_metadata_value") in ended.initial_metadata()
        assert (TRAILING, b"\xab\xab\xab") in ended.trailing_metadata()


@pytest.mark.parametrize("message", ["test status message", SPECIAL])
def test_status_code_and_message(stub, message):
    status = messages_pb2.EchoStatus(code=2, message=message)
    request = messages_pb2.SimpleRequest(response_status=status)
    expect(grpc.StatusCode.UNKNOWN, lambda: stub.UnaryCall(request), message)
    stream = output(response_status=status)
    expect(grpc.StatusCode.UNKNOWN, lambda: list(stub.FullDuplexCall(iter([stream]))), message)


def test_unimplemented_method(stub):
    expect(grpc.StatusCode.UNIMPLEMENTED, lambda: stub.UnimplementedCall(empty_pb2.Empty()))


def test_unimplemented_service(channel):
    stub = test_pb2_grpc.UnimplementedServiceStub(channel)
    expect(grpc.StatusCode.UNIMPLEMENTED, lambda: stub.UnimplementedCall(empty_pb2.Empty()))


def test_cancel_after_begin(stub):
    asked = queue.Queue()
    call = stub.StreamingInputCall.future(iter(asked.get, None))
    call.cancel()
    assert call.code() is grpc.StatusCode.CANCELLED
    asked.put(None)


def test_cancel_after_first_response(stub):
    asked = queue.Queue()
    call = stub.FullDuplexCall(iter(asked.get, None))
    asked.put(output(31415, payload=27182))
    assert next(call).payload == zeros(31415)
    call.cancel()
    expect(grpc.StatusCode.CANCELLED, lambda: next(call))
    asked.put(None)


def test_timeout_on_sleeping_server(stub):
    asked = queue.Queue()
    asked.put(output(payload=27182))
    call = stub.FullDuplexCall(iter(asked.get, None), timeout=0.001)
    expect(grpc.StatusCode.DEADLINE_EXCEEDED, lambda: next(call))
    asked.put(None)


def test_a_server_that_sleeps_too_long_learns_of_it(stub):
    slow = messages_pb2.StreamingOutputCallRequest(response_parameters=[
        messages_pb2.ResponseParameters(size=1, interval_us=60_000_000)])
    call = stub.StreamingOutputCall(slow, timeout=0.1)
    expect(grpc.StatusCode.DEADLINE_EXCEEDED, lambda: next(call))
