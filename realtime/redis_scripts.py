"""Scripts on the servers that hold their keys, over the raw lines: many calls, one round trip to each server."""

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import hiredis
from redis.asyncio import Redis
from redis.exceptions import RedisError, ResponseError

from realtime.redis_client import doubt, ready, shard_of, wire_to

ROUNDS = 3  # a slot that moved, then a server that does not know the script
_OPEN = object()  # stands for a reply that is not there yet


@dataclass(frozen=True, slots=True)
class Script:
    """A script; one that `knows_life` is given the run id of its server before what callers give it."""

    text: str
    knows_life: bool = False
    digest: str = field(init=False)

    def __post_init__(self) -> None:
        digest = hashlib.sha1(self.text.encode(), usedforsecurity=False).hexdigest()
        object.__setattr__(self, "digest", digest)


class Call(NamedTuple):
    """The keys of one call, all on one server, and what else the script is given."""

    keys: Sequence[str]
    words: Sequence[str | bytes | int]


async def run(client: Redis, script: Script, calls: Sequence[Call]) -> list[Any]:
    """Run a script for each call and return the replies; those of one server run in their order.

    At least once: where a server did not know the script, or holds the keys no more, everything from the
    first refused call on is repeated, so that the last word of a channel stays the last. Raises RedisError;
    whether the calls were done is unknown then.
    """
    replies: list[Any] = [_OPEN] * len(calls)
    for _ in range(ROUNDS):
        await ready(client)
        shares: dict[Redis, list[int]] = {}
        for number, call in enumerate(calls):
            if replies[number] is _OPEN:
                shares.setdefault(shard_of(client, call.keys[0]), []).append(number)
        works = [
            _run_on(client, shard, script, calls, mine, replies) for shard, mine in shares.items()
        ]
        if len(works) == 1:
            await works[0]
        else:
            for outcome in await asyncio.gather(*works, return_exceptions=True):
                if isinstance(outcome, BaseException):
                    raise outcome
        if _OPEN not in replies:
            return replies
    raise ResponseError("Redis forgets its scripts")


async def _run_on(
    client: Redis,
    shard: Redis,
    script: Script,
    calls: Sequence[Call],
    mine: Sequence[int],
    replies: list[Any],
) -> None:
    """Run one server's share of the calls; from the first on that it refuses, none has a reply."""
    try:
        line = await wire_to(shard).line()
        life = (line.run,) if script.knows_life else ()
        commands = [
            ("EVALSHA", script.digest, len(keys), *keys, *life, *words)
            for keys, words in map(calls.__getitem__, mine)
        ]
        got = await line.ask(commands)
    except RedisError:
        doubt(client)
        raise
    for number, reply in zip(mine, got, strict=True):
        if isinstance(reply, hiredis.ReplyError):
            refusal = str(reply)
            if refusal.startswith("NOSCRIPT"):
                await line.ask([("SCRIPT", "LOAD", script.text)])
                return
            doubt(client)
            if refusal.startswith("MOVED"):
                return
            raise ResponseError(refusal)
        replies[number] = reply
