"""The tree of domain section 4: three layers, stable codes, keys, needs and effects."""

from dataclasses import replace

import pytest

from app.accounts.rules import HoldKind
from app.calls.rules import DISPOSITION_CAUSES, Cause
from app.customers.rules import Verification
from app.history.dispositions import (
    LAYER_1,
    LAYER_2,
    LEAVES,
    TREE,
    Chooser,
    Leaf,
    Tree,
    leaf,
    missing,
    quick_outcomes,
    selectable,
    system_leaf,
)
from app.history.effects import Hold, HoldUntil, MarkNumber, Need, NoRedial, RetryAfter


def the(code: str) -> Leaf:
    found = leaf(code)
    assert found is not None
    return found


@pytest.mark.req("S1-008", "S1-009")
def test_every_outcome_has_exactly_three_layers() -> None:
    for found in LEAVES:
        assert len(TREE.path_codes(found)) == 3
        assert all(TREE.path(found, "vi"))
        assert all(TREE.path(found, "en"))


@pytest.mark.req("S1-010", "S1-012", "S1-016")
@pytest.mark.parametrize(
    ("code", "path"),
    [
        ("PTP_SCHEDULED", ("Contacted", "Promise to Pay", "Payment Scheduled")),
        ("PTP_PAID", ("Contacted", "Promise to Pay", "Payment Completed")),
        ("DISPUTE_ESCALATED", ("Contacted", "Dispute", "Escalated")),
        ("CALLBACK_SCHEDULED", ("Contacted", "Call Back", "Callback Scheduled")),
        ("NO_ANSWER_UNREACHABLE", ("Not Contacted", "No Answer", "Unreachable")),
        ("PROMISE_RUNNING", ("Pending", "Awaiting Payment", "Promise Running")),
    ],
)
def test_the_paths_of_the_seed_exist(code: str, path: tuple[str, str, str]) -> None:
    assert TREE.path(the(code), "en") == path


def test_the_codes_of_version_one_are_these_for_ever() -> None:
    """A code that disappears or changes its place here breaks every report on old rows."""
    assert {found.code: found.parent for found in LEAVES} == {
        "PTP_SCHEDULED": "PROMISE_TO_PAY",
        "PTP_PARTIAL": "PROMISE_TO_PAY",
        "PTP_PLAN": "PROMISE_TO_PAY",
        "PTP_PAID": "PROMISE_TO_PAY",
        "PAID_PROOF": "ALREADY_PAID",
        "PAID_TO_VERIFY": "ALREADY_PAID",
        "CALLBACK_SCHEDULED": "CALL_BACK",
        "CALLBACK_BAND": "CALL_BACK",
        "DISPUTE_OPENED": "DISPUTE",
        "DISPUTE_ESCALATED": "DISPUTE",
        "HARDSHIP_REVIEW": "HARDSHIP",
        "HARDSHIP_RESTRUCTURE": "HARDSHIP",
        "REFUSED": "REFUSE_TO_PAY",
        "REFUSED_ESCALATED": "REFUSE_TO_PAY",
        "REFUSED_LEGAL": "REFUSE_TO_PAY",
        "THIRD_PARTY_MESSAGE": "THIRD_PARTY",
        "THIRD_PARTY_STOP": "THIRD_PARTY",
        "COMPLAINT_LOGGED": "COMPLAINT",
        "LANGUAGE_TRANSFERRED": "LANGUAGE",
        "LANGUAGE_CALLBACK": "LANGUAGE",
        "HUNG_UP_BEFORE_ID": "HUNG_UP",
        "HUNG_UP_AFTER_ID": "HUNG_UP",
        "DECEASED_DOCUMENTS": "DECEASED",
        "NO_ANSWER_RETRY": "NO_ANSWER",
        "NO_ANSWER_UNREACHABLE": "NO_ANSWER",
        "BUSY_RETRY": "BUSY",
        "SWITCHED_OFF_RETRY": "SWITCHED_OFF",
        "SWITCHED_OFF_UNREACHABLE": "SWITCHED_OFF",
        "MACHINE_NO_MESSAGE": "MACHINE",
        "WRONG_NUMBER_INVALID": "WRONG_NUMBER",
        "WRONG_NUMBER_TRACE": "WRONG_NUMBER",
        "NOT_IN_SERVICE_INVALID": "NOT_IN_SERVICE",
        "NOT_IN_SERVICE_TRACE": "NOT_IN_SERVICE",
        "ABANDONED_MESSAGE": "ABANDONED",
        "FAILURE_RETRY": "TECHNICAL_FAILURE",
        "REMINDER_PLAYED": "REMINDER",
        "REMINDER_CUT_SHORT": "REMINDER",
        "SETTLEMENT_RUNNING": "AWAITING_PAYMENT",
        "PROMISE_RUNNING": "AWAITING_PAYMENT",
        "DOCUMENTS_REQUESTED": "AWAITING_DOCUMENTS",
        "REVIEW_DISPUTE": "UNDER_REVIEW",
        "REVIEW_HARDSHIP": "UNDER_REVIEW",
        "REVIEW_REFERRAL": "UNDER_REVIEW",
        "TRACE_STARTED": "TRACE",
        "TRACE_FOUND": "TRACE",
        "TRACE_FAILED": "TRACE",
        "POSTPONED_BY_COLLECTOR": "POSTPONED",
        "NOT_DISPOSED_COMPLETED": "NOT_DISPOSED",
    }


@pytest.mark.req("S0b-031")
def test_the_buttons_are_the_ten_digits_and_nought_depends_on_the_mode() -> None:
    auto = quick_outcomes("AUTO")
    manual = quick_outcomes("MANUAL")

    assert [key for key, _ in auto] == [key for key, _ in manual] == list("1234567890")
    assert auto[0][1].code == "PTP_SCHEDULED"
    assert auto[-1][1].code == "WRONG_NUMBER_INVALID"
    assert manual[-1][1].code == "NO_ANSWER_RETRY"


def test_a_button_has_a_short_word_and_another_leaf_its_own() -> None:
    assert the("PTP_SCHEDULED").quick("vi") == "Hứa trả"
    assert the("PTP_SCHEDULED").quick("en") == "Promise to pay"
    assert the("PTP_PARTIAL").quick("en") == "Partial Payment Scheduled"


def test_only_the_system_sets_the_outcomes_of_the_system() -> None:
    system = {found.code for found in LEAVES if found.system_only}

    assert system == {
        "ABANDONED_MESSAGE",
        "FAILURE_RETRY",
        "REMINDER_PLAYED",
        "REMINDER_CUT_SHORT",
        "SETTLEMENT_RUNNING",
        "PROMISE_RUNNING",
        "REVIEW_DISPUTE",
    }
    assert not system & {found.code for found in selectable()}


def test_a_lead_may_choose_more_than_an_agent() -> None:
    more = set(selectable(chooser=Chooser.LEAD)) - set(selectable())

    assert {found.code for found in more} == {
        "REVIEW_HARDSHIP",
        "REVIEW_REFERRAL",
        "NOT_DISPOSED_COMPLETED",
    }


def test_right_party_contact_is_known_for_every_call() -> None:
    assert the("PTP_SCHEDULED").rpc is True
    assert the("THIRD_PARTY_MESSAGE").rpc is False
    assert the("PROMISE_RUNNING").rpc is None


@pytest.mark.req("S0b-012")
def test_what_the_form_lacks_is_named_in_its_order() -> None:
    partial = the("PTP_PARTIAL")

    assert missing(partial, []) == (Need.PROMISE, Need.NEXT_STEP)
    assert missing(partial, ["promise"]) == (Need.NEXT_STEP,)
    assert missing(partial, ["promise", "next_step"]) == ()


@pytest.mark.req("S1-039")
def test_a_dispute_and_a_promise_hold_the_customer() -> None:
    assert Hold(HoldKind.DISPUTE_HOLD, until=HoldUntil.RELEASED) in the("DISPUTE_OPENED").effects
    assert (
        Hold(HoldKind.PROMISE_RUNNING, until=HoldUntil.PROMISE_GRACE)
        in the("PTP_SCHEDULED").effects
    )


@pytest.mark.parametrize(
    ("code", "seconds"),
    [
        ("NO_ANSWER_RETRY", 7200),
        ("BUSY_RETRY", 1200),
        ("SWITCHED_OFF_RETRY", 14400),
        ("MACHINE_NO_MESSAGE", 14400),
        ("FAILURE_RETRY", 600),
    ],
)
def test_retries_wait_as_the_tree_says(code: str, seconds: int) -> None:
    assert RetryAfter(seconds) in the(code).effects


def test_numbers_are_marked_by_what_was_heard() -> None:
    assert MarkNumber(Verification.WRONG_PARTY) in the("WRONG_NUMBER_INVALID").effects
    assert MarkNumber(Verification.INVALID) in the("NOT_IN_SERVICE_INVALID").effects
    assert MarkNumber(Verification.DO_NOT_CONTACT) in the("THIRD_PARTY_STOP").effects


def test_an_abandoned_call_is_not_redialled_for_72_hours() -> None:
    assert NoRedial(72 * 3600) in the("ABANDONED_MESSAGE").effects


def test_every_call_without_an_agent_gets_an_outcome_of_the_system() -> None:
    for cause in Cause:
        found = system_leaf(cause)
        assert (found is None) is (cause in DISPOSITION_CAUSES)


def test_a_leaf_out_of_use_stays_readable_and_cannot_be_chosen() -> None:
    old = replace(the("CALLBACK_BAND"), active=False)
    tree = Tree(2, LAYER_1, LAYER_2, (*(x for x in LEAVES if x.code != old.code), old))

    assert leaf("CALLBACK_BAND", tree) == old
    assert old not in selectable(tree)


def test_an_unknown_code_is_no_outcome() -> None:
    assert leaf("NOPE") is None
