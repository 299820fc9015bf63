"""Channelz, by grpcio's own messages and stubs."""

import ipaddress

import grpc
import pytest
from grpc_channelz.v1 import channelz_pb2, channelz_pb2_grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc


@pytest.fixture(scope="module")
def channel(server):
    with grpc.insecure_channel(server.address) as channel:
        yield channel


def only_server(stub):
    answer = stub.GetServers(channelz_pb2.GetServersRequest(), timeout=10)
    assert answer.end
    (server,) = answer.server
    return server


def test_calls_are_counted(channel):
    stub = channelz_pb2_grpc.ChannelzStub(channel)
    health = health_pb2_grpc.HealthStub(channel)
    before = only_server(stub).data
    for _ in range(5):
        health.Check(health_pb2.HealthCheckRequest(), timeout=10)
    with pytest.raises(grpc.RpcError):
        health.Check(health_pb2.HealthCheckRequest(service="nobody"), timeout=10)
    after = only_server(stub).data
    assert after.calls_started - before.calls_started == 7
    # With that which asked before.
    assert after.calls_succeeded - before.calls_succeeded == 6
    assert after.calls_failed - before.calls_failed == 1
    assert after.last_call_started_timestamp.ToSeconds() >= before.trace.creation_timestamp.ToSeconds()


def test_a_connection_shows_who_it_leads_to(server, channel):
    stub = channelz_pb2_grpc.ChannelzStub(channel)
    listing = stub.GetServerSockets(
        channelz_pb2.GetServerSocketsRequest(server_id=only_server(stub).ref.server_id), timeout=10)
    assert listing.end and listing.socket_ref
    socket = stub.GetSocket(
        channelz_pb2.GetSocketRequest(socket_id=listing.socket_ref[-1].socket_id), timeout=10).socket
    host, port = server.address.rsplit(":", 1)
    assert socket.local.tcpip_address.ip_address == ipaddress.ip_address(host).packed
    assert socket.local.tcpip_address.port == int(port)
    assert f"{host}:{socket.remote.tcpip_address.port}" == socket.ref.name
    assert socket.data.streams_started > socket.data.streams_succeeded > 0
    assert socket.data.local_flow_control_window.value > 0


def test_there_are_no_channels(channel):
    stub = channelz_pb2_grpc.ChannelzStub(channel)
    answer = stub.GetTopChannels(channelz_pb2.GetTopChannelsRequest(), timeout=10)
    assert answer.end and not answer.channel
    with pytest.raises(grpc.RpcError) as missing:
        stub.GetChannel(channelz_pb2.GetChannelRequest(channel_id=1), timeout=10)
    assert missing.value.code() == grpc.StatusCode.NOT_FOUND
