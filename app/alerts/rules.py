"""Alerts: when one is raised, repeats, is put aside, and is over. Pure.

Twice a reading is turned into an alert: `gauge` says how bad a value is, with hysteresis; `fold` raises,
escalates and clears. One alert stands per key; a condition that comes back soon is the same alert once
more, and a crowd of agents with one trouble is one alert of their team.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum
from types import MappingProxyType
from typing import Any, Final
from uuid import UUID

from app.alerts.thresholds import Limit, Settings, Threshold


class Kind(StrEnum):
    """What an alert is about."""

    ABANDONMENT = "ABANDONMENT"
    LATE_POPS = "LATE_POPS"  # painted late, or never
    POP_SLOW = "POP_SLOW"
    WRAP_OVER = "WRAP_OVER"
    BREAK_OVER = "BREAK_OVER"
    TECH_BREAK = "TECH_BREAK"
    HELP = "HELP"
    LOST_AGENTS = "LOST_AGENTS"
    DIALER_STALE = "DIALER_STALE"
    CAMPAIGN_STOPPED = "CAMPAIGN_STOPPED"
    CAMPAIGN_THROTTLED = "CAMPAIGN_THROTTLED"
    LIST_DRY = "LIST_DRY"
    WINDOW_CLOSING = "WINDOW_CLOSING"
    CARRIER_ERRORS = "CARRIER_ERRORS"
    TARGET_MISSED = "TARGET_MISSED"
    LEFT_OVER = "LEFT_OVER"  # an outcome that could not be recorded


class Severity(StrEnum):
    """How loud: INFO is shown, WARN is counted, CRIT is announced."""

    INFO = "INFO"
    WARN = "WARN"
    CRIT = "CRIT"


class State(StrEnum):
    """Where an alert stands. ACTIVE, ACKED and SHELVED are open."""

    ACTIVE = "ACTIVE"
    ACKED = "ACKED"
    SHELVED = "SHELVED"
    CLEARED = "CLEARED"


class Level(IntEnum):
    """How bad a value is."""

    OK = 0
    AMBER = 1
    RED = 2


SEVERITIES: Final[Mapping[Kind, tuple[Severity, Severity]]] = MappingProxyType(
    {
        Kind.WINDOW_CLOSING: (Severity.INFO, Severity.WARN),
        Kind.TARGET_MISSED: (Severity.INFO, Severity.WARN),
    }
)
"""At amber and at red, where it is not WARN and CRIT."""

LASTS: Final[Mapping[Kind, timedelta]] = MappingProxyType({Kind.LEFT_OVER: timedelta(hours=1)})
"""Things that happened rather than stand: their alert is over when nothing like it has come for so long."""

REPEATS_WITHIN: Final = timedelta(minutes=10)
REFRESH: Final = timedelta(seconds=10)  # a value that only wanders is not written more often
SHELVES: Final = (15, 30, 60)  # minutes
FLOOD: Final = 6  # agents of a team with one trouble: one alert for all
FLOOD_ENDS: Final = 3
_AT_ONCE: Final = Limit(0, None)
_WHEN_TRUE: Final = Limit(1, None)


@dataclass(frozen=True, slots=True)
class Subject:
    """What a reading is about: `kind` is agent, team, campaign, call or floor."""

    kind: str
    id: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """How something stands now. `team`: whose lead sees it; `limit` replaces the usual one."""

    kind: Kind
    subject: Subject
    value: float
    team: str | None = None
    campaign: str | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)
    limit: Limit | None = None

    @property
    def key(self) -> str:
        """What it shares with the alert it raises."""
        return f"{self.kind}:{self.subject.id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """One alert. `count`: how often it came; `last_at`: when last; `version` 0 is not stored yet."""

    id: UUID
    kind: Kind
    key: str
    severity: Severity
    subject: Subject
    team: str | None = None
    campaign: str | None = None
    value: float = 0.0
    detail: Mapping[str, Any] = field(default_factory=dict)
    state: State = State.ACTIVE
    first_at: datetime
    last_at: datetime
    read_at: datetime
    count: int = 1
    calm_since: datetime | None = None
    acked_by: UUID | None = None
    acked_name: str | None = None
    acked_at: datetime | None = None
    shelved_until: datetime | None = None
    cleared_at: datetime | None = None
    version: int = 0

    @property
    def is_open(self) -> bool:
        """Whether it still stands, put aside or not."""
        return self.state is not State.CLEARED


@dataclass(frozen=True, slots=True)
class Who:
    """Who handles an alert, as the others read it."""

    id: UUID
    name: str


@dataclass(frozen=True, slots=True)
class Gauge:
    """A level that is held, and since when the value has been good enough to leave it."""

    level: Level = Level.OK
    calm_since: datetime | None = None


def level_of(value: float, limit: Limit, ease: float = 0.0) -> Level:
    """How bad a value is; `ease` moves it to the bad side first."""
    sign = -1 if limit.falls else 1
    worse = sign * value + ease
    if limit.red is not None and worse >= sign * limit.red:
        return Level.RED
    if limit.amber is not None and worse >= sign * limit.amber:
        return Level.AMBER
    return Level.OK


def gauge(held: Gauge, value: float | None, limit: Limit, now: datetime) -> Gauge:
    """The level at a new value: risen at once, fallen when `margin` on the good side for `hold_s`.

    None is a value that is not there any more: good by any margin.
    """
    raw = Level.OK if value is None else level_of(value, limit)
    if raw >= held.level:
        return Gauge(raw)
    eased = Level.OK if value is None else level_of(value, limit, limit.margin)
    if eased >= held.level:
        return Gauge(held.level)
    since = held.calm_since or now
    if now - since >= timedelta(seconds=limit.hold_s):
        return Gauge(eased)
    return Gauge(held.level, since)


def limits_of(settings: Settings) -> Mapping[Kind, Limit]:
    """From where on each kind is an alert. An agent's own trouble is one when it is red."""
    limits = settings.limits
    return {
        Kind.ABANDONMENT: limits[Threshold.ABANDONMENT],
        Kind.LATE_POPS: limits[Threshold.LATE_POPS],
        Kind.POP_SLOW: limits[Threshold.POP_P95],
        Kind.WRAP_OVER: Limit(limits[Threshold.WRAP_OVER].red, None),
        Kind.BREAK_OVER: Limit(limits[Threshold.BREAK_OVER].red, None),
        Kind.TECH_BREAK: _AT_ONCE,
        Kind.HELP: Limit(0, 60),
        Kind.LOST_AGENTS: limits[Threshold.LOST_AGENTS],
        Kind.DIALER_STALE: replace(limits[Threshold.STREAM_AGE], amber=None),
        Kind.CAMPAIGN_STOPPED: _WHEN_TRUE,
        Kind.CAMPAIGN_THROTTLED: replace(_WHEN_TRUE, hold_s=30),
        Kind.LIST_DRY: replace(_WHEN_TRUE, hold_s=60),
        Kind.WINDOW_CLOSING: limits[Threshold.WINDOW_CLOSING],
        Kind.CARRIER_ERRORS: limits[Threshold.CARRIER_ERRORS],
        Kind.TARGET_MISSED: limits[Threshold.ATTAINMENT],
        Kind.LEFT_OVER: _WHEN_TRUE,
    }


def fold(
    standing: Iterable[Alert],
    readings: Sequence[Reading],
    limits: Mapping[Kind, Limit],
    now: datetime,
    new_id: Callable[[], UUID],
) -> tuple[Alert, ...]:
    """The alerts that differ after these readings. `standing`: the open ones and those lately cleared.

    A reading that is missing counts as good. Each key has at most one open alert before and after.
    """
    known = {alert.key: alert for alert in standing}
    gathered = gather(readings, known, limits)
    found = []
    for key, reading in gathered.items():
        before = known.get(key)
        after = _read(before, reading, reading.limit or limits[reading.kind], now, new_id)
        if after is not None and after != before:
            found.append(after)
    for key, alert in known.items():
        if alert.is_open and key not in gathered:
            after = _unread(alert, limits[alert.kind], now)
            if after != alert:
                found.append(after)
    return tuple(found)


def gather(
    readings: Sequence[Reading], known: Mapping[str, Alert], limits: Mapping[Kind, Limit]
) -> dict[str, Reading]:
    """Readings by key; a crowd of agents of one team with one trouble is read as the team's.

    It becomes one at FLOOD and several again below FLOOD_ENDS. A call for help is never one of many.
    """
    single: dict[str, Reading] = {}
    crowds: dict[tuple[Kind, str], list[Reading]] = {}
    for reading in readings:
        lone = reading.subject.kind != "agent" or reading.kind is Kind.HELP or reading.team is None
        if lone or level_of(reading.value, limits[reading.kind]) is Level.OK:
            single[reading.key] = reading
        else:
            crowds.setdefault((reading.kind, reading.team or ""), []).append(reading)
    for (kind, team), crowd in crowds.items():
        alert = known.get(f"{kind}:{team}")
        enough = FLOOD_ENDS if alert is not None and alert.is_open else FLOOD
        if len(crowd) < enough:
            single.update({reading.key: reading for reading in crowd})
            continue
        worst = max(crowd, key=lambda reading: reading.value)
        name = str(worst.detail.get("team", ""))
        subject = Subject("team", team, name)
        together = replace(worst, subject=subject, detail={**worst.detail, "agents": len(crowd)})
        single[together.key] = together
    return single


def happened(
    before: Alert | None, reading: Reading, now: datetime, new_id: Callable[[], UUID]
) -> Alert:
    """The alert of something that has just happened: a new one, or the standing one once more."""
    if before is None or not _is_recent(before, now):
        return _raised(reading, Level.AMBER, now, new_id)
    return _again(before, reading, Level.AMBER, now)


def acknowledged(alert: Alert, who: Who, now: datetime) -> Alert | None:
    """Seen by somebody; None when it is over. Doing it again changes nothing."""
    if not alert.is_open:
        return None
    if alert.state is State.ACKED:
        return alert
    return replace(
        alert,
        state=State.ACKED,
        acked_by=who.id,
        acked_name=who.name,
        acked_at=now,
        shelved_until=None,
    )


def shelved(alert: Alert, minutes: int, who: Who, now: datetime) -> Alert | None:
    """Put aside for some minutes, after which it is active again; None when it is over."""
    if not alert.is_open:
        return None
    until = now + timedelta(minutes=minutes)
    return replace(
        alert,
        state=State.SHELVED,
        acked_by=who.id,
        acked_name=who.name,
        acked_at=now,
        shelved_until=until,
    )


def severity_of(kind: Kind, level: Level) -> Severity:
    """How loud a kind is at a level that is not OK."""
    at_amber, at_red = SEVERITIES.get(kind, (Severity.WARN, Severity.CRIT))
    return at_red if level is Level.RED else at_amber


def level_in(alert: Alert) -> Level:
    """The level that an open alert stands for."""
    if not alert.is_open:
        return Level.OK
    red = alert.severity is severity_of(alert.kind, Level.RED)
    return Level.RED if red else Level.AMBER


def _read(
    before: Alert | None,
    reading: Reading,
    limit: Limit,
    now: datetime,
    new_id: Callable[[], UUID],
) -> Alert | None:
    if before is not None and before.is_open:
        return _carried_on(before, reading, limit, now)
    level = level_of(reading.value, limit)
    if level is Level.OK:
        return None
    if before is None or not _is_recent(before, now):
        return _raised(reading, level, now, new_id)
    return _again(before, reading, level, now)


def _carried_on(before: Alert, reading: Reading, limit: Limit, now: datetime) -> Alert:
    after = _move(_due_back(before, now), gauge(_held(before), reading.value, limit, now), now)
    told = (after.value, dict(after.detail)) == (reading.value, dict(reading.detail))
    soon = after.severity is before.severity and now - before.read_at < REFRESH
    if not after.is_open or told or soon:
        return after
    return replace(after, value=reading.value, detail=dict(reading.detail), read_at=now)


def _unread(alert: Alert, limit: Limit, now: datetime) -> Alert:
    alert = _due_back(alert, now)
    lasts = LASTS.get(alert.kind)
    if lasts is None:
        return _move(alert, gauge(_held(alert), None, limit, now), now)
    return _cleared(alert, now) if now - alert.last_at >= lasts else alert


def _held(alert: Alert) -> Gauge:
    return Gauge(level_in(alert), alert.calm_since)


def _move(alert: Alert, held: Gauge, now: datetime) -> Alert:
    """The alert at its gauge's level: escalated, eased, calming or over."""
    if held.level is Level.OK:
        return _cleared(alert, now)
    severity = severity_of(alert.kind, held.level)
    state = alert.state
    if held.level > level_in(alert) and state is State.ACKED:
        state = State.ACTIVE  # what was seen was milder
    return replace(alert, severity=severity, state=state, calm_since=held.calm_since)


def _due_back(alert: Alert, now: datetime) -> Alert:
    until = alert.shelved_until
    if alert.state is not State.SHELVED or until is None or now < until:
        return alert
    return replace(alert, state=State.ACTIVE, shelved_until=None)


def _raised(reading: Reading, level: Level, now: datetime, new_id: Callable[[], UUID]) -> Alert:
    return Alert(
        id=new_id(),
        kind=reading.kind,
        key=reading.key,
        severity=severity_of(reading.kind, level),
        subject=reading.subject,
        team=reading.team,
        campaign=reading.campaign,
        value=reading.value,
        detail=dict(reading.detail),
        first_at=now,
        last_at=now,
        read_at=now,
    )


def _again(alert: Alert, reading: Reading, level: Level, now: datetime) -> Alert:
    """Once more: active, unless it was put aside for longer than until now."""
    until = alert.shelved_until
    aside = until is not None and now < until
    return replace(
        alert,
        state=State.SHELVED if aside else State.ACTIVE,
        shelved_until=until if aside else None,
        severity=severity_of(alert.kind, level),
        value=reading.value,
        detail=dict(reading.detail),
        count=alert.count + 1,
        last_at=now,
        read_at=now,
        calm_since=None,
        cleared_at=None,
    )


def _cleared(alert: Alert, now: datetime) -> Alert:
    return replace(alert, state=State.CLEARED, cleared_at=now, calm_since=None)


def _is_recent(alert: Alert, now: datetime) -> bool:
    return alert.cleared_at is None or now - alert.cleared_at < REPEATS_WITHIN
