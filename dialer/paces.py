"""The contract for keeping what pacing saw and decided; `paces_postgres` fulfils it."""

from collections.abc import Sequence
from typing import Protocol

from app.pacing.service import Packed


class Paces(Protocol):
    """Minutes that are over."""

    async def keep(self, minutes: Sequence[Packed], fence: int) -> None:
        """Write all or none; one that was written before stays.

        Raises `app.errors.Unavailable`, and `Fenced` when another dialer is in force.
        """
        ...
