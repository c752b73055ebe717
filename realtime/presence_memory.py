"""Presence inside one process: for tests and for a desk that needs no second process."""

from collections.abc import Iterable, Mapping, Sequence


class MemoryPresence:
    """The contract of presence.py on a dictionary."""

    def __init__(self) -> None:
        self._heard: dict[str, int] = {}

    async def touch(self, users: Iterable[str], now_ms: int) -> None:
        """Keep the newest instant."""
        for user in users:
            self._heard[user] = max(now_ms, self._heard.get(user, now_ms))

    async def silent(self, since_ms: int) -> list[str]:
        """Sort by instant, then by name, as a sorted set does."""
        rows = sorted((at, user) for user, at in self._heard.items() if at < since_ms)
        return [user for _, user in rows]

    async def last_heard(self, user: str) -> int | None:
        """Look one up."""
        return self._heard.get(user)

    async def heard(self, users: Sequence[str]) -> Mapping[str, int]:
        """Look several up."""
        return {user: self._heard[user] for user in users if user in self._heard}

    async def forget(self, users: Iterable[str]) -> None:
        """Drop these."""
        for user in users:
            self._heard.pop(user, None)
