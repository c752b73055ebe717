"""A bare relay: Redis to WebSocket with nothing in between. The yardstick beside which pops are measured.

`python -m loadtests.relay REDIS_URL SECONDS` forwards one 8 KB message at a time to one of eight sockets,
twice a second, and prints the percentiles of publish-to-received as one JSON line.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from typing import TYPE_CHECKING

from redis.asyncio import Redis
from websockets.asyncio.client import connect
from websockets.asyncio.server import ServerConnection, serve

from loadtests.figures import percentiles

if TYPE_CHECKING:
    from redis.asyncio.client import PubSub

SOCKETS = 8
PAYLOAD_BYTES = 8 * 1024
PER_SECOND = 2.0
CHANNEL = "bench:relay:"


async def forward(redis_url: str, socket: ServerConnection) -> None:
    """One subscription for one socket: what it hears it sends."""
    path = socket.request.path if socket.request else "/"
    async with Redis.from_url(redis_url) as redis, redis.pubsub() as heard:
        await heard.subscribe(CHANNEL + path.strip("/"))
        async with asyncio.TaskGroup() as group:
            pump = group.create_task(_pump(heard, socket))
            await socket.wait_closed()
            pump.cancel()


async def _pump(heard: PubSub, socket: ServerConnection) -> None:
    async for message in heard.listen():
        if message["type"] == "message":
            await socket.send(message["data"])


async def receive(port: int, number: int, latencies_ms: list[float]) -> None:
    """A client that notes how old each message is when it arrives."""
    async with connect(f"ws://127.0.0.1:{port}/{number}", compression=None) as socket:
        async for message in socket:
            assert isinstance(message, bytes)  # noqa: S101 - narrows the type; the relay sends bytes only
            sent_ns = int.from_bytes(message[:8])
            latencies_ms.append((time.perf_counter_ns() - sent_ns) / 1e6)


async def measure(redis_url: str, seconds: float) -> dict[str, float]:
    """Run the relay, its clients and the publisher in this process for so long."""
    latencies_ms: list[float] = []
    async with serve(lambda s: forward(redis_url, s), "127.0.0.1", 0, compression=None) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        async with asyncio.TaskGroup() as group, Redis.from_url(redis_url) as redis:
            clients = [group.create_task(receive(port, n, latencies_ms)) for n in range(SOCKETS)]
            await asyncio.sleep(1.0)
            until = time.perf_counter() + seconds
            count = 0
            while time.perf_counter() < until:
                stamp = time.perf_counter_ns().to_bytes(8)
                await redis.publish(f"{CHANNEL}{count % SOCKETS}", stamp + bytes(PAYLOAD_BYTES - 8))
                count += 1
                await asyncio.sleep(1.0 / PER_SECOND)
            for client in clients:
                client.cancel()
    return {"sent": count, "received": len(latencies_ms), **percentiles(latencies_ms)}


if __name__ == "__main__":
    print(json.dumps(asyncio.run(measure(sys.argv[1], float(sys.argv[2])))))
