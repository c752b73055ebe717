"""What the room tells its operators."""

from __future__ import annotations

import pytest
import structlog

from app.observe import Metrics
from dialer.gauges import Gauges
from tests.support.dialer import CAMPAIGN, Desk
from tests.support.dialing import Rig


class Watch:
    """Gauges over a floor that the test moves by hand."""

    def __init__(self) -> None:
        rig = Rig()
        self.metrics, self.clock = Metrics("dialer"), rig.clock
        self.desk = Desk()
        self.desk.open_campaign()
        self.effort = self.desk.floor.room.efforts[CAMPAIGN]
        self.held_until = rig.clock.now_ms() + 60_000
        tools = rig.tools(structlog.get_logger("test"), self.metrics)
        self.gauges = Gauges(self.desk.floor, tools, 7, lambda: self.held_until)

    def count(self, *lost: str, unwritten: int = 0, carrier_up: bool = True) -> None:
        self.gauges.count(set(lost), unwritten, carrier_up)

    def told(self, name: str, **labels: str) -> float | None:
        return self.metrics.registry.get_sample_value(f"paceline_{name}", labels)


@pytest.fixture
def watch() -> Watch:
    return Watch()


def test_a_lease_that_ran_out_is_told_at_the_scrape(watch: Watch) -> None:
    assert (watch.told("dialer_in_force"), watch.told("dialer_fence")) == (1, 7)
    watch.held_until = watch.clock.now_ms() - 1
    assert watch.told("dialer_in_force") == 0


def test_a_room_that_stands_still_grows_old(watch: Watch) -> None:
    watch.gauges.ticked(late_ms=40)
    first = watch.told("dialer_tick_age_seconds")
    assert first is not None
    later = watch.told("dialer_tick_age_seconds")
    assert later is not None
    assert later >= first >= 0
    assert watch.told("dialer_late_seconds_sum") == pytest.approx(0.04)


def test_what_does_not_answer_is_named(watch: Watch) -> None:
    watch.count("REDIS", unwritten=12, carrier_up=False)
    lost = {what: watch.told("dialer_lost", what=what) for what in ("REDIS", "JOURNAL", "CARRIER")}
    assert lost == {"REDIS": 1, "JOURNAL": 0, "CARRIER": 1}
    assert watch.told("journal_waiting") == 12
    watch.count()
    assert watch.told("dialer_lost", what="REDIS") == 0


def test_the_day_of_a_campaign_stands_beside_its_limit(watch: Watch) -> None:
    watch.effort.count(answered=200, abandoned=3)
    watch.count()
    campaign = str(CAMPAIGN)
    assert watch.told("answered_today", campaign=campaign) == 200
    assert watch.told("abandoned_today", campaign=campaign) == 3
    assert watch.told("abandoned_limit_ratio", campaign=campaign) == pytest.approx(0.03)


def test_counts_only_grow_also_over_midnight(watch: Watch) -> None:
    watch.effort.refused["DAILY_CAP"] = 5
    watch.effort.pops.late = 2
    watch.count()
    watch.count()
    assert watch.told("refused_dials_total", rule="DAILY_CAP") == 5
    watch.effort.begin_day(watch.effort.day, watch.effort.day_ends_at)
    watch.count()
    watch.effort.refused["DAILY_CAP"] = 3
    watch.effort.pops.late = 1
    watch.count()
    assert watch.told("refused_dials_total", rule="DAILY_CAP") == 8
    assert watch.told("pop_late_total", campaign=str(CAMPAIGN)) == 3
