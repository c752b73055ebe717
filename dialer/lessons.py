"""The contract for what the calls of earlier days taught; `lessons_postgres` fulfils it."""

from collections.abc import Sequence
from typing import Protocol
from uuid import UUID

from dialer.core.lessons import Lesson


class Lessons(Protocol):
    """Where a campaign begins that remembers nothing."""

    async def of(self, campaign: UUID, now_ms: int) -> Sequence[Lesson]:
        """What was counted at about this hour of earlier days; nothing for a campaign without a past.

        Raises `app.errors.Unavailable`.
        """
        ...
