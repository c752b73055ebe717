"""The list of people to call, in memory: as many as are asked for, each asked of the law before he is rung.

Fulfils `dialer.leads.Leads` for days that are simulated on a jumping clock, where no database can follow.
Everybody on it lives in the business's own zone and was never called before.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING
from uuid import UUID

from app.compliance.rules import ContactFacts, may_contact
from dialer.leads import Lead, Opened, Refused

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.compliance.profiles import Profile
    from dialer.core.campaign import Campaign
    from dialer.core.offers import Offer
    from dialer.core.orders import Propose

FACTS = ContactFacts()
NOBODYS = "+8450"  # a prefix that the Vietnamese plan has given to no operator
CAP = 3


class Hopper:
    """`size` people under one legal profile; None: the list never ends."""

    def __init__(self, profile: Profile, size: int | None = None) -> None:
        self._profile = profile
        self._size = size
        self._next = 0
        self._calls = 0
        self._given_back: list[Lead] = []

    async def campaigns(self, now_ms: int) -> Sequence[Campaign]:  # noqa: ARG002 - the contract's
        """None: the day loads its own."""
        return ()

    async def campaign(self, campaign: UUID, now_ms: int) -> Campaign | None:  # noqa: ARG002 - the contract's
        """None, as above."""
        return None

    async def reserve(self, campaign: UUID, count: int, now_ms: int, fence: int) -> Sequence[Lead]:  # noqa: ARG002 - nobody else takes any
        """The next `count`, fewer at the end of the list."""
        found, self._given_back = self._given_back[:count], self._given_back[count:]
        while len(found) < count and (self._size is None or self._next < self._size):
            found.append(self._lead(campaign))
        return found

    def _lead(self, campaign: UUID) -> Lead:
        self._next += 1
        return Lead(
            id=UUID(int=(1 << 96) + self._next),
            campaign=campaign,
            customer=UUID(int=(2 << 96) + self._next),
            loan=None,
            contact_point=UUID(int=(3 << 96) + self._next),
            number=f"{NOBODYS}{self._next:08d}",
            attempt_no=1,
        )

    async def keep(self, order: Propose, now_ms: int, fence: int) -> Offer | None:  # noqa: ARG002 - the contract's
        """No agent decides on a call himself here."""
        return None

    async def pass_over(self, offer: Offer, reason: str, now_ms: int, fence: int) -> None:
        """Nothing was kept."""

    async def open(
        self,
        lead: Lead,  # noqa: ARG002 - everybody is alike
        now_ms: int,
        fence: int,  # noqa: ARG002 - nobody else opens any
        call: UUID | None = None,  # noqa: ARG002 - no offer named it
    ) -> Opened | Refused:
        """A call, if the law allows it at this moment."""
        verdict = may_contact(FACTS, datetime.fromtimestamp(now_ms / 1000, UTC), self._profile)
        if not verdict.allowed:
            until_ms = None if verdict.until is None else int(verdict.until.timestamp() * 1000)
            return Refused(str(verdict.rule), verdict.source, until_ms)
        self._calls += 1
        return Opened(UUID(int=self._calls), "+842471000000", 1, CAP)

    async def take_back(self, lead: Lead, opened_at_ms: int, now_ms: int, fence: int) -> bool:  # noqa: ARG002 - the contract's
        """Never in doubt here."""
        return False

    async def release(self, leads: Sequence[Lead], now_ms: int, fence: int) -> None:  # noqa: ARG002 - the contract's
        """They go first next time."""
        self._given_back.extend(leads)
