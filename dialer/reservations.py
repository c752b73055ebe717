"""The contract for taking an agent: one compare-and-set on the single key `{agent:ID}` (decisions.md 12).

`reservations_redis` fulfils it. The key can be rebuilt at any time from the room by `assert_held`.
"""

from collections.abc import Mapping
from typing import Protocol
from uuid import UUID


class Reservations(Protocol):
    """Who holds whom.

    Every method raises `dialer.fence.Fenced` when the key has seen a higher number, and
    `app.errors.Unavailable` when Redis does not answer: the room then takes the agent as not taken.
    """

    async def reserve(
        self, agent: UUID, call: UUID, *, now_ms: int, until_ms: int, fence: int
    ) -> bool:
        """Take the agent for this call. True also when he is already held for this same call.

        False when he is held for another call under this same `fence` and its `until_ms` is after
        `now_ms`. A hold under a lower number counts for nothing: the new dialer asserted those that
        still stand (`assert_held`) before it took any agent. Times are those passed in, never the
        server's; the key's own expiry (a day) is only for cleanliness.
        """
        ...

    async def release(self, agent: UUID, call: UUID, *, fence: int) -> bool:
        """Let go, if held for this call. False when it was not."""
        ...

    async def assert_held(self, held: Mapping[UUID, UUID], *, until_ms: int, fence: int) -> None:
        """Write these (agent to call) whatever the keys say; after a fail-over or a restart."""
        ...
