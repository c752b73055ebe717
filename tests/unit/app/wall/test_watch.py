"""What of the floor is read as alerts read it (domain.md 2.3 Alert, 6.8; ux.md 6.3)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from app.alerts.rules import Alert, Kind, Reading, Severity, Subject
from app.alerts.thresholds import settings_from
from app.wall import watch
from app.wall.hours import Hour
from app.wall.rules import Day, Seat, Shift, Trouble
from app.wall.watch import Picture
from tests.support.clock import START

NOW = 1_000_000_000
TEAM = "019aaf00-0000-7000-8000-00000000000a"


def a_seat(user: str = "u1", shift: Shift | None = None, **card: Any) -> Seat:
    known = {
        "user": user, "status": "READY", "state": "IDLE", "link": "UP",
        "since": NOW - 90_000, "status_since": NOW - 90_000, "reason": None, **card,
    }  # fmt: skip
    return Seat(user, f"Tên {user}", TEAM, "Đội Một", known, shift=shift or Shift())


def a_campaign(**card: Any) -> dict[str, Any]:
    return {
        "id": "c1", "name": "Thẻ B3", "state": "RUNNING", "because": "RATIO", "leads_left": 50,
        "stopped": False, "abandon_target_pct": 2.0, "abandon_limit_pct": 3.0, **card,
    }  # fmt: skip


def a_picture(**parts: Any) -> Picture:
    known = {
        "now_ms": NOW, "campaigns": {}, "floor": {}, "seats": [], "day": Day(),
        "settings": settings_from({}), "breaks": {"SHORT": 60, "TECH": 900}, **parts,
    }  # fmt: skip
    return Picture(**known)


def read(kind: Kind, **parts: Any) -> list[Reading]:
    return [each for each in watch.readings(a_picture(**parts)) if each.kind is kind]


def an_hour(answered: int, abandoned: int) -> Hour:
    none = (0,) * 59
    return Hour((*none, answered), (*none, answered), (*none, abandoned))


def test_abandonment_of_the_hour_is_read_from_a_hundred_live_calls_on() -> None:
    campaigns = {"c1": a_campaign()}
    assert read(Kind.ABANDONMENT, campaigns=campaigns, hours={"c1": an_hour(99, 9)}) == []
    (found,) = read(Kind.ABANDONMENT, campaigns=campaigns, hours={"c1": an_hour(200, 5)})
    assert (found.value, found.campaign, found.team) == (2.5, "c1", None)


def test_abandonment_goes_by_the_tighter_of_two_limits() -> None:
    campaigns = {"c1": a_campaign(abandon_target_pct=1.0, abandon_limit_pct=None)}
    (found,) = read(Kind.ABANDONMENT, campaigns=campaigns, hours={"c1": an_hour(200, 5)})
    assert found.limit is not None
    assert (found.limit.amber, found.limit.red, found.limit.margin) == (1.0, 3.0, 0.3)


def test_pops_and_faults_are_read_when_there_are_enough_of_them() -> None:
    campaigns = {"c1": a_campaign(pop={"p95": 1500, "n": 20})}
    assert read(Kind.POP_SLOW, campaigns=campaigns)[0].value == 1500
    few = {"c1": a_campaign(pop={"p95": 1500, "n": 19})}
    assert read(Kind.POP_SLOW, campaigns=few) == []
    trouble = {"c1": Trouble(ended=40, faults=4, late=3)}
    assert read(Kind.CARRIER_ERRORS, campaigns=campaigns, trouble=trouble)[0].value == 10.0
    assert read(Kind.LATE_POPS, campaigns=campaigns, trouble=trouble)[0].value == 3
    scarce = {"c1": Trouble(ended=19, faults=19, late=0)}
    assert read(Kind.CARRIER_ERRORS, campaigns=campaigns, trouble=scarce) == []


@pytest.mark.parametrize(
    ("card", "kind"),
    [
        ({"stopped": True}, Kind.CAMPAIGN_STOPPED),
        ({"state": "THROTTLED", "because": "STALE"}, Kind.CAMPAIGN_THROTTLED),
        ({"leads_left": 0}, Kind.LIST_DRY),
        ({"because": "LIST_DRY"}, Kind.LIST_DRY),
        ({"window_until": NOW + 600_000}, Kind.WINDOW_CLOSING),
    ],
)
def test_what_holds_a_campaign_up_is_read(card: dict[str, Any], kind: Kind) -> None:
    assert read(kind, campaigns={"c1": a_campaign()}) == []
    assert len(read(kind, campaigns={"c1": a_campaign(**card)})) == 1


def test_a_floor_that_is_stopped_is_one_alert_and_not_each_campaigns() -> None:
    campaigns = {"c1": a_campaign(stopped=True), "c2": a_campaign(id="c2", stopped=True)}
    (found,) = read(
        Kind.CAMPAIGN_STOPPED, campaigns=campaigns, floor={"dialing_stopped": True, "now": NOW}
    )
    assert found.subject.kind == "floor"


def test_the_dialers_silence_is_read_in_seconds() -> None:
    (found,) = read(Kind.DIALER_STALE, floor={"stream_at": NOW - 6_500})
    assert found.value == 6.5


def test_an_agents_own_trouble_is_read_with_his_team() -> None:
    (over,) = read(Kind.WRAP_OVER, seats=[a_seat(state="WRAP_OVER")])
    assert (over.value, over.team, over.subject.name) == (90.0, TEAM, "Tên u1")
    (late,) = read(Kind.BREAK_OVER, seats=[a_seat(status="PAUSED", reason="SHORT")])
    assert (late.value, late.detail["reason"]) == (30.0, "SHORT")
    (tech,) = read(Kind.TECH_BREAK, seats=[a_seat(status="PAUSED", reason="TECH")])
    assert tech.value == 90.0
    (call,) = read(Kind.HELP, seats=[a_seat(help_since=NOW - 5_000, help_reason="RUDE")])
    assert (call.value, call.detail["reason"]) == (5.0, "RUDE")


@pytest.mark.parametrize(
    "card",
    [
        {"status": "OFFLINE", "state": "WRAP_OVER"},
        {"status": "PAUSED", "reason": "SHORT", "state": "IN_CALL"},
        {"status": "PAUSED", "reason": "GONE"},
        {},
    ],
)
def test_nothing_is_read_of_who_is_away_or_at_work(card: dict[str, Any]) -> None:
    found = watch.readings(a_picture(seats=[a_seat(**card)]))
    assert [each for each in found if each.subject.kind == "agent"] == []


def test_lost_links_of_a_team_are_read_when_they_are_several_for_some_time() -> None:
    lost = [
        replace(a_seat(f"u{n}", link="LOST"), lost_since=NOW - ms)
        for n, ms in enumerate((20_000, 15_000, 2_000))
    ]
    (found,) = read(Kind.LOST_AGENTS, seats=[*lost, a_seat("u9")])
    assert (found.value, found.detail["lost"], found.detail["agents"]) == (50.0, 2, 4)
    assert read(Kind.LOST_AGENTS, seats=[lost[0], a_seat("u9")]) == []


def test_the_figure_furthest_behind_its_plan_is_read() -> None:
    ten_hours = Shift(signed_in_s=36_000)
    due = {"CONTACTS": 80, "PROMISES": 12}
    seat = replace(a_seat(shift=ten_hours), contacts=40, promises=12, targets=due)
    of_floor, of_team = read(Kind.TARGET_MISSED, seats=[seat])
    assert (of_floor.subject.kind, of_team.team) == ("floor", TEAM)
    assert (of_floor.value, of_floor.detail["plan"]) == (50.0, "contacts")
    assert read(Kind.TARGET_MISSED, seats=[a_seat()]) == []


def an_alert(**values: Any) -> Alert:
    known = {
        "id": UUID(int=1), "kind": Kind.LIST_DRY, "key": "k", "severity": Severity.CRIT,
        "subject": Subject("campaign", "c1", "Thẻ"), "first_at": START, "last_at": START,
        "read_at": START, **values,
    }  # fmt: skip
    return Alert(**known)


def test_an_alert_is_shown_to_those_whom_it_concerns() -> None:
    own = {"t1": {"c1"}, "t2": {"c2"}}
    everybody = "wall:campaigns"
    assert watch.channels_of(an_alert(campaign="c1"), own) == [everybody, "wall:campaigns:t1"]
    assert watch.channels_of(an_alert(team="t2"), own) == [everybody, "wall:campaigns:t2"]
    stale = an_alert(kind=Kind.DIALER_STALE)
    assert watch.channels_of(stale, own) == [everybody, "wall:campaigns:t1", "wall:campaigns:t2"]
    missed = an_alert(kind=Kind.TARGET_MISSED)
    assert watch.channels_of(missed, own) == [everybody]


def test_a_card_says_all_but_the_sentence() -> None:
    card = watch.alert_card(an_alert(shelved_until=START, acked_name="Linh"))
    assert card["shelved_until"] == card["first_at"] == round(START.timestamp() * 1000)
    assert (card["subject"]["name"], card["acked_by"], card["count"]) == ("Thẻ", "Linh", 1)


def test_a_tile_is_coloured_by_the_alert_that_stands() -> None:
    assert watch.levels([an_alert(key="POP_SLOW:c1")]) == {"POP_SLOW:c1": "bad"}
