"""When an alert is raised, repeats, is put aside, and is over (domain.md 5.9, ux.md 6.3)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest

from app.alerts import rules
from app.alerts.rules import Alert, Gauge, Kind, Level, Reading, Severity, State, Subject, Who
from app.alerts.thresholds import Limit, settings_from
from tests.support.clock import START

if TYPE_CHECKING:
    from collections.abc import Iterable

LIMITS = rules.limits_of(settings_from({}))
CAMPAIGN = Subject("campaign", "c1", "Thẻ B3")
LINH = Who(UUID(int=7), "Linh Trần")
MINUTE = timedelta(minutes=1)


class Feed:
    """Alerts over time, as the leader folds them."""

    def __init__(self) -> None:
        self.now = START
        self.alerts: dict[str, Alert] = {}
        self._ids = 0

    def new_id(self) -> UUID:
        self._ids += 1
        return UUID(int=self._ids)

    def fold(self, *readings: Reading, after: timedelta = timedelta(seconds=1)) -> list[Alert]:
        self.now += after
        changed = rules.fold(self.alerts.values(), readings, LIMITS, self.now, self.new_id)
        self.alerts.update({alert.key: alert for alert in changed})
        return list(changed)

    @property
    def one(self) -> Alert:
        (alert,) = self.alerts.values()
        return alert

    def put(self, alert: Alert | None) -> None:
        assert alert is not None
        self.alerts[alert.key] = alert


def abandonment(pct: float) -> Reading:
    return Reading(Kind.ABANDONMENT, CAMPAIGN, pct, None, "c1")


def left_over(agents: Iterable[int], team: str = "t1", over_s: float = 90) -> list[Reading]:
    return [
        Reading(
            Kind.WRAP_OVER, Subject("agent", f"u{n}", f"Tên {n}"), over_s + n, team, None,
            {"team": "Đội Một"},
        )
        for n in agents
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("value", "level"),
    [(1.99, Level.OK), (2.0, Level.AMBER), (2.99, Level.AMBER), (3.0, Level.RED)],
)
def test_a_limit_is_reached_when_it_is_touched(value: float, level: Level) -> None:
    assert rules.level_of(value, LIMITS[Kind.ABANDONMENT]) is level


@pytest.mark.parametrize(("value", "level"), [(98.1, Level.OK), (98, Level.AMBER), (90, Level.RED)])
def test_a_limit_that_falls_is_reached_from_above(value: float, level: Level) -> None:
    assert rules.level_of(value, LIMITS[Kind.TARGET_MISSED]) is level


def test_a_level_rises_at_once_and_falls_past_its_margin_for_its_time() -> None:
    limit = Limit(2.0, 3.0, margin=0.3, hold_s=120)
    red = rules.gauge(Gauge(), 3.1, limit, START)
    assert red == Gauge(Level.RED)
    near = rules.gauge(red, 2.8, limit, START)  # below 3, within the margin
    assert near == Gauge(Level.RED)
    calm = rules.gauge(near, 2.6, limit, START)
    assert calm == Gauge(Level.RED, START)
    assert rules.gauge(calm, 2.6, limit, START + 2 * MINUTE) == Gauge(Level.AMBER)
    assert rules.gauge(calm, 2.8, limit, START + MINUTE) == Gauge(Level.RED), "begins anew"
    assert rules.gauge(calm, None, limit, START + 2 * MINUTE) == Gauge(Level.OK)


def test_an_alert_is_raised_grows_worse_and_is_over_by_itself() -> None:
    feed = Feed()
    assert feed.fold(abandonment(1.0)) == []
    feed.fold(abandonment(2.4))
    assert (feed.one.severity, feed.one.state, feed.one.count) == (Severity.WARN, State.ACTIVE, 1)
    feed.fold(abandonment(3.2))
    assert feed.one.severity is Severity.CRIT
    feed.fold(abandonment(1.0))
    assert feed.one.is_open
    feed.fold(abandonment(1.0), after=2 * MINUTE)
    assert (feed.one.state, feed.one.cleared_at) == (State.CLEARED, feed.now)


def test_the_same_condition_again_is_the_same_alert_once_more() -> None:
    feed = Feed()
    feed.fold(abandonment(2.4))
    first = feed.one
    feed.fold()
    feed.fold(after=2 * MINUTE)
    assert not feed.one.is_open
    feed.fold(abandonment(2.5))
    assert (feed.one.id, feed.one.count, feed.one.state) == (first.id, 2, State.ACTIVE)
    assert feed.one.first_at == first.first_at
    feed.fold()
    feed.fold(after=2 * MINUTE)
    feed.fold(abandonment(2.5), after=10 * MINUTE)
    assert (feed.one.id == first.id, feed.one.count) == (False, 1)


def test_acknowledged_it_is_silent_until_it_is_worse() -> None:
    feed = Feed()
    feed.fold(abandonment(2.4))
    feed.put(rules.acknowledged(feed.one, LINH, feed.now))
    feed.fold(abandonment(2.5))
    assert (feed.one.state, feed.one.acked_name) == (State.ACKED, "Linh Trần")
    assert rules.acknowledged(feed.one, LINH, feed.now + MINUTE) == feed.one
    feed.fold(abandonment(3.4))
    assert (feed.one.state, feed.one.severity) == (State.ACTIVE, Severity.CRIT)


def test_put_aside_it_comes_back_at_its_time_and_not_before() -> None:
    feed = Feed()
    feed.fold(abandonment(2.4))
    feed.put(rules.shelved(feed.one, 15, LINH, feed.now))
    feed.fold(abandonment(3.4), after=14 * MINUTE)
    assert feed.one.state is State.SHELVED
    feed.fold(abandonment(2.4), after=MINUTE)
    assert (feed.one.state, feed.one.shelved_until) == (State.ACTIVE, None)


def test_put_aside_it_stays_so_when_it_repeats_meanwhile() -> None:
    feed = Feed()
    feed.fold(abandonment(2.4))
    feed.put(rules.shelved(feed.one, 30, LINH, feed.now))
    feed.fold()
    feed.fold(after=2 * MINUTE)
    assert not feed.one.is_open
    feed.fold(abandonment(2.4))
    assert (feed.one.state, feed.one.count) == (State.SHELVED, 2)


def test_what_is_over_can_be_handled_no_more() -> None:
    feed = Feed()
    feed.fold(abandonment(2.4))
    feed.fold()
    feed.fold(after=2 * MINUTE)
    assert rules.acknowledged(feed.one, LINH, feed.now) is None
    assert rules.shelved(feed.one, 15, LINH, feed.now) is None


def test_a_value_that_wanders_is_written_every_ten_seconds_only() -> None:
    feed = Feed()
    feed.fold(abandonment(2.4))
    assert feed.fold(abandonment(2.5)) == []
    assert feed.fold(abandonment(2.6), after=timedelta(seconds=10))[0].value == 2.6
    assert feed.fold(abandonment(2.6), after=MINUTE) == []


def test_a_crowd_with_one_trouble_is_one_alert_of_its_team() -> None:
    feed = Feed()
    feed.fold(*left_over(range(5)))
    assert len([alert for alert in feed.alerts.values() if alert.is_open]) == 5
    feed.fold(*left_over(range(7)), *left_over([20], "t2"))
    standing = {alert.key: alert for alert in feed.alerts.values() if alert.is_open}
    assert set(standing) == {"WRAP_OVER:t1", "WRAP_OVER:u20"}
    crowd = standing["WRAP_OVER:t1"]
    assert (crowd.subject.name, crowd.detail["agents"], crowd.value) == ("Đội Một", 7, 96)
    feed.fold(*left_over(range(3)))
    assert feed.alerts["WRAP_OVER:t1"].is_open
    feed.fold(*left_over(range(2)))
    left = {alert.key for alert in feed.alerts.values() if alert.is_open}
    assert left == {"WRAP_OVER:u0", "WRAP_OVER:u1"}


def test_calls_for_help_are_never_one_of_many() -> None:
    calls = [Reading(Kind.HELP, Subject("agent", f"u{n}"), 1, "t1") for n in range(9)]
    feed = Feed()
    assert len(feed.fold(*calls)) == 9


def test_help_that_nobody_brings_grows_loud_after_a_minute() -> None:
    feed = Feed()
    severities = []
    for waited in (1, 60):
        feed.fold(Reading(Kind.HELP, Subject("agent", "u1"), waited, "t1"))
        severities.append(feed.one.severity)
    assert severities == [Severity.WARN, Severity.CRIT]


def test_something_that_happened_is_over_when_nothing_like_it_came_for_an_hour() -> None:
    reading = Reading(Kind.LEFT_OVER, Subject("agent", "u1"), 1, "t1")
    feed = Feed()
    feed.put(rules.happened(None, reading, feed.now, feed.new_id))
    feed.put(rules.happened(feed.one, reading, feed.now, feed.new_id))
    assert feed.one.count == 2
    assert feed.fold(after=59 * MINUTE) == []
    feed.fold(after=MINUTE)
    assert not feed.one.is_open
    feed.put(rules.happened(feed.one, reading, feed.now + 11 * MINUTE, feed.new_id))
    assert feed.one.count == 1


@pytest.mark.parametrize(
    ("kind", "loud"),
    [
        (Kind.ABANDONMENT, (Severity.WARN, Severity.CRIT)),
        (Kind.TARGET_MISSED, (Severity.INFO, Severity.WARN)),
    ],
)
def test_how_loud_a_kind_is(kind: Kind, loud: tuple[Severity, Severity]) -> None:
    assert (rules.severity_of(kind, Level.AMBER), rules.severity_of(kind, Level.RED)) == loud


def test_every_kind_has_its_limit() -> None:
    assert set(LIMITS) == set(Kind)
    assert all(isinstance(limit, Limit) for limit in LIMITS.values())


def test_a_reading_may_bring_a_tighter_limit() -> None:
    reading: Any = Reading(Kind.ABANDONMENT, CAMPAIGN, 1.5, None, "c1", {}, Limit(1.0, 1.4))
    feed = Feed()
    feed.fold(reading)
    assert feed.one.severity is Severity.CRIT


def test_an_alert_of_now_is_open_since_its_first_reading() -> None:
    feed = Feed()
    feed.fold(abandonment(2.4))
    assert isinstance(feed.one.first_at, datetime)
    assert feed.one.first_at == feed.one.last_at == feed.now
    assert rules.level_in(feed.one) is Level.AMBER
