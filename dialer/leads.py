"""The contract for the next people to call. `leads_postgres` fulfils it.

Reserving is cheap and promises nothing; opening is the one transaction that makes a dial lawful.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from dialer.core.campaign import Campaign
from dialer.core.offers import Offer
from dialer.core.orders import Propose


@dataclass(frozen=True, slots=True)
class Lead:
    """A person that one campaign may try, reserved for this dialer for a short while."""

    id: UUID  # campaign member
    campaign: UUID
    customer: UUID
    loan: UUID | None
    contact_point: UUID
    number: str  # E.164
    attempt_no: int  # what the next attempt of this campaign will be, from 1
    promised_to: UUID | None = None  # the agent who agreed to call now
    language: str = "vi"  # the customer's

    @classmethod
    def of(cls, offer: Offer) -> "Lead":
        """The lead of an offer."""
        return cls(
            id=offer.lead,
            campaign=offer.campaign,
            customer=offer.customer,
            loan=offer.loan,
            contact_point=offer.phone,
            number=offer.number,
            attempt_no=offer.attempt_no,
            language=offer.language,
        )


@dataclass(frozen=True, slots=True)
class Opened:
    """Committed: verdict allowed, customer locked, cap counted, attempt and call rows written."""

    call: UUID
    caller_id: str
    attempts_today: int  # over all campaigns and means, this one included
    cap: int


@dataclass(frozen=True, slots=True)
class Refused:
    """Committed: not now. The attempt is recorded as blocked and the lead already put off or excluded."""

    rule: str  # as of app.compliance, for instance OUTSIDE_HOURS, CAP_REACHED, CUSTOMER_LOCKED
    source: str  # the law or policy it stands on
    until_ms: int | None  # when it may be tried again; None: never by this campaign


class Leads(Protocol):
    """Where lines come from.

    Every method with a fence raises `dialer.fence.Fenced` for an old one, and all raise
    `app.errors.Unavailable` when the store does not answer: then nothing was done, or `open`
    committed without our knowing, and the unended call is found by `take_back`, or by `Journal.restore`.
    """

    async def campaigns(self, now_ms: int) -> Sequence[Campaign]:
        """Every campaign that is not archived or draft, with windows and the day's tally."""
        ...

    async def campaign(self, campaign: UUID, now_ms: int) -> Campaign | None:
        """One of them; None when there is no such campaign any more."""
        ...

    async def reserve(self, campaign: UUID, count: int, now_ms: int, fence: int) -> Sequence[Lead]:
        """Up to `count` leads that are due, best first; fewer means that no more are due now.

        Skips rows that another transaction holds. A reservation lapses by itself after 30 s.
        """
        ...

    async def keep(self, order: Propose, now_ms: int, fence: int) -> Offer | None:
        """Keep a lead for one agent, with the verdict of this moment; None when there is none.

        The next one that may be called now: those that may not are refused and put off on the way, as
        `open` would. One that the agent picked comes with its verdict, whatever it is.
        """
        ...

    async def pass_over(self, offer: Offer, reason: str, now_ms: int, fence: int) -> None:
        """Give a lead back that an agent did not want, for a while; the reason is written on the trail."""
        ...

    async def open(
        self, lead: Lead, now_ms: int, fence: int, call: UUID | None = None
    ) -> Opened | Refused:
        """Open the call in ONE PostgreSQL transaction (decisions.md 10), before the carrier is asked.

        `call`: the id that its offer gave it; None: a new one.

        In it: fencing number compared, compliance asked again with facts of that moment, the customer's lock
        over all campaigns taken, the cap counted, attempt row and call row (state CREATED) written.
        """
        ...

    async def take_back(self, lead: Lead, opened_at_ms: int, now_ms: int, fence: int) -> bool:
        """End as CANCELLED what `open(lead, opened_at_ms, fence)` committed though it did not answer.

        Frees the customer and lets the lead be tried again. False: there is no such call (yet).
        """
        ...

    async def release(self, leads: Sequence[Lead], now_ms: int, fence: int) -> None:
        """Give reserved leads back untouched."""
        ...
