"""What the walls show and what of it changed (ux.md 6; check WB2: sums equal the lists)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from app.wall import rules
from app.wall.rules import Day, Seat, Shift, busy_told


def a_seat(user: str = "u1", team: str | None = "t1", **card: Any) -> Seat:
    known = {"user": user, "status": "READY", "state": "IDLE", "link": "UP", **card}
    return Seat(user, f"Tên {user}", team, f"Đội {team}" if team else None, known, 3, 1)


@pytest.mark.parametrize(
    ("card", "group"),
    [
        ({}, "ready"),
        ({"status": "PAUSED"}, "paused"),
        ({"status": "NOT_READY"}, "paused"),
        ({"link": "LOST"}, "lost"),
        ({"voice": "LOST"}, "lost"),
        ({"voice": "LOST", "status": "NOT_READY"}, "paused"),
        ({"voice": "LOST", "state": "IN_CALL"}, "in_call"),
        ({"state": "IN_CALL"}, "in_call"),
        ({"state": "HELD", "link": "LOST"}, "in_call"),
        ({"state": "RESERVED"}, "in_call"),
        ({"state": "WRAP_UP"}, "wrap_up"),
        ({"state": "WRAP_OVER", "link": "LOST"}, "wrap_up"),
    ],
)
def test_agent_is_counted_once_where_the_dialer_counts_him(
    card: dict[str, Any], group: str
) -> None:
    counted = rules.counts([a_seat(**card).card])
    assert counted.pop("total") == 1
    assert {name for name, count in counted.items() if count} == {group}


def test_agent_who_is_offline_or_unknown_is_not_counted() -> None:
    assert rules.counts([a_seat(status="OFFLINE").card, {}])["total"] == 0


def test_team_card_sums_what_the_list_shows() -> None:
    crew = [a_seat("u1"), a_seat("u2", state="IN_CALL"), a_seat("u3", status="PAUSED")]
    card = rules.team_card("t1", crew, Day())
    assert card["agents"] == {
        "ready": 1,
        "in_call": 1,
        "wrap_up": 0,
        "paused": 1,
        "lost": 0,
        "total": 3,
    }
    assert (card["name"], card["calls"], card["promises"]) == ("Đội t1", 9, 3)


def test_team_channel_holds_its_own_agents_and_who_has_no_team_is_seen_with_the_whole_floor() -> (
    None
):
    shown = rules.cards({}, {}, [a_seat("u1"), a_seat("u2", "t2"), a_seat("u3", None)], Day())
    assert set(shown["wall:team:t1"]) == {"agent:u1"}
    assert set(shown["wall:team:t2"]) == {"agent:u2"}
    assert set(shown["wall:all"]) == {"team:t1", "team:t2"}
    assert set(shown["wall:agents"]) == {"agent:u3"}  # teams' own are added where they are encoded


def test_promises_of_a_campaign_and_of_the_floor_come_from_the_books() -> None:
    day = Day(promises=5, promised_minor=9_000_000, by_campaign={"c1": 4})
    campaigns = {"c1": {"id": "c1", "promises": 0}, "c2": {"id": "c2", "promises": 9}}
    shown = rules.cards(campaigns, {"now": 1, "promises": 0}, [], day)["wall:campaigns"]
    assert shown["campaign:c1"]["promises"] == 4
    assert shown["campaign:c2"]["promises"] == 0
    floor = shown["floor"]
    assert (floor["now"], floor["agents"]) == (1, dict.fromkeys(rules.GROUPS, 0))
    assert (floor["promises"], floor["promised_minor"], floor["currency"]) == (5, 9_000_000, "VND")


def test_floor_counts_the_agents_that_the_lists_show() -> None:
    seats = [a_seat("u1"), a_seat("u2", "t2", state="IN_CALL")]
    shown = rules.cards({}, {"now": 1, "agents": {"total": 99}}, seats, Day())
    floor, teams = shown["wall:campaigns"]["floor"], shown["wall:all"].values()
    for group in rules.GROUPS:
        assert floor["agents"][group] == sum(team["agents"][group] for team in teams)


def test_floor_is_not_shown_before_the_dialer_has_spoken() -> None:
    assert rules.cards({}, {}, [], Day())["wall:campaigns"] == {}


def test_agent_the_dialer_does_not_know_yet_is_shown_offline_with_his_name() -> None:
    card = rules.agent_card(Seat("u1", "Lan", "t1", "Đội", {}))
    assert (card["user"], card["status"], card["name"]) == ("u1", "OFFLINE", "Lan")
    assert card["team"] == {"id": "t1", "name": "Đội", "branch": None}


def test_lead_sees_his_teams_campaigns_with_his_own_agents_and_money() -> None:
    crew = [a_seat("u1"), a_seat("u2", state="IN_CALL"), a_seat("u3", "t2", status="PAUSED")]
    campaigns = {
        "c1": {"id": "c1", "agents": {"total": 99}, "dialed": 5, "answered": 3, "abandoned": None},
        "c2": {"id": "c2", "agents": {"total": 99}, "dialed": 7},
    }
    day = Day(
        promises=9,
        promised_minor=9_000,
        by_campaign={"c1": 4},
        minor_by_user={"u1": 100, "u3": 7},
        campaigns_of={"t1": {"c1", "gone"}, "t9": {"c2"}},
    )
    shown = rules.cards(campaigns, {"now": 1, "dialing_stopped": True}, crew, day)
    mine = shown["wall:campaigns:t1"]
    assert set(mine) == {"campaign:c1", "floor", "team:t1"}
    assert mine["campaign:c1"]["agents"]["total"] == 2
    assert mine["campaign:c1"]["promises"] == 4
    floor = mine["floor"]
    assert (floor["agents"]["total"], floor["dialed"], floor["abandoned"]) == (2, 5, 0)
    assert (floor["promises"], floor["promised_minor"]) == (2, 100)
    assert floor["dialing_stopped"]
    assert set(shown["wall:campaigns:t9"]) == {"campaign:c2", "floor"}
    assert "wall:campaigns:t2" not in shown


def test_lead_is_shown_no_floor_before_the_dialer_has_spoken() -> None:
    shown = rules.cards({}, {}, [], Day(campaigns_of={"t1": {"c1"}}))
    assert shown["wall:campaigns:t1"] == {}


def test_round_trip_is_told_again_only_when_it_says_something_new() -> None:
    assert rules.steady_trip(None, 12) == 12
    assert [rules.steady_trip(12, now) for now in (2, 22)] == [12, 12]
    assert rules.steady_trip(12, 23) == 23
    assert rules.steady_trip(400, 320) == 400
    assert rules.steady_trip(400, 280) == 280


def test_only_what_changed_is_told_and_what_is_gone_is_removed() -> None:
    before = {"a": {"x": b"1", "y": b"1"}, "b": {"z": b"1"}, "gone": {"k": b"1"}}
    after = {"a": {"x": b"1", "y": b"2", "new": b"3"}, "b": {"z": b"1"}}
    told = dict(rules.changes(before, after))
    assert told == {"a": [("y", b"2"), ("new", b"3")], "gone": [("k", None)]}
    assert rules.changes(after, after) == []
    assert dict(rules.changes({"a": {"x": b"1"}}, {"a": {}})) == {"a": [("x", None)]}


def test_an_agents_own_day_holds_his_money_only() -> None:
    seat = Seat("u1", "Minh", None, None, {}, calls=7, promises=2, contacts=4)
    day = Day(promises=9, promised_minor=900, currency="VND", minor_by_user={"u1": 300, "u2": 600})
    assert rules.stats_card(seat, day) == {
        "calls": 7, "contacts": 4, "promises": 2, "promised_minor": 300, "currency": "VND",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("beat_at", "up", "told"), [(10_000, True, None), (6_500, True, None), (6_499, False, 6_499)]
)
def test_a_dialer_is_away_once_it_was_silent_for_longer_than_a_take_over(
    beat_at: int, *, up: bool, told: int | None
) -> None:
    assert rules.dialer_card({"now": beat_at}, 10_000) == {"up": up, "beat_at": told}


def test_a_dialer_that_never_spoke_is_away() -> None:
    assert rules.dialer_card({}, 10_000) == {"up": False, "beat_at": None}


def test_a_call_for_help_stands_on_the_row_until_it_is_over() -> None:
    asked = rules.help_told({"since": 7, "reason": "ABUSIVE", "by": None})
    assert asked == {"help_since": 7, "help_reason": "ABUSIVE", "help_by": None}
    assert rules.help_of({"state": "IN_CALL", **asked}) == asked
    assert set(rules.help_told(None).values()) == {None}


def a_worker(user: str, hours: float, **card: Any) -> Seat:
    targets = {"CONTACTS": 32, "PROMISES": 8, "COLLECTED": 80_000_000}
    shift = rules.Shift(signed_in_s=hours * 3600)
    return replace(a_seat(user, **card), shift=shift, targets=targets)


def test_plan_is_the_targets_for_the_time_at_work() -> None:
    plan = rules.plan_of([a_worker(f"u{n}", 2) for n in range(5)])
    assert (plan.contacts_hour, plan.contacts, plan.promises) == (20, 40, 10)
    assert plan.collected_minor == 100_000_000


def test_who_is_on_a_break_is_not_expected_this_hour_but_was_before() -> None:
    crew = [a_worker("u1", 4), a_worker("u2", 4), a_worker("u3", 4, status="PAUSED")]
    plan = rules.plan_of(crew)
    assert (plan.contacts_hour, plan.contacts) == (None, 48)


def test_nothing_is_held_against_a_plan_that_is_too_small_yet() -> None:
    plan = rules.plan_of([a_worker("u1", 0.5)])
    assert set(vars_of(plan)) == {None}


def vars_of(plan: rules.Plan) -> list[int | None]:
    return [plan.contacts_hour, plan.contacts, plan.promises, plan.collected_minor]


def test_time_is_counted_by_what_an_agent_does() -> None:
    spans = (("IN_CALL", 600), ("IDLE", 200), ("WRAP_UP", 200))
    shift = rules.Shift()
    for state, seconds in spans:
        shift += rules.spent({"status": "READY", "state": state, "link": "UP"}, seconds)
    shift += rules.spent({"status": "PAUSED", "state": "IDLE", "link": "UP"}, 500)
    shift += rules.spent({"status": "OFFLINE", "state": "IDLE"}, 900)
    assert (shift.signed_in_s, shift.busy_s, shift.paused_s) == (1500, 800, 500)
    assert (shift.at_work_s, shift.occupancy) == (1000, 80)
    assert rules.Shift(signed_in_s=59).occupancy is None


def test_how_busy_somebody_is_is_told_when_he_does_something_else_or_after_a_minute() -> None:
    # Each second of an early day moves everybody by a point: the whole floor would be sent each second.
    shift, card = Shift(signed_in_s=100, busy_s=50), {"since": 1, "status_since": 1}
    told = busy_told(None, shift, card, 0)
    assert told.occupancy == 50
    later = Shift(signed_in_s=120, busy_s=70)
    assert busy_told(told, later, card, 59_999) is told
    assert busy_told(told, later, card, 60_000).occupancy == 58
    assert busy_told(told, later, card | {"since": 2}, 20_000).occupancy == 58
