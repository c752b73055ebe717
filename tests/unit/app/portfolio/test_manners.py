"""What stands on an invented customer has its history, by the outcome that told of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from app.care.rules import StatusType
from app.portfolio.invented import Invented
from app.portfolio.manners import note_manners
from tests.support.portfolio import NOW, invent

TODAY = NOW.date()


@pytest.fixture(scope="module")
def made() -> Invented:
    """A portfolio with manners noted; ids are counted."""
    made = invent()
    numbers = iter(range(1, 10**6))
    note_manners(made, lambda at: UUID(int=next(numbers)), TODAY)
    return made


def test_each_manner_hardship_and_dispute_has_one_open_row(made: Invented) -> None:
    mannered = {each["id"]: each["cooperation"] for each in made.customers if each["cooperation"]}
    assert {each["customer_id"]: each["type"] for each in made.customer_statuses} == mannered
    assert set(mannered.values()) <= set(StatusType)
    strained = [each["id"] for each in made.customers if each["hardship"]]
    assert [each["customer_id"] for each in made.hardships] == strained
    held = {each["action_id"] for each in made.holds if each["kind"] == "DISPUTE_HOLD"}
    assert {each["action_id"] for each in made.disputes} == held
    assert strained
    assert held


def test_the_source_is_the_outcome_and_the_review_lies_ahead(made: Invented) -> None:
    leaves = {action["id"]: action["leaf"] for action in made.actions}
    for each in made.hardships:
        assert leaves[each["action_id"]] == "HARDSHIP_REVIEW"
        assert each["review_on"] >= TODAY - timedelta(days=30)
    flags = [each["hardship"] for each in made.customers if each["hardship"]]
    assert [flag["review_on"] for flag in flags] == [
        each["review_on"].isoformat() for each in made.hardships
    ]


def test_what_no_outcome_told_of_is_the_banks_word() -> None:
    since = datetime(2025, 1, 1, tzinfo=UTC)
    flag: dict[str, Any] = {"since": "2025-01-01", "reason": "", "review_on": "2025-02-01"}
    bare = {"id": UUID(int=1), "cooperation": "NEW", "hardship": flag, "created_at": since}
    made = Invented(customers=[bare])
    note_manners(made, lambda at: UUID(int=at.year), TODAY)
    assert [(each["source"], each["since"]) for each in made.customer_statuses] == [
        ("IMPORT", since)
    ]
    assert [(each["source"], each["noted_at"]) for each in made.hardships] == [("IMPORT", since)]
