"""When a lead is tried again, for every row of domain sections 3 (causes) and 4 (outcomes)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from app.calls.rules import Cause
from app.campaigns.retries import RETRY, Again, Retry, Tried, next_try
from app.history.dispositions import LEAVES

SAIGON = ZoneInfo("Asia/Ho_Chi_Minh")
AT = datetime(2026, 11, 23, 3, 10, tzinfo=UTC)  # ten past ten there
TRIED = Tried(AT, attempts=1, zone=SAIGON)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
TOMORROW = datetime(2026, 11, 24, 1, tzinfo=UTC)  # eight in the morning there


def test_every_way_a_call_can_end_and_every_outcome_has_a_rule() -> None:
    assert set(RETRY) == set(Cause) | {leaf.code for leaf in LEAVES}


@pytest.mark.parametrize(
    ("result", "after"),
    [
        (Cause.NO_ANSWER, 2 * HOUR),
        (Cause.REMINDER_CUT, 24 * HOUR),
        ("REMINDER_CUT_SHORT", 24 * HOUR),
        (Cause.BUSY, 20 * MINUTE),
        (Cause.REJECTED, 4 * HOUR),
        (Cause.UNREACHABLE, 4 * HOUR),
        (Cause.INVALID_NUMBER, MINUTE),
        (Cause.MACHINE, 4 * HOUR),
        (Cause.ABANDONED, 72 * HOUR),
        (Cause.AGENT_LOST, 10 * MINUTE),
        (Cause.CARRIER_ERROR, 10 * MINUTE),
        (Cause.CANCELLED, 10 * MINUTE),
        ("NO_ANSWER_RETRY", 2 * HOUR),
        ("BUSY_RETRY", 20 * MINUTE),
        ("SWITCHED_OFF_RETRY", 4 * HOUR),
        ("MACHINE_NO_MESSAGE", 4 * HOUR),
        ("ABANDONED_MESSAGE", 72 * HOUR),
        ("FAILURE_RETRY", 10 * MINUTE),
        ("WRONG_NUMBER_INVALID", 10 * MINUTE),
        ("NOT_IN_SERVICE_INVALID", 10 * MINUTE),
        ("THIRD_PARTY_STOP", 10 * MINUTE),
        ("HUNG_UP_BEFORE_ID", TOMORROW - AT),
        ("HUNG_UP_AFTER_ID", TOMORROW - AT),
        ("LANGUAGE_TRANSFERRED", TOMORROW - AT),
        ("REFUSED", TOMORROW - AT),
        ("REFUSED_LEGAL", TOMORROW - AT),
        ("THIRD_PARTY_MESSAGE", TOMORROW - AT),
        ("NOT_DISPOSED_COMPLETED", TOMORROW - AT),
        ("DOCUMENTS_REQUESTED", TOMORROW - AT),  # its hold keeps the dialer away for three days
    ],
)
def test_a_lead_comes_up_again_as_its_result_says(result: str, after: timedelta) -> None:
    assert next_try(RETRY[result], TRIED) == AT + after


@pytest.mark.parametrize(
    "outcome",
    [
        Cause.COMPLETED,
        "PTP_SCHEDULED", "PTP_PARTIAL", "PTP_PLAN", "PTP_PAID",
        "PAID_PROOF", "PAID_TO_VERIFY",
        "CALLBACK_SCHEDULED", "LANGUAGE_CALLBACK", "POSTPONED_BY_COLLECTOR",
        "DISPUTE_OPENED", "DISPUTE_ESCALATED", "REVIEW_DISPUTE",
        "HARDSHIP_REVIEW", "HARDSHIP_RESTRUCTURE", "REVIEW_HARDSHIP", "REVIEW_REFERRAL",
        "REFUSED_ESCALATED", "COMPLAINT_LOGGED", "DECEASED_DOCUMENTS",
        "NO_ANSWER_UNREACHABLE", "SWITCHED_OFF_UNREACHABLE",
        "WRONG_NUMBER_TRACE", "NOT_IN_SERVICE_TRACE", "TRACE_STARTED", "TRACE_FAILED", "TRACE_FOUND",
        "SETTLEMENT_RUNNING", "PROMISE_RUNNING",
    ],
)  # fmt: skip
def test_what_somebody_else_takes_up_is_done_for_the_campaign(outcome: str) -> None:
    assert next_try(RETRY[outcome], TRIED) is None


def test_no_result_is_left_out_of_the_two_lists_above() -> None:
    waits = {result for result, rule in RETRY.items() if rule.again is not Again.DONE}
    assert len(waits) == 29 + 1  # and the band that the customer named
    assert RETRY["CALLBACK_BAND"].again is Again.IN_BAND


def test_the_named_band_is_that_of_the_customers_next_day() -> None:
    rule = RETRY["CALLBACK_BAND"]
    evening = replace(TRIED, band_hour=18)
    assert next_try(rule, evening) == datetime(2026, 11, 24, 11, tzinfo=UTC)
    assert next_try(rule, TRIED) == TOMORROW  # none was named
    there = replace(evening, zone=ZoneInfo("America/New_York"))  # still Sunday evening
    assert next_try(rule, there) == datetime(2026, 11, 23, 23, tzinfo=UTC)


def test_the_next_morning_is_eight_on_the_wall_also_when_the_clock_changes() -> None:
    york = ZoneInfo("America/New_York")
    for day, offset in (
        (datetime(2026, 3, 7, 20, tzinfo=york), 4),
        (datetime(2026, 10, 31, 20, tzinfo=york), 5),
    ):
        again = next_try(RETRY["REFUSED"], Tried(day, 1, york))
        assert again is not None
        assert (again.astimezone(york).hour, again.hour) == (8, 8 + offset)


@pytest.mark.parametrize(
    "result", [result for result, rule in RETRY.items() if rule.again is not Again.DONE]
)
def test_no_result_is_retried_for_ever(result: str) -> None:
    rule = RETRY[result]
    assert next_try(rule, replace(TRIED, attempts=rule.max_attempts - 1)) is not None
    assert next_try(rule, replace(TRIED, attempts=rule.max_attempts)) is None


def test_a_rule_says_its_own_delay() -> None:
    assert next_try(Retry(90, 2), TRIED) == AT + timedelta(seconds=90)
