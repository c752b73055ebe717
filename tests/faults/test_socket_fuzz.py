"""Hostile sockets: whatever is sent, the server closes with the right code, forgets, and serves the others.

A real hub under a real server; a bystander listens all the while, and after each attack must hear the next
card. What the attackers cost is counted back to nothing: sockets, sessions, channels, tasks, pumps.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import logging
import random
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import jsonschema_rs
import msgpack
import pytest
import pytest_asyncio
import websockets
import yaml

from realtime.client import Client
from realtime.closing import Close
from realtime.redis_client import connect
from tests.house.describe_socket import PAGE
from tests.integration.realtime.conftest import PATIENCE_S, Browser, Hub, hub_on
from tests.support.realtime import a_card, a_ticket

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

CHANNEL = "wall:all"
MUTANTS = 240
CHANCE = 20261122

HELLO = {"t": "hello", "v": 1, "ticket": "T", "want": ["agent:7"]}
RESUME = {"t": "resume", "v": 1, "token": "R", "at": {"agent:7": ["e1", 6]}}
PONG = {"t": "pong", "n": 1}
GOT = {"t": "got", "ch": "agent:7", "key": "screen:c9", "o": 5}
PAINTED = {"t": "painted", "ch": "agent:7", "key": "screen:c9", "o": 5, "at": 5, "err": 1.5}
FRAMES = (HELLO, RESUME, PONG, GOT, PAINTED)


@dataclass
class Scene:
    """The hub under attack, its bystander, and what it all weighed before."""

    hub: Hub
    bystander: Browser
    told: int = 0
    nonces: int = 0
    baseline: tuple[int, ...] = ()

    def weigh(self) -> tuple[int, ...]:
        """What may leak: sockets, who they belong to, welcomed ones, listeners, tasks."""
        realtime = self.hub.realtime
        return (
            len(realtime._sessions),
            sum(len(sessions) for sessions in realtime._by_user.values()),
            realtime.counters.sockets,
            len(self.hub.server.server_state.connections),
            len(asyncio.all_tasks()),
        )

    async def is_well(self) -> None:
        """The bystander hears what comes next, and nothing of the attackers is left."""
        self.told += 1
        await self.hub.publish(a_card("floor", self.told), channel=CHANNEL)
        await self.hub.until(lambda: self.hears() == self.told)
        await self.hub.until(lambda: self.weigh() == self.baseline)

    def hears(self) -> object:
        """What the bystander was told last; he must not have been sent away."""
        assert self.bystander.code is None, f"the bystander was closed: {self.bystander.code}"
        return self.bystander.client.store[CHANNEL].get("floor")

    async def listen(self) -> None:
        """The bystander's own life: hear and answer until he is cut off."""
        while self.bystander.code is None:
            await self.bystander.read()

    def ticket(self) -> str:
        """A ticket of a user of its own, good once."""
        self.nonces += 1
        return a_ticket(f"{self.nonces}00", (f"agent:{self.nonces}00",), nonce=f"x{self.nonces}")

    async def attack(self, *messages: bytes | str, live: bool = False) -> int:
        """Send these on one socket, after a welcome if `live`; the code that it is closed with."""
        async with self._socket() as socket:
            if live:
                await self._enter(socket)
            with contextlib.suppress(websockets.ConnectionClosed):
                for message in messages:
                    await socket.send(message)
            async with asyncio.timeout(PATIENCE_S):
                await socket.wait_closed()
        assert socket.close_code is not None
        return socket.close_code

    def _socket(self) -> websockets.connect:
        return websockets.connect(
            f"ws://127.0.0.1:{self.hub.port}/ws",
            max_size=None,
            ping_interval=None,
            compression=None,
        )

    async def _enter(self, socket: websockets.ClientConnection) -> None:
        await socket.send(Client(self.ticket()).connected(0))
        async with asyncio.timeout(PATIENCE_S):
            while msgpack.unpackb(await socket.recv(decode=False))["t"] != "snapshot":
                pass


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def scene(redis_url: str) -> AsyncIterator[Scene]:
    async with connect(redis_url) as client:
        await client.flushall()
        async with hub_on(redis_url, client) as hub:
            await hub.publish(a_card("floor", 0), channel=CHANNEL)
            bystander = hub.browser((CHANNEL,), user="9", nonce="bystander")
            await bystander.connect()
            await bystander.until(bystander.is_whole)
            scene = Scene(hub, bystander)
            async with asyncio.TaskGroup() as tasks:
                listening = tasks.create_task(scene.listen())
                await asyncio.sleep(0)
                scene.baseline = scene.weigh()
                yield scene
                listening.cancel()


@pytest_asyncio.fixture(autouse=True)
async def nothing_is_left(scene: Scene, caplog: pytest.LogCaptureFixture) -> AsyncIterator[None]:
    """After every attack: the bystander undisturbed, nothing leaked, no session fell over."""
    caplog.set_level(logging.ERROR)
    yield
    await scene.is_well()
    assert [record.getMessage() for record in caplog.records] == []


def pack(value: object) -> bytes:
    packed: bytes = msgpack.packb(value)
    return packed


class Page:
    """What docs/asyncapi.yaml, and not our own reader, takes for an opening."""

    def __init__(self) -> None:
        page = yaml.safe_load(PAGE.read_text(encoding="utf-8"))
        self._checks = [
            jsonschema_rs.Draft202012Validator(
                {"$ref": f"#/components/schemas/{name}", "components": page["components"]}
            )
            for name in ("Hello", "Resume")
        ]

    def code(self, data: bytes) -> Close:
        """The close code of a first message: no opening at all, or one whose ticket is not ours."""
        try:
            frame = msgpack.unpackb(data)
            opens = any(check.is_valid(frame) for check in self._checks)
        except (ValueError, TypeError, msgpack.UnpackException):
            return Close.PROTOCOL
        return Close.TICKET_REFUSED if opens and frame["v"] == 1 else Close.PROTOCOL


def mutants(chance: random.Random, count: int) -> Iterator[bytes]:
    """Frames of ours with bytes changed, added, taken away, doubled or cut off."""
    for number in range(count):
        data = bytearray(pack(FRAMES[number % len(FRAMES)]))
        for _ in range(chance.randint(1, 3)):
            place = chance.randrange(len(data) + 1)
            match chance.randrange(5):
                case 0:
                    data[place : place + 1] = chance.randbytes(1)
                case 1:
                    data[place:place] = chance.randbytes(chance.randint(1, 4))
                case 2:
                    del data[place : place + chance.randint(1, 8)]
                case 3:
                    data += data[place:]
                case _:
                    del data[place:]
        yield bytes(data)


async def test_mutated_first_frames_are_judged_as_the_page_says(scene: Scene) -> None:
    page = Page()
    for data in mutants(random.Random(CHANCE), MUTANTS):
        assert await scene.attack(data) == page.code(data), data


async def test_mutated_later_frames_end_the_socket_or_are_heard(scene: Scene) -> None:
    """A text frame behind each ends what was still a frame."""
    for data in mutants(random.Random(CHANCE + 1), MUTANTS // 2):
        code = await scene.attack(data, "enough", live=True)
        assert code in (Close.PROTOCOL, Close.FORBIDDEN), data


async def test_noise_is_no_frame(scene: Scene) -> None:
    chance = random.Random(CHANCE + 2)
    for size in (0, 1, 2, 3, 5, 17, 100, 1_000, 16_384):
        for _ in range(4):
            assert await scene.attack(chance.randbytes(size)) == Close.PROTOCOL


BOMBS = {
    "arrays in arrays": b"\x91" * 16_000,
    "maps in maps": b"\x81\xa1t" * 5_000,
    "arrays in a frame": b"\x82\xa1t\xa4pong\xa1n" + b"\x91" * 10_000,
    "an array of four thousand million": b"\xdd\xff\xff\xff\xff",
    "a map of four thousand million": b"\xdf\xff\xff\xff\xff",
    "a text of four gigabytes": b"\xdb\xff\xff\xff\xff" + b"x" * 100,
    "bytes of four gigabytes": b"\xc6\xff\xff\xff\xff",
    "an extension": b"\xc7\x08\x05" + b"x" * 8,
    "an instant": b"\xd6\xff\x00\x00\x00\x00",
    "a byte that is never used": b"\xc1",
    "a text that is no text": b"\x81\xa1t\xa2\xff\xfe",
    "a key that is a map": b"\x81\x80\xa1t",
    "a key that is a number": b"\x81\x01\xa1t",
    "two frames at once": pack(PONG) * 2,
    "a number beyond 64 bits": pack({"t": "pong", "n": 2**64 - 1}),
    "a number below zero": pack({"t": "pong", "n": -1}),
    "no number": pack(
        {"t": "painted", "ch": "a", "key": "k", "o": 1, "at": 1, "err": float("nan")}
    ),
    "many channels": pack({"t": "hello", "v": 1, "ticket": "T", "want": ["c"] * 65}),
    "many positions": pack(
        {"t": "resume", "v": 1, "token": "R", "at": {str(n): ["e", 1] for n in range(65)}}
    ),
    "a long name": pack({"t": "hello", "v": 1, "ticket": "T", "want": ["c" * 201]}),
    "no name": pack({"t": "hello", "v": 1, "ticket": "T", "want": [""]}),
    "another version": pack({**HELLO, "v": 2}),
    "an empty ticket": pack({**HELLO, "ticket": ""}),
}


@pytest.mark.parametrize("bomb", BOMBS.values(), ids=BOMBS)
@pytest.mark.parametrize("live", [False, True], ids=["first", "later"])
async def test_what_is_made_to_cost_much_costs_the_socket(
    scene: Scene, bomb: bytes, *, live: bool
) -> None:
    assert await scene.attack(bomb, live=live) == Close.PROTOCOL


@pytest.mark.parametrize("live", [False, True], ids=["first", "later"])
@pytest.mark.parametrize(
    ("size", "code"),
    [(16 * 1024 + 1, Close.FLOOD), (64 * 1024, Close.FLOOD), (64 * 1024 + 1, 1009)],
)
async def test_what_is_too_long_is_not_read(
    scene: Scene, size: int, code: int, *, live: bool
) -> None:
    assert await scene.attack(b"\x91" * size, live=live) == code


WRONG: dict[str, tuple[bool, tuple[bytes | str, ...], Close]] = {
    "pong first": (False, (pack(PONG),), Close.PROTOCOL),
    "receipt first": (False, (pack(GOT),), Close.PROTOCOL),
    "painted first": (False, (pack(PAINTED),), Close.PROTOCOL),
    "a frame of ours": (False, (pack({"t": "welcome", "v": 1}),), Close.PROTOCOL),
    "text first": (False, ("hello",), Close.PROTOCOL),
    "hello again": (True, (pack(HELLO),), Close.PROTOCOL),
    "resume after hello": (True, (pack(RESUME),), Close.PROTOCOL),
    "receipt of another's card": (True, (pack(GOT),), Close.FORBIDDEN),
    "painting of another's card": (True, (pack(PAINTED),), Close.FORBIDDEN),
    "text later": (True, ("pong",), Close.PROTOCOL),
}


@pytest.mark.parametrize("name", WRONG)
async def test_wrong_order_ends_the_socket(scene: Scene, name: str) -> None:
    live, messages, code = WRONG[name]
    assert await scene.attack(*messages, live=live) == code


async def test_a_second_word_before_the_welcome_ends_the_socket(scene: Scene) -> None:
    opening = Client(scene.ticket()).connected(0)
    assert await scene.attack(opening, opening) in (Close.PROTOCOL, Close.TICKET_REFUSED)


@pytest.mark.parametrize("frame", [pack(PONG), pack({"t": "pong", "n": 2**53})])
async def test_a_flood_of_good_frames_ends_the_socket(scene: Scene, frame: bytes) -> None:
    assert await scene.attack(*[frame] * 400, live=True) == Close.FLOOD


async def test_many_hostile_sockets_at_once(scene: Scene) -> None:
    chance = random.Random(CHANCE + 3)
    page = Page()
    sent = list(mutants(chance, 100))
    codes = await asyncio.gather(*(scene.attack(data) for data in sent))
    assert codes == [page.code(data) for data in sent]


# --- below the messages: RFC 6455 itself -----------------------------------------------------------

MASK = b"\x00\x00\x00\x00"  # of zeros: the payload stands as it is
BINARY, TEXT, PING, CLOSE, MORE = 0x2, 0x1, 0x9, 0x8, 0x0


def wire(
    opcode: int, payload: bytes, *, final: bool = True, masked: bool = True, rsv: int = 0
) -> bytes:
    """A frame as a client writes it, well made or not."""
    head = bytes((0x80 * final | rsv | opcode,))
    mark = 0x80 * masked
    size = len(payload)
    if size < 126:
        head += bytes((mark | size,))
    elif size < 65_536:
        head += bytes((mark | 126,)) + struct.pack(">H", size)
    else:
        head += bytes((mark | 127,)) + struct.pack(">Q", size)
    return head + (MASK if masked else b"") + payload


@contextlib.asynccontextmanager
async def line(scene: Scene, *, upgraded: bool = True) -> AsyncIterator[Any]:
    """A bare connection, through the handshake if asked; cut off at the end."""
    reader, writer = await asyncio.open_connection("127.0.0.1", scene.hub.port)
    try:
        if upgraded:
            writer.write(handshake())
            assert b"101" in await reader.readuntil(b"\r\n\r\n")
        yield reader, writer
    finally:
        writer.transport.abort()


def handshake() -> bytes:
    key = base64.b64encode(b"k" * 16).decode()
    lines = (
        "GET /ws HTTP/1.1", "Host: x", "Upgrade: websocket", "Connection: Upgrade",
        f"Sec-WebSocket-Key: {key}", "Sec-WebSocket-Version: 13", "", "",
    )  # fmt: skip
    return "\r\n".join(lines).encode()


async def close_code(reader: asyncio.StreamReader) -> int | None:
    """The code of the close frame in what the server still says; None without one."""
    async with asyncio.timeout(PATIENCE_S):
        said = await reader.read()
    place = said.rfind(b"\x88")
    return int.from_bytes(said[place + 2 : place + 4], "big") if place >= 0 else None


BREACHES = {
    "unmasked": (wire(BINARY, pack(HELLO), masked=False), 1002),
    "reserved bit": (wire(BINARY, pack(HELLO), rsv=0x40), 1002),
    "unknown kind": (wire(0x3, b""), 1002),
    "unknown control": (wire(0xB, b""), 1002),
    "long ping": (wire(PING, b"x" * 126), 1002),
    "ping in pieces": (wire(PING, b"x", final=False), 1002),
    "continuation of nothing": (wire(MORE, b"x"), 1002),
    "new message inside another": (wire(BINARY, b"x", final=False) + wire(BINARY, b"x"), 1002),
    "close of one byte": (wire(CLOSE, b"x"), 1002),
    "close with a forbidden code": (wire(CLOSE, struct.pack(">H", 1005)), 1002),
    "text that is no text": (wire(TEXT, b"\xff\xfe"), 1007),
    "pieces beyond all measure": (
        wire(BINARY, b"x" * 60_000, final=False) + wire(MORE, b"x" * 60_000)[:20],
        1009,
    ),
    "a size that nobody sends": (b"\x82\xff" + b"\x7f" + b"\xff" * 7 + MASK, 1009),
}


@pytest.mark.parametrize("name", BREACHES)
async def test_a_breach_of_the_wire_ends_the_socket(scene: Scene, name: str) -> None:
    sent, code = BREACHES[name]
    async with line(scene) as (reader, writer):
        writer.write(sent)
        assert await close_code(reader) == code


async def test_a_message_in_pieces_is_a_message(scene: Scene) -> None:
    data = pack(HELLO)
    async with line(scene) as (reader, writer):
        for place, byte in enumerate(data):
            last = place == len(data) - 1
            writer.write(wire(BINARY if place == 0 else MORE, bytes((byte,)), final=last))
            writer.write(wire(PING, b""))
        assert await close_code(reader) == Close.TICKET_REFUSED


@pytest.mark.parametrize("upgraded", [False, True], ids=["in the handshake", "in a frame"])
async def test_half_of_something_and_then_nothing(scene: Scene, *, upgraded: bool) -> None:
    whole = wire(BINARY, pack(HELLO)) if upgraded else handshake()
    for cut in (1, len(whole) // 2, len(whole) - 1):
        async with line(scene, upgraded=upgraded) as (_, writer):
            writer.write(whole[:cut])
            await writer.drain()


async def test_a_reader_that_never_reads_is_cut_and_forgotten(scene: Scene) -> None:
    scene.nonces += 1
    user = f"{scene.nonces}00"
    channel = f"agent:{user}"
    closed = scene.hub.realtime.counters.closed.get(Close.SLOW, 0)
    async with line(scene) as (reader, writer):
        writer.transport.pause_reading()
        ticket = a_ticket(user, (channel,), nonce=f"x{scene.nonces}")
        writer.write(wire(BINARY, Client(ticket).connected(0)))
        joined = scene.baseline[2] + 1
        await scene.hub.until(lambda: scene.hub.realtime.counters.sockets == joined)
        for number in range(400):
            await scene.hub.publish(a_card(f"screen:{number}", "x" * 40_000), channel=channel)
        counters = scene.hub.realtime.counters
        await scene.hub.until(lambda: counters.closed.get(Close.SLOW, 0) == closed + 1)
        assert reader is not None
