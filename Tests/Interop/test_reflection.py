"""Server reflection, by grpcio's own client and by a client that speaks v1."""

import grpc
import pytest
from google.protobuf import descriptor_pb2, json_format
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message_factory import GetMessageClass
from grpc_reflection.v1alpha import reflection_pb2
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import (
    ProtoReflectionDescriptorDatabase,
)

V1 = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo"
Request = reflection_pb2.ServerReflectionRequest
Response = reflection_pb2.ServerReflectionResponse


@pytest.fixture(scope="module")
def channel(server):
    with grpc.insecure_channel(server.address) as channel:
        yield channel


def v1(channel, *questions):
    """Answers of version 1, which has v1alpha's messages."""
    call = channel.stream_stream(
        V1, request_serializer=Request.SerializeToString, response_deserializer=Response.FromString)
    return list(call(iter(questions), timeout=10))


def test_stock_client_lists_services(channel):
    services = ProtoReflectionDescriptorDatabase(channel).get_services()
    assert {
        "benchfront.v1.BenchmarkControl", "benchfront.v1.Catalog", "benchfront.v1.Recommend",
        "grpc.health.v1.Health", "grpc.reflection.v1.ServerReflection",
        "grpc.reflection.v1alpha.ServerReflection",
    } <= set(services)


def test_stock_client_calls_what_it_was_told_of(channel):
    """Everything a generic client needs for a call comes from the server."""
    pool = DescriptorPool(ProtoReflectionDescriptorDatabase(channel))
    for service in ProtoReflectionDescriptorDatabase(channel).get_services():
        assert pool.FindServiceByName(service).methods
    method = pool.FindServiceByName("benchfront.v1.Catalog").FindMethodByName("ListModels")
    call = channel.unary_unary(
        f"/{method.containing_service.full_name}/{method.name}",
        request_serializer=lambda message: message.SerializeToString(),
        response_deserializer=GetMessageClass(method.output_type).FromString)
    answer = json_format.MessageToDict(
        call(GetMessageClass(method.input_type)(page_size=3), timeout=10))
    assert len(answer["models"]) == 3 and answer["models"][0]["id"]


def test_v1_answers_each_question_in_order(channel):
    answers = v1(
        channel, Request(list_services="*"),
        Request(file_containing_symbol="benchfront.v1.Catalog.ListModels"),
        Request(file_by_filename="no/such.proto"),
        Request(all_extension_numbers_of_type="benchfront.v1.Model"), Request())
    assert [answer.WhichOneof("message_response") for answer in answers] == [
        "list_services_response", "file_descriptor_response", "error_response",
        "all_extension_numbers_response", "error_response",
    ]
    assert answers[2].error_response.error_code == grpc.StatusCode.NOT_FOUND.value[0]
    assert answers[2].original_request.file_by_filename == "no/such.proto"


def test_extensions_are_found_by_what_they_extend(channel):
    options = "google.protobuf.MethodOptions"
    numbers, file = v1(
        channel, Request(all_extension_numbers_of_type=options),
        Request(file_containing_extension=reflection_pb2.ExtensionRequest(
            containing_type=options, extension_number=50051)))
    assert list(numbers.all_extension_numbers_response.extension_number) == [50051]
    found = [descriptor_pb2.FileDescriptorProto.FromString(content).name
             for content in file.file_descriptor_response.file_descriptor_proto]
    assert found == ["benchfront/v1/access.proto", "google/protobuf/descriptor.proto"]
