"""Health checking, by grpcio's own client."""

import signal

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

Status = health_pb2.HealthCheckResponse.ServingStatus


def ask(service=""):
    return health_pb2.HealthCheckRequest(service=service)


def test_services_serve(server):
    with grpc.insecure_channel(server.address) as channel:
        stub = health_pb2_grpc.HealthStub(channel)
        for service in ["", "benchfront.v1.Catalog", "grpc.health.v1.Health"]:
            assert stub.Check(ask(service), timeout=10).status == Status.SERVING


def test_unknown_service(server):
    with grpc.insecure_channel(server.address) as channel:
        stub = health_pb2_grpc.HealthStub(channel)
        with pytest.raises(grpc.RpcError) as refused:
            stub.Check(ask("nobody.Nothing"), timeout=10)
        assert refused.value.code() == grpc.StatusCode.NOT_FOUND
        watch = stub.Watch(ask("nobody.Nothing"), timeout=10)
        assert next(watch).status == Status.SERVICE_UNKNOWN
        watch.cancel()


def test_watch_follows_readiness(start_server):
    """A server that stops says so to whoever watches, and no watch holds it."""
    server = start_server()
    with grpc.insecure_channel(server.address) as channel:
        stub = health_pb2_grpc.HealthStub(channel)
        watches = [stub.Watch(ask(name), timeout=30) for name in ("", "benchfront.v1.Recommend")]
        for watch in watches:
            assert next(watch).status == Status.SERVING
        server.process.send_signal(signal.SIGTERM)
        for watch in watches:
            assert next(watch).status == Status.NOT_SERVING
            with pytest.raises(grpc.RpcError) as ended:
                next(watch)
            assert ended.value.code() == grpc.StatusCode.UNAVAILABLE
        assert server.process.wait(timeout=30) == 0


def test_client_side_health_checking(server):
    """A stock channel that demands health checking uses the server."""
    config = ('{"loadBalancingConfig": [{"round_robin": {}}],'
              ' "healthCheckConfig": {"serviceName": "benchfront.v1.Catalog"}}')
    options = [("grpc.service_config", config)]
    with grpc.insecure_channel(server.address, options) as channel:
        stub = health_pb2_grpc.HealthStub(channel)
        assert stub.Check(ask(), timeout=10, wait_for_ready=True).status == Status.SERVING
