"""The contract for who was heard from last and when; instants are passed in, never read here."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol


class Presence(Protocol):
    """When each user was last heard from, in ms of the caller's clock. Raises BrokerLost."""

    async def touch(self, users: Iterable[str], now_ms: int) -> None:
        """Note that these were heard; an older instant never replaces a newer one."""
        ...

    async def silent(self, since_ms: int) -> list[str]:
        """Return the users last heard before that instant, longest silent first."""
        ...

    async def last_heard(self, user: str) -> int | None:
        """Return when the user was last heard, None when never or forgotten."""
        ...

    async def heard(self, users: Sequence[str]) -> Mapping[str, int]:
        """Return when each of these was last heard; who was never heard is absent."""
        ...

    async def forget(self, users: Iterable[str]) -> None:
        """Drop users who left in good order, so that they do not count as silent."""
        ...
