"""What on the floor may be worth an alert: the walls' own figures, read as alerts read them. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from app.alerts.rules import Alert, Kind, Level, Reading, Subject, level_in
from app.alerts.thresholds import Limit, Settings, Threshold
from app.wall.hours import Hour
from app.wall.rules import (
    CAMPAIGNS,
    Day,
    Seat,
    Trouble,
    by_team,
    counts,
    lead_channel,
    plan_of,
)

LEAST_POPS: Final = 20  # fewer say nothing about their percentile
LEAST_LINES: Final = 20  # fewer say nothing about the share of faults
LEAST_LOST: Final = 2  # one lost link is that agent's, not the branch's
TECH: Final = "TECH"
LEVELS: Final = {Level.OK: "ok", Level.AMBER: "warn", Level.RED: "bad"}


@dataclass(frozen=True, slots=True)
class Picture:
    """The floor at one second. `breaks`: the longest of each reason, seconds; campaigns by id."""

    now_ms: int
    campaigns: Mapping[str, Mapping[str, Any]]
    floor: Mapping[str, Any]
    seats: Sequence[Seat]
    day: Day
    settings: Settings
    hours: Mapping[str, Hour] = field(default_factory=dict)
    trouble: Mapping[str, Trouble] = field(default_factory=dict)
    breaks: Mapping[str, int | None] = field(default_factory=dict)


def readings(picture: Picture) -> list[Reading]:
    """Everything that alerts may be raised about."""
    found = [*_of_floor(picture)]
    for name, card in picture.campaigns.items():
        found += _of_campaign(picture, name, card)
    for seat in picture.seats:
        found += _of_agent(picture, seat)
    for team, crew in by_team(picture.seats).items():
        found += _of_team(picture, team, crew)
    return found


def channels_of(alert: Alert, campaigns_of: Mapping[str, Iterable[str]]) -> list[str]:
    """Where an alert is shown: to all who see the floor, and to the leads whom it concerns."""
    if alert.team is not None:
        leads = [alert.team]
    elif alert.campaign is not None:
        leads = [team for team, own in campaigns_of.items() if alert.campaign in own]
    elif alert.kind in {Kind.DIALER_STALE, Kind.CAMPAIGN_STOPPED}:
        leads = list(campaigns_of)
    else:
        leads = []  # the whole floor's figures are not a lead's
    return [CAMPAIGNS, *(lead_channel(team) for team in leads)]


def alert_card(alert: Alert) -> dict[str, Any]:
    """The card `alert:{id}`: no sentence, which the page makes in its own language."""
    return {
        "id": str(alert.id),
        "kind": alert.kind,
        "severity": alert.severity,
        "state": alert.state,
        "subject": {
            "kind": alert.subject.kind,
            "id": alert.subject.id,
            "name": alert.subject.name,
        },
        "team": alert.team,
        "campaign": alert.campaign,
        "value": alert.value,
        "detail": dict(alert.detail),
        "first_at": _ms(alert.first_at),
        "last_at": _ms(alert.last_at),
        "count": alert.count,
        "acked_by": alert.acked_name,
        "shelved_until": None if alert.shelved_until is None else _ms(alert.shelved_until),
    }


def levels(alerts: Iterable[Alert]) -> dict[str, str]:
    """The level of each alert that stands, by key: what tiles are coloured by."""
    return {alert.key: LEVELS[level_in(alert)] for alert in alerts if alert.is_open}


def _ms(at: datetime) -> int:
    return round(at.timestamp() * 1000)


def _of_floor(picture: Picture) -> Iterator[Reading]:
    floor = Subject("floor", "floor")
    told_at = picture.floor.get("stream_at")
    if told_at is not None:
        age_s = max(0, picture.now_ms - told_at) / 1000
        yield Reading(Kind.DIALER_STALE, floor, age_s)
    if picture.floor.get("dialing_stopped"):
        yield Reading(Kind.CAMPAIGN_STOPPED, floor, 1)
    yield from _of_plan(floor, None, picture.seats)


def _of_campaign(picture: Picture, name: str, card: Mapping[str, Any]) -> Iterator[Reading]:
    subject = Subject("campaign", name, str(card.get("name", "")))

    def reading(kind: Kind, value: float, limit: Limit | None = None, **detail: Any) -> Reading:
        return Reading(kind, subject, value, None, name, detail, limit)

    hour = picture.hours.get(name)
    pct = None if hour is None else hour.abandon_pct
    if pct is not None:
        limit = _own_limit(picture.settings.limits[Threshold.ABANDONMENT], card)
        yield reading(Kind.ABANDONMENT, pct, limit, because=card.get("because"))
    pop = card.get("pop") or {}
    if pop.get("p95") is not None and pop.get("n", 0) >= LEAST_POPS:
        yield reading(Kind.POP_SLOW, pop["p95"])
    lately = picture.trouble.get(name)
    if lately is not None:
        yield reading(Kind.LATE_POPS, lately.late)
        if lately.ended >= LEAST_LINES:
            yield reading(Kind.CARRIER_ERRORS, round(100 * lately.faults / lately.ended, 1))
    if card.get("stopped") and not picture.floor.get("dialing_stopped"):
        yield reading(Kind.CAMPAIGN_STOPPED, 1)
    if card.get("state") == "THROTTLED":
        yield reading(Kind.CAMPAIGN_THROTTLED, 1, because=card.get("because"))
    if card.get("state") == "RUNNING":
        yield from _of_end(picture, card, reading)


def _of_end(picture: Picture, card: Mapping[str, Any], reading: Any) -> Iterator[Reading]:
    """What comes to an end of itself: people to call, and the hours to do it."""
    if card.get("leads_left") == 0 or card.get("because") == "LIST_DRY":
        yield reading(Kind.LIST_DRY, 1)
    until = card.get("window_until")
    if until is not None and card.get("leads_left"):
        minutes = max(0, until - picture.now_ms) / 60_000
        yield reading(Kind.WINDOW_CLOSING, round(minutes, 1), until=until)


def _own_limit(limit: Limit, card: Mapping[str, Any]) -> Limit:
    """The tighter of the organisation's limit and the campaign's own."""
    target, most = card.get("abandon_target_pct"), card.get("abandon_limit_pct")
    return replace(limit, amber=_tighter(limit.amber, target), red=_tighter(limit.red, most))


def _tighter(one: float | None, other: float | None) -> float | None:
    known = [each for each in (one, other) if each is not None]
    return min(known, default=None)


def _of_agent(picture: Picture, seat: Seat) -> Iterator[Reading]:
    card, now = seat.card, picture.now_ms
    subject = Subject("agent", seat.user, seat.name)

    def reading(kind: Kind, since: int, over_s: float = 0, **detail: Any) -> Reading:
        value = (now - since) / 1000 - over_s
        return Reading(kind, subject, value, seat.team_id, None, {"team": seat.team, **detail})

    if card.get("help_since"):
        yield reading(Kind.HELP, card["help_since"], reason=card.get("help_reason"))
    if card.get("status") == "OFFLINE":
        return
    if card.get("state") == "WRAP_OVER":
        yield reading(Kind.WRAP_OVER, card["since"])
    if card.get("status") == "PAUSED" and card.get("state") == "IDLE":
        reason, since = card.get("reason"), card["status_since"]
        most = picture.breaks.get(reason or "")
        if most is not None:
            yield reading(Kind.BREAK_OVER, since, most, reason=reason)
        if reason == TECH:
            yield reading(Kind.TECH_BREAK, since)


def _of_team(picture: Picture, team: str, crew: Sequence[Seat]) -> Iterator[Reading]:
    first = crew[0]
    subject = Subject("team", team, first.team or "")
    here = counts(seat.card for seat in crew)["total"]
    patience_ms = (picture.settings.limits[Threshold.DISCONNECTED].amber or 0) * 1000
    lost = sum(_is_lost(seat, picture.now_ms - patience_ms) for seat in crew)
    if lost >= LEAST_LOST:
        detail = {"lost": lost, "agents": here, "branch": first.branch}
        share = round(100 * lost / here, 1)
        yield Reading(Kind.LOST_AGENTS, subject, share, team, None, detail)
    yield from _of_plan(subject, team, crew)


def _is_lost(seat: Seat, since_ms: float) -> bool:
    card = seat.card
    return (
        card.get("status", "OFFLINE") != "OFFLINE"
        and card.get("link") == "LOST"
        and (seat.lost_since or 0) <= since_ms
    )


def _of_plan(subject: Subject, team: str | None, crew: Sequence[Seat]) -> Iterator[Reading]:
    """How the figure that is furthest behind its plan stands, in % of the plan so far."""
    plan = plan_of(crew)
    done = {
        "contacts": (sum(seat.contacts for seat in crew), plan.contacts),
        "promises": (sum(seat.promises for seat in crew), plan.promises),
    }
    share = {
        name: round(100 * value / planned, 1) for name, (value, planned) in done.items() if planned
    }
    if share:
        worst = min(share, key=lambda name: share[name])
        yield Reading(Kind.TARGET_MISSED, subject, share[worst], team, None, {"plan": worst})
