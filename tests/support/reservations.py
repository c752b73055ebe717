"""Reservations in memory: who holds whom, and the highest fencing number that each agent has seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dialer.fence import Fenced

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID


class MemoryReservations:
    """Fulfils `dialer.reservations.Reservations`."""

    def __init__(self) -> None:
        self.held: dict[UUID, tuple[UUID, int]] = {}
        self._seen: dict[UUID, int] = {}

    async def reserve(
        self, agent: UUID, call: UUID, *, now_ms: int, until_ms: int, fence: int
    ) -> bool:
        self._guard(agent, fence)
        holder, ends = self.held.get(agent, (call, 0))
        if holder != call and ends > now_ms:
            return False
        self.held[agent] = (call, until_ms)
        return True

    async def release(self, agent: UUID, call: UUID, *, fence: int) -> bool:
        self._guard(agent, fence)
        if self.held.get(agent, (None, 0))[0] != call:
            return False
        del self.held[agent]
        return True

    async def assert_held(self, held: Mapping[UUID, UUID], *, until_ms: int, fence: int) -> None:
        for agent, call in held.items():
            self._guard(agent, fence)
            self.held[agent] = (call, until_ms)

    def _guard(self, agent: UUID, fence: int) -> None:
        seen = self._seen.get(agent, 0)
        if seen > fence:
            raise Fenced(fence, seen)
        if seen < fence:
            self.held.pop(agent, None)
        self._seen[agent] = fence
