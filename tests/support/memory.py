"""Pacing's memory, its lessons and the roster in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dialer.fence import Fenced

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from uuid import UUID

    from dialer.core.lessons import Lesson
    from dialer.core.roster import Absence


class PlainMemory:
    """Fulfils `dialer.memory.Memory`."""

    def __init__(self) -> None:
        self.kept: dict[UUID, bytes] = {}
        self._seen = 0

    async def keep(self, memories: Mapping[UUID, bytes], *, fence: int) -> None:
        self._guard(fence)
        self.kept.update(memories)

    async def recall(self, *, fence: int) -> Mapping[UUID, bytes]:
        self._guard(fence)
        return dict(self.kept)

    def _guard(self, fence: int) -> None:
        if self._seen > fence:
            raise Fenced(fence, self._seen)
        self._seen = fence


class PlainLessons:
    """Fulfils `dialer.lessons.Lessons`."""

    def __init__(self) -> None:
        self.known: dict[UUID, list[Lesson]] = {}
        self.asked: list[UUID] = []

    async def of(self, campaign: UUID, now_ms: int) -> Sequence[Lesson]:
        self.asked.append(campaign)
        return self.known.get(campaign, [])


class PlainRoster:
    """Fulfils `dialer.roster.Roster`."""

    def __init__(self) -> None:
        self.known: dict[UUID, list[Absence]] = {}

    async def absences(self, now_ms: int) -> Mapping[UUID, Sequence[Absence]]:
        return self.known
