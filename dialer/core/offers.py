"""A lead that an agent decides on himself (PREVIEW, MANUAL), and what is said about it: by him, by the store."""

from dataclasses import dataclass, replace
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Number:
    """Another number of an offer's customer, with what law and policy say to it, as of `Offer`."""

    phone: UUID
    number: str  # E.164
    rule: str = ""
    until_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Offer:
    """A lead kept for one agent, who looks at it and decides. Nothing is dialled, counted or locked yet."""

    call: UUID  # the id that its call will have
    agent: UUID
    campaign: UUID
    lead: UUID
    customer: UUID
    loan: UUID | None
    phone: UUID
    number: str  # E.164
    attempt_no: int  # of this campaign, from 1
    attempts_today: int  # over all campaigns and means, before this one
    cap: int  # most attempts a day; 0: no cap
    language: str = "vi"  # the customer's
    picked: bool = False  # the agent chose it himself: no setting of the campaign takes it from him
    rule: str = ""  # of the law or policy that forbids this call now; empty: it is allowed
    until_ms: int | None = None  # when that rule would allow it; None: it does not say
    others: tuple[Number, ...] = ()  # numbers that could be rung instead
    unwanted: bool = False  # he rang off before its line was open

    def on(self, phone: UUID | None) -> "Offer | None":
        """This offer on another number of the customer's; None when he has no such number."""
        if phone in {None, self.phone}:
            return self
        chosen = next((each for each in self.others if each.phone == phone), None)
        if chosen is None:
            return None
        return replace(
            self,
            phone=chosen.phone,
            number=chosen.number,
            rule=chosen.rule,
            until_ms=chosen.until_ms,
            others=(),
        )


# --- told by agents ---


@dataclass(frozen=True, slots=True)
class LeadPicked:
    """The agent wants to look at this lead of this campaign, with a view to calling it."""

    agent: UUID
    campaign: UUID
    lead: UUID


@dataclass(frozen=True, slots=True)
class DialAsked:
    """The agent has looked and wants the call that he was offered, on this number (None: the one shown)."""

    agent: UUID
    call: UUID
    phone: UUID | None = None


@dataclass(frozen=True, slots=True)
class SkipAsked:
    """The agent does not want it; `reason` is a code of `app.campaigns.preview`."""

    agent: UUID
    call: UUID
    reason: str


# --- told by the engine ---


@dataclass(frozen=True, slots=True)
class Offered:
    """A lead is kept for an agent. Answers `Propose`."""

    offer: Offer


@dataclass(frozen=True, slots=True)
class NothingToOffer:
    """No lead could be kept for the agent, by this rule. Answers `Propose`."""

    agent: UUID
    campaign: UUID
    rule: str  # DRY: no lead is due; AWAY: the store does not answer; GONE: the lead picked is not free


@dataclass(frozen=True, slots=True)
class DialRefused:
    """A call that an agent asked for may not be made now. Answers `DialOffer`, as `LineOpened` does."""

    agent: UUID
    call: UUID
    campaign: UUID
    rule: str


OfferAsked = LeadPicked | DialAsked | SkipAsked
OfferAnswer = Offered | NothingToOffer | DialRefused
