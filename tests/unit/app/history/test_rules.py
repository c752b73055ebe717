"""Corrections: five minutes, what is undone, what stands and why."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from app.care.rules import StatusType
from app.history.dispositions import Leaf, leaf
from app.history.effects import (
    Escalate,
    Hold,
    MarkNumber,
    OfferCallback,
    OpenDispute,
    RecordPromise,
    SetStatus,
)
from app.history.rules import CORRECTION_WINDOW, REFUSALS, Saved, correct

AT = datetime(2026, 11, 23, 3, tzinfo=UTC)


def the(code: str) -> Leaf:
    found = leaf(code)
    assert found is not None
    return found


def test_within_five_minutes_the_old_effects_are_undone_and_the_new_ones_done() -> None:
    saved = Saved(the("PTP_SCHEDULED"), AT)

    verdict = correct(saved, the("REFUSED"), AT + CORRECTION_WINDOW)

    assert verdict.allowed
    assert verdict.undo == the("PTP_SCHEDULED").effects
    assert verdict.do == the("REFUSED").effects
    assert verdict.standing == ()


@pytest.mark.parametrize(
    ("saved", "new", "rule"),
    [
        (Saved(the("REFUSED"), AT, superseded=True), the("PTP_SCHEDULED"), "SUPERSEDED"),
        (Saved(the("REFUSED"), AT - timedelta(seconds=1)), the("PTP_SCHEDULED"), "TOO_LATE"),
        (Saved(the("REFUSED"), AT), the("PROMISE_RUNNING"), "SYSTEM_ONLY"),
        (Saved(the("REFUSED"), AT), replace(the("PTP_SCHEDULED"), active=False), "NOT_IN_USE"),
    ],
)
def test_a_correction_is_refused_with_its_rule(saved: Saved, new: Leaf, rule: str) -> None:
    verdict = correct(saved, new, AT + CORRECTION_WINDOW)

    assert (verdict.allowed, verdict.rule, verdict.undo, verdict.do) == (False, rule, (), ())
    assert all(REFUSALS[rule])


def test_a_number_that_asked_not_to_be_called_stays_marked() -> None:
    verdict = correct(Saved(the("THIRD_PARTY_STOP"), AT), the("REFUSED"), AT)

    assert [type(stand.effect) for stand in verdict.standing] == [MarkNumber]
    assert "team lead" in verdict.standing[0].why_en


def test_a_wrong_number_mark_is_undone() -> None:
    verdict = correct(Saved(the("WRONG_NUMBER_INVALID"), AT), the("PTP_SCHEDULED"), AT)

    assert verdict.standing == ()


def test_the_rest_after_an_abandoned_call_is_not_undone() -> None:
    verdict = correct(Saved(the("ABANDONED_MESSAGE"), AT), the("REFUSED"), AT)

    assert "abandoned" in verdict.standing[0].why_en


def test_figures_follow_by_themselves() -> None:
    verdict = correct(Saved(the("REFUSED"), AT, acted_on=["RaiseRisk"]), the("PTP_PAID"), AT)

    assert verdict.standing == ()


def test_a_dispute_that_was_taken_up_stands_and_so_does_its_hold() -> None:
    saved = Saved(the("DISPUTE_OPENED"), AT, acted_on={"OpenDispute"})

    verdict = correct(saved, the("REFUSED"), AT)

    assert [type(stand.effect) for stand in verdict.standing] == [OpenDispute, Hold]
    assert verdict.undo == (SetStatus(StatusType.DISPUTING),)
    assert "taken this up" in verdict.standing[0].why_en


def test_a_promise_with_money_on_it_is_not_cancelled() -> None:
    saved = Saved(the("PTP_SCHEDULED"), AT, acted_on={"RecordPromise"})

    verdict = correct(saved, the("REFUSED"), AT)

    assert [type(stand.effect) for stand in verdict.standing] == [RecordPromise, Hold]
    assert [type(effect) for effect in verdict.undo] == [OfferCallback, SetStatus]
    assert "Money" in verdict.standing[0].why_en


def test_a_hold_for_a_check_of_proof_is_lifted_unless_it_was_acted_on() -> None:
    verdict = correct(Saved(the("PAID_PROOF"), AT, acted_on={"Hold"}), the("REFUSED"), AT)

    assert [type(stand.effect) for stand in verdict.standing] == [Hold]


def test_what_stands_is_not_done_a_second_time() -> None:
    saved = Saved(the("DISPUTE_ESCALATED"), AT, acted_on={"Escalate"})

    verdict = correct(saved, the("COMPLAINT_LOGGED"), AT)

    assert Escalate("SUPERVISOR") not in verdict.do
