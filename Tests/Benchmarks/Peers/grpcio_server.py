"""bench.Echo on grpcio: the asyncio server, one thread, messages are plain bytes.

Prints its address and serves until it is killed.
"""

import asyncio

import grpc

STREAM_MESSAGES = 1000
LARGE = b"a" * 4_000_000


async def unary(request, context):
    return request


async def down(request, context):
    for _ in range(STREAM_MESSAGES):
        yield request


async def up(requests, context):
    last = b""
    async for request in requests:
        last = request
    return last


async def chat(requests, context):
    async for request in requests:
        yield request


async def large(request, context):
    return LARGE


async def main():
    server = grpc.aio.server()
    methods = {
        "Unary": grpc.unary_unary_rpc_method_handler(unary),
        "Down": grpc.unary_stream_rpc_method_handler(down),
        "Up": grpc.stream_unary_rpc_method_handler(up),
        "Chat": grpc.stream_stream_rpc_method_handler(chat),
        "Large": grpc.unary_unary_rpc_method_handler(large),
    }
    handler = grpc.method_handlers_generic_handler("bench.Echo", methods)
    server.add_generic_rpc_handlers((handler,))
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    print(f"127.0.0.1:{port}", flush=True)
    await server.wait_for_termination()


asyncio.run(main())
