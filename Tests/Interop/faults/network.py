"""A network that can be cut: TCP proxies on an event loop in a thread of its own."""

import asyncio
import contextlib
import socket
import struct
import threading

#: Bytes that are read at once; as many may wait in each direction of a connection.
CHUNK = 65536


class Network:
    """Every link of a trial."""

    def __init__(self):
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, name="network")

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.call(self.end_tasks())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()
        self.loop.close()

    def call(self, work):
        """Runs a coroutine on the loop, and returns its result."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(timeout=30)

    def link(self, name, port):
        """A proxy in front of a port of this machine."""
        link = Link(self, name, port)
        self.call(link.listen())
        return link

    async def end_tasks(self):
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


class Link:
    """A proxy whose clients see what a network does to them."""

    def __init__(self, network, name, target):
        self.network = network
        self.name = name
        self.target = target
        self.port = None
        self.server = None
        self.flows = asyncio.Event()
        self.flows.set()
        self.refuses = False
        self.writers = set()

    @property
    def address(self):
        """Where clients find it."""
        return f"127.0.0.1:{self.port}"

    def cut(self):
        """Resets every connection; new ones are taken."""
        self.network.call(self.reset())

    def refuse(self):
        """Resets every connection, old and new."""
        self.refuses = True
        self.cut()

    def hold(self):
        """Delivers nothing and refuses nothing: what is sent waits."""
        self.network.loop.call_soon_threadsafe(self.flows.clear)

    def release(self):
        """Ends what `refuse` or `hold` began; what was held back is delivered, however late."""
        self.refuses = False
        self.network.loop.call_soon_threadsafe(self.flows.set)

    async def listen(self):
        self.server = await asyncio.start_server(self.take, "127.0.0.1", 0, limit=CHUNK)
        self.port = self.server.sockets[0].getsockname()[1]

    async def reset(self):
        for writer in self.writers:
            abort(writer)

    async def take(self, reader, writer):
        with self.kept(writer):
            await self.flows.wait()
            if self.refuses:
                abort(writer)
                return
            try:
                far_reader, far_writer = await asyncio.open_connection(
                    "127.0.0.1", self.target, limit=CHUNK)
            except OSError:
                abort(writer)
                return
            with self.kept(far_writer):
                await asyncio.gather(
                    self.pump(reader, far_writer), self.pump(far_reader, writer))

    @contextlib.contextmanager
    def kept(self, writer):
        """Has a connection among those that a cut ends."""
        self.writers.add(writer)
        try:
            yield
        finally:
            self.writers.discard(writer)
            writer.close()

    async def pump(self, reader, writer):
        """Hands bytes on, and the end, which ends the other direction too."""
        try:
            while data := await reader.read(CHUNK):
                await self.flows.wait()
                writer.write(data)
                await writer.drain()
            await self.flows.wait()
            writer.close()
        except OSError:
            abort(writer)


def abort(writer):
    """Ends a connection so that its peer is told of a reset."""
    with contextlib.suppress(OSError):
        writer.get_extra_info("socket").setsockopt(
            socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
