"""The details of errors, by grpcio-status."""

import grpc
import pytest
from benchfront.v1 import (
    catalog_pb2, catalog_pb2_grpc, configuration_pb2, recommend_pb2, recommend_pb2_grpc,
)
from google.rpc import error_details_pb2
from grpc_status import rpc_status


def violations(error):
    """The fields that an error refuses; from_call fails where details and status disagree."""
    assert error.code() == grpc.StatusCode.INVALID_ARGUMENT
    found = []
    for detail in rpc_status.from_call(error).details:
        request = error_details_pb2.BadRequest()
        if detail.Unpack(request):
            found += [(each.field, each.description) for each in request.field_violations]
    return found


@pytest.fixture(scope="module")
def channel(server):
    with grpc.insecure_channel(server.address) as channel:
        yield channel


def refusal(method, request):
    with pytest.raises(grpc.RpcError) as refused:
        method(request, timeout=10)
    return refused.value


def test_a_refused_field_is_named(channel):
    catalog = catalog_pb2_grpc.CatalogStub(channel)
    request = catalog_pb2.RegisterModelRequest(
        model=configuration_pb2.Model(
            id="x", kind=configuration_pb2.MODEL_KIND_SELF_HOSTED, parameter_count=-1))
    ((field, description),) = violations(refusal(catalog.RegisterModel, request))
    assert field == "model.parameter_count" and description


def test_a_field_in_a_list_is_named_by_its_place(channel):
    recommend = recommend_pb2_grpc.RecommendStub(channel)
    request = recommend_pb2.RecommendConfigurationsRequest(
        criteria=[recommend_pb2.Criterion(weight=1), recommend_pb2.Criterion(weight=float("nan"))])
    ((field, _),) = violations(refusal(recommend.RecommendConfigurations, request))
    assert field.startswith("criteria[")


def test_undecodable_text_is_named(channel):
    call = channel.unary_unary("/benchfront.v1.Catalog/GetModel")
    error = refusal(call, b"\x0a\x02\xff\xfe")
    assert violations(error) == [("model_id", "is not valid UTF-8")]


def test_a_sentence_of_any_characters_is_the_same_in_both_places(channel):
    catalog = catalog_pb2_grpc.CatalogStub(channel)
    header = catalog_pb2.ImportHeader(source="x", format="\u00e9%\n" * 1_000)
    with pytest.raises(grpc.RpcError) as refused:
        catalog.ImportResults(iter([catalog_pb2.ImportResultsRequest(header=header)]), timeout=10)
    ((field, description),) = violations(refused.value)
    assert field == "header.format" and "\u00e9%\n" in description


def test_a_passed_bound_is_named_with_the_time_to_wait(start_server):
    server = start_server("--calls-per-second", "2")
    with grpc.insecure_channel(server.address) as channel:
        catalog = catalog_pb2_grpc.CatalogStub(channel)
        with pytest.raises(grpc.RpcError) as refused:
            for _ in range(10):
                catalog.ListModels(catalog_pb2.ListModelsRequest(), timeout=10)
    assert refused.value.code() == grpc.StatusCode.RESOURCE_EXHAUSTED
    quota, retry = error_details_pb2.QuotaFailure(), error_details_pb2.RetryInfo()
    details = rpc_status.from_call(refused.value).details
    assert any(detail.Unpack(quota) for detail in details)
    assert any(detail.Unpack(retry) for detail in details)
    (violation,) = quota.violations
    assert violation.subject == "client address"
    assert violation.description == "more than 2 calls a second come from one address"
    assert 0 < retry.retry_delay.ToTimedelta().total_seconds() <= 0.5
