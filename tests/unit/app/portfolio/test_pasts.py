"""Invented pasts hang together: promises with their money, numbers with their calls."""

from __future__ import annotations

import random
from collections import Counter

import pytest

from app.portfolio.invented import Invented, Stage
from app.portfolio.pasts import TOLERANCE_MINOR, Inventor, _count
from tests.support.portfolio import AGENT, NOW, ZONE, invent


@pytest.fixture(scope="module")
def made() -> Invented:
    return invent()


def test_promises_stand_in_every_state_and_their_money_agrees(made: Invented) -> None:
    states = Counter(promise["state"] for promise in made.promises)
    assert set(states) == {"OPEN", "KEPT", "PARTLY_KEPT", "BROKEN", "RESCHEDULED", "CANCELLED"}
    for promise in made.promises:
        required = promise["amount_minor"] - TOLERANCE_MINOR
        paid = promise["paid_in_window_minor"]
        assert promise["amount_minor"] > 0
        match promise["state"]:
            case "KEPT":
                assert paid >= required
            case "PARTLY_KEPT":
                assert 0 < paid < required
            case _:
                assert paid == 0


def test_nobody_is_called_while_a_promise_runs(made: Invented) -> None:
    held = {hold["customer_id"] for hold in made.holds if hold["kind"] == "PROMISE_RUNNING"}
    running = {promise["customer_id"] for promise in made.promises if promise["state"] == "OPEN"}
    assert held == running


def test_a_numbers_counts_are_those_of_its_calls(made: Invented) -> None:
    calls = Counter(action["phone_id"] for action in made.actions)
    for phone in made.phones:
        assert phone["attempts_180d"] == calls[phone["id"]]
        assert sum(tried for _, tried in phone["bands"].values()) == calls[phone["id"]]


def test_no_note_keeps_an_empty_field(made: Invented) -> None:
    assert not [action["note"] for action in made.actions if "{" in action["note"]]


def test_an_attempt_at_night_counts_in_no_band() -> None:
    phone = {"attempts_180d": 0, "rpc_180d": 0, "bands": {}}
    _count(phone, 3, rpc=True)
    _count(phone, 9, rpc=False)
    assert phone == {"attempts_180d": 2, "rpc_180d": 1, "bands": {"9": [0, 1]}}


def test_somebody_without_a_number_that_rings_is_not_called() -> None:
    inventor = Inventor(random.Random(1), Stage(NOW, ZONE, [AGENT]))
    customer = inventor.customer(1)
    loan = inventor.loan(customer, 1, 40)
    inventor.calls(customer, loan, inventor.case(customer, 40), [], 40)
    assert inventor.made.actions == []
