"""Figures of the day that the wall reads from the database, each as often as it is worth.

The fast ones every three seconds, the slow ones every thirty; time at work is read once and then counted
on from the cards that the dialer publishes anyway.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from app.alerts import service as alerts
from app.alerts.thresholds import Settings, settings_from
from app.targets import service as targets
from app.wall import store
from app.wall.handled import HandledDay
from app.wall.hours import Hour, hour_of
from app.wall.rules import Busy, Day, Seat, Shift, busy_told, spent

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from uuid import UUID

    from app.clock import Clock
    from app.db import Database, ReadSession
    from app.targets.service import Target
    from app.wall.hours import Minute
    from app.wall.rules import Pops, Trouble
    from app.wall.store import Handled, Member, Promised

FAST_MS: Final = 3_000
SLOW_MS: Final = 30_000
HOUR: Final = timedelta(hours=1)
LATELY: Final = timedelta(minutes=5)  # over which faults and late pops are counted
UNSETTLED: Final = timedelta(minutes=3)  # lines dialled so lately may still end otherwise


@dataclass(slots=True)
class Fast:
    """What changes with every call."""

    handled: Mapping[UUID, Handled] = field(default_factory=dict)
    contacts: Mapping[UUID, tuple[int, int]] = field(default_factory=dict)
    promised: Sequence[Promised] = ()
    worked: int = 0
    worked_by_team: Mapping[UUID, int] = field(default_factory=dict)
    trouble: Mapping[UUID, Trouble] = field(default_factory=dict)
    campaigns_of: Mapping[UUID, set[UUID]] = field(default_factory=dict)


@dataclass(slots=True)
class Slow:
    """What is dear to ask, or changes seldom."""

    collected: Sequence[tuple[str, UUID | None, int]] = ()
    never_worked: int = 0
    overdue: Mapping[UUID | None, int] = field(default_factory=dict)
    pops: Mapping[UUID, Pops] = field(default_factory=dict)
    breaks: Mapping[str, int | None] = field(default_factory=dict)  # longest, seconds
    targets: Sequence[Target] = ()


class Books:
    """The figures of the day, kept fresh by `read`. One per leader."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._fast_at = self._slow_at = self._counted_at = 0
        self._day_began: datetime | None = None
        self._minutes: dict[tuple[UUID, datetime], Minute] = {}
        self._shifts: dict[str, Shift] = {}
        self._handled = HandledDay()
        self._targets: dict[UUID, Mapping[str, int]] = {}
        self._lost: dict[str, int] = {}  # since when whose link is lost, ms
        self._busy: dict[str, Busy] = {}
        self.fast = Fast()
        self.slow = Slow()
        self.settings: Settings = settings_from({})
        self.day = Day()

    async def read(self, database: Database, day_began: datetime) -> None:
        """Renew what is due. What fails is tried again at the next second."""
        now_ms = self._clock.now_ms()
        if day_began != self._day_began:
            await self._begin(database, day_began)
        if now_ms - self._fast_at >= FAST_MS:
            async with database.reading() as session:
                await self._read_fast(session, day_began)
            self._fast_at = now_ms
        if now_ms - self._slow_at >= SLOW_MS:
            async with database.reading() as session:
                await self._read_slow(session, day_began)
            self._slow_at = now_ms

    def count(self, cards: Mapping[str, Mapping[str, Any]]) -> None:
        """Add the time since the last counting to what each agent does now."""
        now_ms = self._clock.now_ms()
        passed = min(now_ms - self._counted_at, SLOW_MS) / 1000
        self._counted_at = now_ms
        for user, card in cards.items():
            if card.get("status", "OFFLINE") != "OFFLINE":
                self._shifts[user] = self._shifts.get(user, Shift()) + spent(card, passed)
        lost = [user for user, card in cards.items() if card.get("link") == "LOST"]
        self._lost = {user: self._lost.get(user, now_ms) for user in lost}

    def seat(self, member: Member, card: Mapping[str, Any], rtt: int | None) -> Seat:
        """A signed-in agent with his figures of the day."""
        user = str(member.id)
        handled = self.fast.handled.get(member.id)
        reached, lately = self.fast.contacts.get(member.id, (0, 0))
        shift = self._shifts.get(user, Shift())
        busy = busy_told(self._busy.get(user), shift, card, self._clock.now_ms())
        self._busy[user] = busy
        return Seat(
            user=user,
            name=member.name,
            team_id=str(member.team_id) if member.team_id else None,
            team=member.team,
            card=card,
            calls=handled.calls if handled else 0,
            promises=self.day.promises_by_user.get(user, 0),
            contacts=reached,
            contacts_hour=lately,
            branch=member.branch,
            wrap_s=handled.wrap_s if handled else None,
            shift=shift,
            rtt=rtt,
            occupancy=busy.occupancy,
            lost_since=self._lost.get(user),
            targets=self._targets_of(member),
        )

    def _targets_of(self, member: Member) -> Mapping[str, int]:
        """What holds for an agent, worked out once for each slow reading."""
        found = self._targets.get(member.id)
        if found is None:
            held = targets.targets_for(self.slow.targets, member.id, member.team_id)
            found = self._targets[member.id] = {str(metric): n for metric, n in held.items()}
        return found

    def hours(self) -> dict[str, Hour]:
        """The last sixty minutes of each campaign."""
        now = self._clock.now()
        by_campaign: dict[str, list[Minute]] = {}
        for minute in self._minutes.values():
            by_campaign.setdefault(str(minute.campaign_id), []).append(minute)
        return {campaign: hour_of(found, now) for campaign, found in by_campaign.items()}

    async def _begin(self, database: Database, day_began: datetime) -> None:
        """A new day, or a new leader: everything is read anew."""
        now = self._clock.now()
        async with database.reading() as session:
            shifts = await store.shifts(session, day_began, now)
            minutes = await store.minutes(session, now - HOUR)
        self._shifts = {
            str(user): sum((spent(card, seconds) for card, seconds in spans), Shift())
            for user, spans in shifts.items()
        }
        self._minutes = {(each.campaign_id, each.at): each for each in minutes}
        self._day_began, self._counted_at = day_began, self._clock.now_ms()
        self._fast_at = self._slow_at = 0

    async def _read_fast(self, session: ReadSession, day_began: datetime) -> None:
        now = self._clock.now()
        worked, by_team = await store.worked(session, day_began)
        self.fast = Fast(
            handled=await self._handled.read(session, day_began, self._clock.now()),
            contacts=await store.contacts(session, day_began, now - HOUR),
            promised=await store.promised(session, day_began),
            worked=worked,
            worked_by_team=by_team,
            trouble=await store.trouble(session, now - LATELY),
            campaigns_of=await store.team_campaigns(session),
        )
        self.settings = await alerts.settings(session)
        for minute in await store.minutes(session, now - UNSETTLED - timedelta(minutes=1)):
            self._minutes[minute.campaign_id, minute.at] = minute
        for key in [key for key in self._minutes if key[1] < now - HOUR]:
            del self._minutes[key]
        self.day = _day(self.fast, self.slow)

    async def _read_slow(self, session: ReadSession, day_began: datetime) -> None:
        now = self._clock.now()
        self.slow = Slow(
            collected=await store.collected(session, day_began),
            never_worked=await store.never_worked(session),
            overdue=await store.overdue_callbacks(session, day_began, now),
            pops=await store.pops(session, now - HOUR),
            breaks=await store.breaks(session),
            targets=await targets.list_targets(session),
        )
        self._targets.clear()
        self.day = _day(self.fast, self.slow)


def _day(fast: Fast, slow: Slow) -> Day:
    """The day in the words of the cards; money in the currency that most of it is in."""
    money: dict[str, int] = {}
    for each in fast.promised:
        money[each.currency] = money.get(each.currency, 0) + each.minor
    for currency, _, minor in slow.collected:
        money[currency] = money.get(currency, 0) + minor
    currency = max(money, key=lambda code: money[code], default="VND")
    promises: dict[str, int] = {}
    by_campaign: dict[str, int] = {}
    promised: dict[str, int] = {}
    for each in fast.promised:
        user, campaign = str(each.user_id), str(each.campaign_id)
        promises[user] = promises.get(user, 0) + each.count
        by_campaign[campaign] = by_campaign.get(campaign, 0) + each.count
        if each.currency == currency:
            promised[user] = promised.get(user, 0) + each.minor
    return Day(
        promises=sum(each.count for each in fast.promised),
        promised_minor=sum(promised.values()),
        currency=currency,
        by_campaign=by_campaign,
        promises_by_user=promises,
        minor_by_user=promised,
        collected_minor=sum(minor for code, _, minor in slow.collected if code == currency),
        collected_by_user={
            str(user): minor for code, user, minor in slow.collected if code == currency
        },
        campaigns_of={
            str(team): {str(campaign) for campaign in own}
            for team, own in fast.campaigns_of.items()
        },
        worked=fast.worked,
        worked_by_team={str(team): count for team, count in fast.worked_by_team.items()},
        never_worked=slow.never_worked,
        overdue=sum(slow.overdue.values()),
        overdue_by_user={str(user): count for user, count in slow.overdue.items()},
        pops_by_team={str(team): pops for team, pops in slow.pops.items()},
    )
