"""A client of a Redis Cluster: each command goes to the primary that holds its key.

Thin on purpose: which primary holds what is asked of the cluster at the start and whenever a reply casts
doubt on it; each primary has a plain client with a pool that makes callers wait. Nothing is repeated
after a lost connection: whether it was done is unknown, and callers know what to do about that. All keys
of one command, and of one transaction, must share a hash tag.
"""

import asyncio
from bisect import bisect_right
from collections.abc import Sequence
from typing import Any

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.client import Pipeline
from redis.asyncio.connection import Connection
from redis.crc import key_slot
from redis.exceptions import (
    AskError,
    ClusterDownError,
    MovedError,
    ReadOnlyError,
    RedisError,
    ResponseError,
    TryAgainError,
)
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

from realtime.redis_address import Address
from realtime.redis_wire import WiredPool

REDIRECTIONS = 4
TRY_AGAIN_S = 0.05
MAP_WITHIN_S = 1.0  # a node that does not tell by then is passed over
DOUBTFUL = (
    RedisConnectionError,
    RedisTimeoutError,
    ClusterDownError,
    MovedError,
    ReadOnlyError,
    OSError,
)
STREAMS = ("STREAMS", b"STREAMS")
# Commands without a key: every primary carries them out, the first one's reply is returned.
_TO_ALL = {"PING", "INFO", "TIME", "FLUSHALL", "FLUSHDB", "SCRIPT", "CONFIG", "CLIENT"}


class ClusterRedis(Redis):
    """redis-py's asyncio client with its commands and pipelines, on a cluster.

    `connections` are the most that are open to each primary; who finds none free waits `wait_s`.
    """

    def __init__(self, address: Address, *, connections: int, wait_s: float) -> None:
        super().__init__(
            connection_pool=BlockingConnectionPool()
        )  # never connects: it only encodes
        self._options: dict[str, Any] = {
            "connection_class": Connection,
            **address.options,
            "max_connections": connections,
            "timeout": wait_s,
        }
        self._seeds = address.hosts
        self._shards: dict[tuple[str, int], Redis] = {}
        self._starts: list[int] = []  # first slots of ranges, rising
        self._ranges: list[tuple[int, Redis]] = []  # last slot and holder of each
        self._silent: set[tuple[str, int]] = set()  # nodes to be asked last
        self._doubtful = True
        self._asking = asyncio.Lock()

    @property
    def shards(self) -> Sequence[Redis]:
        """The clients of the primaries, as known now."""
        return list(self._shards.values())

    def shard(self, key: str | bytes) -> Redis:
        """The client of the primary that holds a key, as known now; call `ready` before."""
        slot = key_slot(key.encode() if isinstance(key, str) else key)
        at = bisect_right(self._starts, slot) - 1
        if at < 0 or self._ranges[at][0] < slot:
            self._doubtful = True
            raise RedisConnectionError(f"no primary of the cluster holds slot {slot}")
        return self._ranges[at][1]

    def doubt(self) -> None:
        """Ask the cluster who holds what before the next command."""
        self._doubtful = True

    async def ready(self) -> None:
        """Know who holds what. Raises ConnectionError when no node tells."""
        if not self._doubtful:
            return
        async with self._asking:
            if self._doubtful:
                await self._learn()

    async def execute_command(self, *args: Any, **options: Any) -> Any:
        """Send one command where its key is."""
        for _ in range(REDIRECTIONS):
            await self.ready()
            try:
                if _name(args) in _TO_ALL:
                    return await self._tell_all(args, options)
                shard: Any = self.shard(_key(args))
                return await shard.execute_command(*args, **options)
            except MovedError:
                self._doubtful = True
            except AskError as error:
                return await self._send_asking((error.host, error.port), args, options)
            except TryAgainError:
                await asyncio.sleep(TRY_AGAIN_S)
            except DOUBTFUL:
                self._doubtful = True
                raise
        raise RedisConnectionError("the cluster sends from one node to another without an end")

    def pipeline(
        self,
        transaction: bool = True,  # noqa: FBT001, FBT002 -- redis-py's signature
        shard_hint: str | None = None,
    ) -> "ClusterPipeline":
        """Return a pipeline; a transaction must stay with one hash tag."""
        del shard_hint
        return ClusterPipeline(self, transaction=transaction)

    async def aclose(self, close_connection_pool: bool | None = None) -> None:  # noqa: FBT001 -- the same
        """Close the connections to every primary."""
        await super().aclose(close_connection_pool)
        shards, self._shards = self._shards, {}
        self._starts, self._ranges, self._doubtful = [], [], True
        for shard in shards.values():
            await shard.aclose()

    async def _tell_all(self, args: Sequence[Any], options: dict[str, Any]) -> Any:
        shards: Sequence[Any] = self.shards
        replies = await asyncio.gather(
            *(shard.execute_command(*args, **options) for shard in shards), return_exceptions=True
        )
        raise_first(replies)
        return replies[0]

    async def _send_asking(
        self, place: tuple[str, int], args: Sequence[Any], options: dict[str, Any]
    ) -> Any:
        """Send to where a slot is moving to; only the command behind ASKING is let in there."""
        shard = self._shards.get(place)
        if shard is None:
            shard = self._shards[place] = self._client(place)
        async with shard.pipeline(transaction=False) as pipe:
            pipe.execute_command("ASKING")
            pipe.execute_command(*args, **options)
            return (await pipe.execute())[1]

    async def _learn(self) -> None:
        """Ask one node after the other who holds what; the first answer counts."""
        told: Exception = RedisConnectionError("no node of the cluster answers")
        places = dict.fromkeys([*self._shards, *self._seeds])
        for place in sorted(places, key=self._silent.__contains__):
            known = self._shards.get(place)
            node: Any = known or self._client(place)
            try:
                async with asyncio.timeout(MAP_WITHIN_S):
                    ranges = await node.execute_command("CLUSTER", "SLOTS")
            except (RedisError, OSError, TimeoutError) as error:
                told = error
                self._silent.add(place)
                continue
            finally:
                if known is None:
                    await node.aclose()
            self._silent.discard(place)
            if ranges:
                await self._adopt(ranges, place[0])
                return
        raise RedisConnectionError(f"the cluster does not say who holds what: {told}") from told

    async def _adopt(self, ranges: Sequence[Any], asked: str) -> None:
        """Take over a map: clients of primaries that stay are kept."""
        former, self._shards = self._shards, {}
        found = []
        for first, last, primary, *_ in ranges:
            host = (primary[0] or b"").decode()
            place = (asked if host in ("", "?") else host, int(primary[1]))
            shard = self._shards.get(place) or former.pop(place, None) or self._client(place)
            self._shards[place] = shard
            found.append((int(first), int(last), shard))
        found.sort(key=lambda one: one[0])
        self._starts = [first for first, _, _ in found]
        self._ranges = [(last, shard) for _, last, shard in found]
        self._doubtful = False
        for shard in former.values():
            await shard.aclose()

    def _client(self, place: tuple[str, int]) -> Redis:
        host, port = place
        return Redis.from_pool(WiredPool(host=host, port=port, **self._options))


class ClusterPipeline(Pipeline):
    """Commands that are sent in one round trip to each primary that they concern.

    The order holds for the commands of one primary, and so for those of one key.
    """

    def __init__(self, cluster: ClusterRedis, *, transaction: bool) -> None:
        super().__init__(cluster.connection_pool, cluster.response_callbacks, transaction, None)
        self._cluster = cluster

    async def execute(self, raise_on_error: bool = True) -> list[Any]:  # noqa: FBT001, FBT002 -- redis-py's signature
        """Send everything and return the replies in the order of the commands."""
        stack, scripts = list(self.command_stack), set(self.scripts)
        self.command_stack, self.scripts = [], set()
        await self._cluster.ready()
        groups: dict[Redis, list[int]] = {}
        for number, (args, _) in enumerate(stack):
            groups.setdefault(self._cluster.shard(_key(args)), []).append(number)
        if self.is_transaction and len(groups) > 1:
            raise ResponseError("CROSSSLOT a transaction must stay with one hash tag")
        replies: list[Any] = [None] * len(stack)

        async def send(shard: Redis, numbers: list[int]) -> None:
            """Send one primary its share."""
            async with shard.pipeline(transaction=self.is_transaction) as pipe:
                pipe.command_stack = [stack[number] for number in numbers]
                pipe.scripts = scripts
                got = await pipe.execute(raise_on_error=False)
            for number, reply in zip(numbers, got, strict=True):
                replies[number] = reply

        sent = await asyncio.gather(
            *(send(shard, numbers) for shard, numbers in groups.items()), return_exceptions=True
        )
        if any(isinstance(one, DOUBTFUL) for one in (*sent, *replies)):
            self._cluster.doubt()
        raise_first(sent)
        for number, reply in enumerate(replies):
            if isinstance(reply, (AskError, TryAgainError)):  # also MOVED
                args, options = stack[number]
                replies[number] = await self._cluster.execute_command(*args, **options)
        if raise_on_error:
            self.raise_first_error(stack, replies)
        return replies


def raise_first(outcomes: Sequence[object]) -> None:
    """Raise the first exception among what `gather` returned."""
    for outcome in outcomes:
        if isinstance(outcome, BaseException):
            raise outcome


def _name(args: Sequence[Any]) -> str:
    return str(args[0]).partition(" ")[0].upper()


def _key(args: Sequence[Any]) -> str | bytes:
    """Return a command's first key."""
    name = _name(args)
    if name in ("EVAL", "EVALSHA"):
        return _text(args[3])
    if name == "XREAD":
        return _text(args[1 + next(n for n, word in enumerate(args) if word in STREAMS)])
    return _text(args[1])


def _text(key: Any) -> str | bytes:
    return key if isinstance(key, (str, bytes)) else str(key)
