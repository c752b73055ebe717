"""The wire on any ASGI server: a queue, in order, with a close behind it."""

from __future__ import annotations

import asyncio
from typing import Any

from realtime.frames import seal
from realtime.transport import AsgiWire


async def test_frames_leave_in_order_and_the_close_comes_last() -> None:
    wire, sent = AsgiWire(), []

    async def send(message: Any) -> None:
        sent.append(message)

    wire.write(seal(b"one"))
    wire.write(seal(b"x" * 70_000))
    assert wire.backlog() == 5 + 70_010
    wire.finish(4000, "bye")
    wire.finish(4009, "a second close says nothing")
    wire.write(seal(b"too late"))
    await wire.pump(send)
    assert sent == [
        {"type": "websocket.send", "bytes": b"one"},
        {"type": "websocket.send", "bytes": b"x" * 70_000},
        {"type": "websocket.close", "code": 4000, "reason": "bye"},
    ]
    assert wire.backlog() == 0


async def test_a_queue_that_has_left_is_writable_again() -> None:
    wire, told = AsgiWire(), asyncio.Event()
    wire.on_writable = told.set

    async def send(message: Any) -> None:
        await asyncio.sleep(0)

    async with asyncio.TaskGroup() as tasks, asyncio.timeout(5):
        pump = tasks.create_task(wire.pump(send))
        wire.write(seal(b"one"))
        await told.wait()
        pump.cancel()
