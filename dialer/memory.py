"""The contract for what pacing remembers of each campaign, so that the next dialer decides as this one did.

`memory_redis` fulfils it. Losing it costs nothing but learning: a campaign then begins with the curves of
PostgreSQL (decisions.md 11).
"""

from collections.abc import Mapping
from typing import Protocol
from uuid import UUID


class Memory(Protocol):
    """The latest memory of each campaign, opaque.

    Both methods raise `dialer.fence.Fenced` when a higher number was seen, and `app.errors.Unavailable` when
    Redis does not answer.
    """

    async def keep(self, memories: Mapping[UUID, bytes], *, fence: int) -> None:
        """Replace the memory of these campaigns; the others stay as they are."""
        ...

    async def recall(self, *, fence: int) -> Mapping[UUID, bytes]:
        """Every campaign's memory; from now on a lower number keeps nothing any more."""
        ...
