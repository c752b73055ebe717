"""The chain over the trail (decision 17)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from uuid import UUID

import pytest

from app.audit.rules import Public, first_digest, link_digest, personal_digest

ROW = Public(
    id=UUID("019aaf00-0000-7000-8000-000000000001"),
    at=datetime(2026, 11, 23, 3, 10, 0, 123456, tzinfo=UTC),
    actor_id=UUID("019aaf00-0000-7000-8000-000000000002"),
    role="SUPERVISOR",
    verb="stopped",
    entity="campaign",
    entity_id="7",
)


def test_each_day_begins_on_its_own_ground() -> None:
    assert first_digest(date(2026, 11, 23)) != first_digest(date(2026, 11, 24))


@pytest.mark.parametrize(
    "changed",
    [
        {"id": UUID(int=1)},
        {"at": ROW.at + timedelta(microseconds=1)},
        {"actor_id": None},
        {"role": None},
        {"verb": "resumed"},
        {"entity": "loan"},
        {"entity_id": "8"},
    ],
)
def test_any_change_of_the_public_part_shows(changed: dict[str, object]) -> None:
    other = replace(ROW, **changed)  # type: ignore[arg-type]  # each value fits its field
    assert link_digest("a", ROW, "p") != link_digest("a", other, "p")


def test_link_stands_on_the_one_before_and_on_the_personal_part() -> None:
    assert link_digest("a", ROW, "p") != link_digest("b", ROW, "p")
    assert link_digest("a", ROW, "p") != link_digest("a", ROW, "q")


def test_zone_in_which_the_driver_tells_an_instant_does_not_matter() -> None:
    there = replace(ROW, at=ROW.at.astimezone(timezone(timedelta(hours=7))))
    assert link_digest("a", ROW, "p") == link_digest("a", there, "p")


def test_personal_part_is_salted_and_its_order_does_not_matter() -> None:
    one, two = {"x": 1, "y": "đ"}, {"y": "đ", "x": 1}
    assert personal_digest("s", one) == personal_digest("s", two)
    assert personal_digest("s", one) != personal_digest("t", one)
    assert personal_digest("s", one) != personal_digest("s", {"x": 1, "y": "d"})
