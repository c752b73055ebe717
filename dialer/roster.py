"""The contract for who is planned to be away and when. `roster_postgres` fulfils it."""

from collections.abc import Mapping, Sequence
from typing import Protocol
from uuid import UUID

from dialer.core.roster import Absence


class Roster(Protocol):
    """Read only: people plan, the dialer goes by it."""

    async def absences(self, now_ms: int) -> Mapping[UUID, Sequence[Absence]]:
        """Of each agent with a shift, from now to a day ahead. Raises `app.errors.Unavailable`."""
        ...
