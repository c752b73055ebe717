"""The contract for the figures of the wall: the dialer writes them each second, the wall's leader reads them.

`meter_redis` fulfils it: one hash `wall:campaigns`, field = campaign id, value = msgpack of the card
`campaign:{id}`, and field `floor` for the card `floor`.
"""

from collections.abc import Mapping
from typing import Any, Protocol
from uuid import UUID


class Meter(Protocol):
    """Latest figures; losing them loses a second."""

    async def report(
        self, campaigns: Mapping[UUID, Mapping[str, Any]], floor: Mapping[str, Any], fence: int
    ) -> None:
        """Replace the figures. Campaigns not named are removed. Raises `app.errors.Unavailable`."""
        ...
