"""The interfaces of others in proto/ are on the wire what their owners have published."""

import pytest
from google.protobuf import descriptor_pb2
from google.rpc import error_details_pb2, status_pb2
from grpc_channelz.v1 import channelz_pb2
from grpc_health.v1 import health_pb2
from grpc_reflection.v1alpha import reflection_pb2

from random_messages import described

STOCK = [channelz_pb2, error_details_pb2, health_pb2, reflection_pb2, status_pb2]


@pytest.fixture(scope="module")
def ours():
    """Messages and services of our files, by package and name."""
    found = {}
    for file in described().file:
        for part in [*file.message_type, *file.service]:
            found[file.package, part.name] = part
    return found


def shape(message):
    """Fields, nested types and enums, without comments, options and oneofs."""
    return {
        field.number: (field.name, field.type, field.label, field.type_name)
        for field in message.field
    } | {nested.name: shape(nested) for nested in message.nested_type} | {
        enum.name: {value.number: value.name for value in enum.value}
        for enum in message.enum_type
    }


def signature(method):
    return (method.input_type, method.output_type, method.client_streaming,
            method.server_streaming)


@pytest.mark.parametrize("stock", STOCK, ids=lambda module: module.DESCRIPTOR.name)
def test_as_published(ours, stock):
    published = descriptor_pb2.FileDescriptorProto.FromString(stock.DESCRIPTOR.serialized_pb)
    for message in published.message_type:
        assert shape(ours[published.package, message.name]) == shape(message)
    for service in published.service:
        methods = {method.name: signature(method) for method in
                   ours[published.package, service.name].method}
        for method in service.method:
            assert methods[method.name] == signature(method)
