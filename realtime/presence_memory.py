"""Presence inside one process: for tests and for a desk that needs no second process."""

from collections.abc import Iterable, Mapping, Sequence

from realtime.presence import BELIEVED_MS, Link, Parting, Seen, newest_first


class MemoryPresence:
    """The contract of presence.py on a dictionary."""

    def __init__(self) -> None:
        self._heard: dict[str, int] = {}
        self._hubs: dict[str, int] = {}
        self._links: dict[str, dict[str, Sequence[Link]]] = {}
        self._partings: dict[str, Parting] = {}

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

    async def note(
        self,
        hub: str,
        links: Mapping[str, Sequence[Link]],
        partings: Mapping[str, Parting],
        now_ms: int,
    ) -> None:
        """Keep it by hub and user."""
        self._hubs[hub] = now_ms
        mine = self._links.setdefault(hub, {})
        for user, his in links.items():
            if his:
                mine[user] = tuple(his)
            else:
                mine.pop(user, None)
        self._partings.update(partings)

    async def seen(self, users: Sequence[str], now_ms: int) -> Mapping[str, Seen]:
        """Gather it from the hubs that are believed."""
        hubs = [hub for hub, at in self._hubs.items() if at >= now_ms - BELIEVED_MS]
        return {
            user: Seen(
                newest_first(link for hub in hubs for link in self._links[hub].get(user, ())),
                self._partings.get(user),
            )
            for user in users
        }
