"""Which answer holds: what was stored first, the campaign's own record next, and only then what is derived."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from app.compliance.profiles import Rule
from app.compliance.rules import ALLOWED, Verdict
from app.explain.rules import Asked, Membership, Why, called, of_record, of_verdict

AT = datetime(2026, 11, 23, 3, 10, tzinfo=UTC)
HOUR = timedelta(hours=1)
CARDS = UUID(int=1)
CALL = Asked(
    at=AT - HOUR, campaign_id=CARDS, campaign="Cards", channel="CALL", allowed=True, rule=None,
    source=None, until=None, number="+84912345678", result="NO_ANSWER", leaf=None, connected_at=None,
    ended_at=AT - HOUR + timedelta(seconds=25),
)  # fmt: skip
NO = replace(
    CALL, allowed=False, rule="DAILY_CAP", source="Circular", until=AT + HOUR, ended_at=None
)
MEMBER = Membership(
    campaign_id=CARDS, campaign="Cards", since=AT - 9 * HOUR, state="RUNNING", stopped=False,
    lead_state="RETRY", next_at=AT - timedelta(minutes=1), last_result="NO_ANSWER", exclude_reason=None,
)  # fmt: skip


def why(member: Membership, *trail: Asked) -> Why | None:
    reason = of_record(member, trail, AT)
    return None if reason is None else reason.why


def test_a_call_of_that_minute_or_one_that_was_going_on_is_the_answer() -> None:
    later = replace(CALL, at=AT + timedelta(seconds=40), ended_at=AT + HOUR)
    going_on = replace(CALL, ended_at=AT + HOUR)

    assert called([later], AT) is later
    assert called([going_on], AT) is going_on
    assert called([CALL], AT) is None
    assert called([NO], AT) is None
    assert called([replace(CALL, at=AT + timedelta(minutes=1))], AT) is None


def test_a_refusal_answers_while_it_is_in_force() -> None:
    assert why(MEMBER, NO) is Why.REFUSED
    assert why(MEMBER, replace(NO, until=AT)) is None
    told = of_record(MEMBER, [NO], AT)
    assert told is not None
    assert (told.rule, told.source, told.until, told.derived) == (
        "DAILY_CAP", "Circular", AT + HOUR, False,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("rule", "age", "stands"),
    [
        (Rule.DNC, 800 * HOUR, True),
        (Rule.LEGAL, 23 * HOUR, True),
        (Rule.LEGAL, 25 * HOUR, False),  # asked again next day
        (Rule.LOCKED, timedelta(seconds=30), True),
        (Rule.LOCKED, timedelta(minutes=2), False),
    ],
)
def test_a_refusal_without_an_end_stands_until_it_would_be_asked_again(
    rule: Rule, age: timedelta, *, stands: bool
) -> None:
    assert replace(NO, at=AT - age, rule=rule, until=None).stands(AT) is stands


def test_a_refusal_is_over_when_the_campaign_has_called_since() -> None:
    assert why(MEMBER, CALL, replace(NO, at=AT - 2 * HOUR)) is None


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"state": "PAUSED"}, Why.NOT_RUNNING),
        ({"state": "DRAFT"}, Why.NOT_RUNNING),
        ({"stopped": True}, Why.STOPPED),
        ({"lead_state": "EXCLUDED", "exclude_reason": "NO_NUMBER"}, Why.EXCLUDED),
        ({"lead_state": "DONE"}, Why.DONE),
        ({"next_at": AT + HOUR}, Why.WAITING),
        ({}, None),
    ],
)
def test_without_a_verdict_the_campaign_itself_answers(
    changed: dict[str, str], expected: Why | None
) -> None:
    assert why(replace(MEMBER, **changed), CALL) is expected  # type: ignore[arg-type] # a table of fields


def test_a_lead_that_was_tried_since_says_nothing_of_then() -> None:
    tried_later = replace(CALL, at=AT + HOUR)

    assert why(replace(MEMBER, lead_state="DONE"), tried_later) is None
    assert why(replace(MEMBER, state="PAUSED"), tried_later) is Why.NOT_RUNNING


def test_what_is_worked_out_afterwards_says_so() -> None:
    refused = Verdict(allowed=False, rule=Rule.HOLIDAY, source="own policy", until=AT + HOUR)

    assert (of_verdict("Cards", refused).why, of_verdict("Cards", refused).derived) == (
        Why.WOULD_REFUSE, True,
    )  # fmt: skip
    assert of_verdict("Cards", ALLOWED).why is Why.NOT_REACHED
    assert of_verdict("Cards", None).why is Why.NO_NUMBER
