"""Why a customer was, or was not, called at an instant: the first answer that holds, per campaign. Pure.

What is stored comes first: a call, then a refusal that was still in force, then what the trail says of the
campaign. Only where nothing is stored is the verdict worked out afterwards, and marked as derived.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from app.campaigns.rules import CampaignState
from app.compliance.profiles import Rule
from app.compliance.rules import Verdict

MOMENT: Final = timedelta(minutes=1)
"""People ask by the minute: whatever lies within it was then."""

DIALLED_IN: Final = frozenset(
    {CampaignState.RUNNING, CampaignState.THROTTLED, CampaignState.WINDOW_CLOSED}
)
_ASKED_EVERY_MINUTE: Final = frozenset({Rule.LOCKED, Rule.INVALID_NUMBER})
_FOR_GOOD: Final = frozenset({Rule.DNC, Rule.NO_CONSENT, Rule.THIRD_PARTY_NOT_LIABLE})


class Why(StrEnum):
    """The answers, each with a sentence in the catalogues (`explain.why.*`)."""

    CALLED = "CALLED"  # a call was made, or was going on
    REFUSED = "REFUSED"  # asked, and refused; the refusal was in force
    NOT_MEMBER = "NOT_MEMBER"  # of no campaign
    NOT_RUNNING = "NOT_RUNNING"  # the campaign was paused, stopped, or had not begun
    STOPPED = "STOPPED"  # by the stop key
    EXCLUDED = "EXCLUDED"  # taken out of the campaign
    DONE = "DONE"  # the campaign was done with the customer
    WAITING = "WAITING"  # for the time of the next try
    NO_NUMBER = "NO_NUMBER"  # nobody could be rung
    WOULD_REFUSE = "WOULD_REFUSE"  # not asked; would have been refused
    NOT_REACHED = "NOT_REACHED"  # not asked; nothing was in the way


STORED: Final = frozenset({Why.CALLED, Why.REFUSED})
"""Answers that somebody wrote down at the time. Of the others, those in `DERIVED` were worked out."""
DERIVED: Final = frozenset({Why.WOULD_REFUSE, Why.NOT_REACHED, Why.NO_NUMBER})


@dataclass(frozen=True, slots=True)
class Asked:
    """A try that was made, or refused: a row of the attempts, with what became of its call.

    `heard`: the message that was played, or the name of its recording; None where none was.
    """

    at: datetime
    campaign_id: UUID | None
    campaign: str | None
    channel: str
    allowed: bool
    rule: str | None
    source: str | None
    until: datetime | None
    number: str | None
    result: str | None
    leaf: str | None
    connected_at: datetime | None
    ended_at: datetime | None
    heard: str | None = None

    def lasts(self, at: datetime) -> bool:
        """Whether the call was going on, or began, at this moment; a refusal was no call."""
        if not self.allowed or self.at >= at + MOMENT:
            return False
        if self.at >= at:
            return True
        return self.ended_at is not None and self.ended_at > at

    def stands(self, at: datetime) -> bool:
        """Whether this refusal was in force: until its end, or until it would have been asked again."""
        if self.allowed or self.rule is None or self.at >= at + MOMENT:
            return False
        if self.until is not None:
            return at < self.until
        if self.rule in _FOR_GOOD:
            return True
        again = MOMENT if self.rule in _ASKED_EVERY_MINUTE else timedelta(days=1)
        return at < self.at + again


@dataclass(frozen=True, slots=True)
class Membership:
    """A customer in a campaign. `state` and `stopped` as the trail has them for the moment asked about.

    The lead itself has no past: `lead_state` and what belongs to it are as of now.
    """

    campaign_id: UUID
    campaign: str
    since: datetime
    state: str
    stopped: bool
    lead_state: str
    next_at: datetime
    last_result: str | None
    exclude_reason: str | None


@dataclass(frozen=True, slots=True)
class Reason:
    """One answer, about one campaign or (`campaign` None) about all.

    `word` is what the sentence is about: a campaign's state, a result, or why a lead was taken out;
    `heard` the message that was played in the call.
    """

    why: Why
    campaign: str | None = None
    at: datetime | None = None
    rule: str | None = None
    source: str | None = None
    until: datetime | None = None
    word: str | None = None
    heard: str | None = None

    @property
    def derived(self) -> bool:
        """Whether nobody wrote this down at the time."""
        return self.why in DERIVED


def called(trail: Sequence[Asked], at: datetime) -> Asked | None:
    """The call of that moment; None when there was none."""
    return next((asked for asked in trail if asked.lasts(at)), None)


def of_record(member: Membership, trail: Sequence[Asked], at: datetime) -> Reason | None:
    """What is written about one campaign at an instant; None when the verdict has to be derived.

    `trail` is newest first. The lead as it is now answers only where nothing was tried since.
    """
    own = [asked for asked in trail if asked.campaign_id == member.campaign_id]
    before = [asked for asked in own if asked.at < at + MOMENT]
    if before and before[0].stands(at):
        return _refused(member, before[0])
    if member.state not in DIALLED_IN:
        return Reason(Why.NOT_RUNNING, member.campaign, word=member.state)
    if member.stopped:
        return Reason(Why.STOPPED, member.campaign)
    return _of_lead(member, at) if len(before) == len(own) else None


def _refused(member: Membership, asked: Asked) -> Reason:
    return Reason(
        Why.REFUSED, member.campaign, at=asked.at, rule=asked.rule, source=asked.source,
        until=asked.until,
    )  # fmt: skip


def _of_lead(member: Membership, at: datetime) -> Reason | None:
    if member.lead_state == "EXCLUDED":
        return Reason(Why.EXCLUDED, member.campaign, word=member.exclude_reason)
    if member.lead_state == "DONE":
        return Reason(Why.DONE, member.campaign, word=member.last_result)
    if member.next_at > at:
        return Reason(Why.WAITING, member.campaign, until=member.next_at, word=member.last_result)
    return None


def of_verdict(campaign: str, verdict: Verdict | None) -> Reason:
    """What a derived verdict says; None: there was no number to ask about."""
    if verdict is None:
        return Reason(Why.NO_NUMBER, campaign)
    if verdict.allowed:
        return Reason(Why.NOT_REACHED, campaign)
    return Reason(
        Why.WOULD_REFUSE, campaign, rule=verdict.rule, source=verdict.source, until=verdict.until
    )
