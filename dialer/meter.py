"""The contract for the figures of the wall: the dialer writes them each second, the wall's leader reads.

`meter_redis` fulfils it: the hash `{wall}:campaigns` (field = campaign id, value = msgpack of the card
`campaign:{id}`; field `floor` for the card `floor`) and the hash `{wall}:agents` (field = agent id,
value = msgpack of his card `agent`).
"""

from collections.abc import Mapping
from typing import Any, Protocol
from uuid import UUID

Value = Mapping[str, Any]


class Meter(Protocol):
    """Latest figures; losing them loses a second."""

    async def report(
        self, campaigns: Mapping[UUID, Value], floor: Value, agents: Mapping[UUID, Value]
    ) -> None:
        """Replace the figures of campaigns and floor; renew the agents that changed since last time.

        Campaigns not named and agents who are OFFLINE are removed. Raises `app.errors.Unavailable`.
        """
        ...
