"""Laws of alerts: one per key, never lost, never flapping, whatever comes in whatever order."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from app.alerts import rules
from app.alerts.rules import FLOOD, Alert, Gauge, Kind, Level, Reading, State, Subject, Who
from app.alerts.thresholds import Limit, settings_from
from tests.support.clock import START

LIMITS = rules.limits_of(settings_from({}))
LINH = Who(UUID(int=7), "Linh")

values = st.floats(0, 10, allow_nan=False)
steps = st.integers(1, 200).map(lambda seconds: timedelta(seconds=seconds))
limits = st.builds(
    lambda amber, gap, margin, hold, falls: (
        Limit(amber + gap, amber, margin, hold, falls=True)
        if falls
        else Limit(amber, amber + gap, margin, hold)
    ),
    st.floats(1, 5), st.floats(0, 3), st.floats(0, 2), st.integers(0, 300), st.booleans(),
)  # fmt: skip
agents = st.sets(st.integers(0, 12))
readings = st.tuples(agents, st.none() | values)
deeds = st.sampled_from(["ack", "shelve", None])


@given(limits, st.lists(st.tuples(values, steps), max_size=30))
def test_a_gauge_is_never_below_what_is_read_and_falls_only_when_it_was_calm_long_enough(
    limit: Limit, series: list[tuple[float, timedelta]]
) -> None:
    held, now = Gauge(), START
    calm_from = None
    for value, step in series:
        now += step
        before = held
        held = rules.gauge(held, value, limit, now)
        assert held.level >= rules.level_of(value, limit)
        eased = rules.level_of(value, limit, limit.margin)
        calm_from = (calm_from or now) if eased < before.level else None
        if held.level < before.level:
            assert calm_from is not None
            assert now - calm_from >= timedelta(seconds=limit.hold_s)
            assert held.level >= eased
            calm_from = None


@given(limits, values)
def test_a_gauge_without_margin_and_time_is_the_level_itself(limit: Limit, value: float) -> None:
    bare = Limit(limit.amber, limit.red, falls=limit.falls)
    for level in Level:
        assert rules.gauge(Gauge(level), value, bare, START).level is rules.level_of(value, bare)


@given(st.lists(st.tuples(readings, deeds, steps), max_size=25))
def test_alerts_over_time(
    series: list[tuple[tuple[set[int], float | None], str | None, timedelta]],
) -> None:
    alerts: dict[UUID, Alert] = {}
    ids = iter(range(1, 100_000))
    now = START
    for (late, pct), deed, step in series:
        now += step
        found = [
            Reading(Kind.WRAP_OVER, Subject("agent", f"u{n}"), 61, "t1", None, {"team": "Một"})
            for n in late
        ]
        if pct is not None:
            found.append(Reading(Kind.ABANDONMENT, Subject("campaign", "c"), pct, None, "c"))
        before = dict(alerts)
        known = {alert.key: alert for alert in alerts.values()}
        changed = rules.fold(known.values(), found, LIMITS, now, lambda: UUID(int=next(ids)))
        alerts.update({alert.id: alert for alert in changed})
        _hold_the_laws(before, alerts)
        again = rules.fold(
            {alert.key: alert for alert in alerts.values()}.values(), found, LIMITS, now,
            lambda: UUID(int=next(ids)),
        )  # fmt: skip
        assert again == (), "nothing happens twice in one instant"
        crowd = [a for a in alerts.values() if a.is_open and a.subject.kind == "agent"]
        assert len(crowd) < FLOOD
        if late:
            assert any(a.is_open and a.kind is Kind.WRAP_OVER for a in alerts.values())
        for alert in list(alerts.values()):
            handled = (
                rules.acknowledged(alert, LINH, now)
                if deed == "ack"
                else rules.shelved(alert, 15, LINH, now)
                if deed == "shelve"
                else None
            )
            if handled is not None:
                alerts[alert.id] = handled


def _hold_the_laws(before: dict[UUID, Alert], after: dict[UUID, Alert]) -> None:
    standing = [alert.key for alert in after.values() if alert.is_open]
    assert len(standing) == len(set(standing)), "one alert stands per key"
    for name, old in before.items():
        new = after[name]
        assert new.count >= old.count
        assert new.first_at == old.first_at
        if old.state is State.ACKED and new.state is State.ACTIVE:
            assert rules.level_in(new) > rules.level_in(old) or new.count > old.count
        if old.state is State.SHELVED and new.state is State.ACTIVE:
            assert old.shelved_until is not None
